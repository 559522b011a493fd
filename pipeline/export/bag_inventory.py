"""The inventory of an archive package: one line a print, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from pipeline.export.bag_story import Story
from pipeline.export.provenance_page import Look, box_name

COLUMNS = (
    "print",
    "state",
    "title",
    "date",
    "edtf",
    "place",
    "people",
    "keywords",
    "note",
    "box",
    "scan_name",
    "scan_file",
    "back_files",
    "width_px",
    "height_px",
    "dpi_x",
    "dpi_y",
    "paper_width_mm",
    "paper_height_mm",
    "recipe",
    "changed_by",
    "digital_source_type",
    "generated_by",
    "generated_share",
    "master_file",
    "exported_files",
    "page",
    "scan_sha256",
    "print_sha256",
    "master_sha256",
)
"""The columns of inventory.csv, in order."""

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would take for a formula (OWASP, CSV injection)."""


def inventory_csv(
    stories: Sequence[Story], looks: Mapping[str, Look], objects: Mapping[str, str]
) -> bytes:
    """The table as UTF-8 with a byte order mark, lines ending as RFC 4180 wants.

    The mark is there because this table is for people: without it a widespread spreadsheet reads
    every accent wrong. A text that a spreadsheet would run as a formula gets an
    apostrophe in front.

    Args:
        stories: the prints, in order.
        looks: by print name, its pictures and size.
        objects: by digest, where each file lies in the package.
    """
    return "\ufeff".encode() + csv_bytes(
        COLUMNS, (_row(story, looks[story.name], objects) for story in stories), guarded=True
    )


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[object]], *, guarded: bool) -> bytes:
    """A table as UTF-8 (RFC 4180); `guarded` keeps spreadsheets from running its texts."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_harmless(cell) if guarded else cell for cell in row])
    return out.getvalue().encode("utf-8")


def _row(story: Story, look: Look, objects: Mapping[str, str]) -> list[object]:
    caption, item = story.caption, story.item
    dpi, paper, share = look.dpi, look.millimetres, story.generated.share
    return [
        item.row.name,
        state_of(story),
        caption.title,
        caption.date,
        caption.edtf,
        caption.place,
        "; ".join(caption.people),
        "; ".join(caption.keywords),
        caption.note,
        box_name(item.scan),
        item.scan.name,
        objects.get(item.scan.sha256, ""),
        "; ".join(objects.get(back.sha256, "") for back in item.backs),
        look.size[0],
        look.size[1],
        *(("", "") if dpi is None else (f"{dpi[0]:g}", f"{dpi[1]:g}")),
        *(("", "") if paper is None else (f"{paper[0]:.1f}", f"{paper[1]:.1f}")),
        (story.run.recipe_name or "") if story.run else "",
        "; ".join(story.changed),
        story.source_type,
        "; ".join(story.generated.models),
        "" if share is None else f"{share:.4f}",
        objects.get(story.master.sha256, "") if story.master else "",
        "; ".join(export.path for export in story.exports),
        f"{item.folder}/provenance.html",
        item.scan.sha256,
        item.row.sha256,
        story.master.sha256 if story.master else "",
    ]


def state_of(story: Story) -> str:
    """How far a print has come, in one word or two."""
    if not story.current:
        return "cut anew since"
    return "restored" if story.master else "not finished"


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTIVE) else cell
