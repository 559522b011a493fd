"""The first page of an archive package: every photograph with a small picture and its caption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from posixpath import relpath

from pipeline.export.bag_inventory import state_of
from pipeline.export.bag_story import Story
from pipeline.export.page_html import link, page, paragraph, table, text
from pipeline.export.provenance_page import Look
from pipeline.store.rows import ScanRow

INDEX = "data/index.html"


def index_page(
    description: str,
    stories: Sequence[Story],
    looks: Mapping[str, Look],
    lone_scans: Sequence[ScanRow],
    objects: Mapping[str, str],
) -> str:
    """The page `index.html`.

    Args:
        description: what the package is, in a sentence.
        stories: the prints, in order.
        looks: by print name, its pictures and size.
        lone_scans: scans of the package on which no print was found.
        objects: by digest, where each file lies in the package.
    """
    rows = [_row(story, looks[story.name], objects) for story in stories]
    head = ("Photograph", "Picture", "What is known", "How it came to be")
    return page(
        "Photographs",
        [
            "<h1>Photographs</h1>",
            paragraph(description),
            f"<p>{link('README.txt', 'How this package is read')} · "
            f"{link('inventory.csv', 'The same list for a spreadsheet')} · "
            f"{link('models.json', 'Neural networks used')}</p>",
            table(head, rows) if rows else paragraph("No photograph was found on these scans."),
            _lone(lone_scans, objects),
        ],
    )


def _row(story: Story, look: Look, objects: Mapping[str, str]) -> tuple[str, ...]:
    title = story.caption.title or story.item.scan.name
    address = _here(f"{story.item.folder}/provenance.html")
    shown = f'<img src="{text(_here(look.thumbnail))}" alt="{text(story.name)}">'
    caption = story.caption
    known = [title, caption.date, caption.place, ", ".join(caption.people)]
    lines = "".join(f'<p dir="auto">{text(words)}</p>' for words in known if words)
    state = state_of(story)
    drawn = (
        f"; detail drawn by {', '.join(story.generated.models)}" if story.generated.models else ""
    )
    return (
        link(address, story.name),
        shown,
        lines,
        f"{paragraph(state + drawn)}{_master(story, objects)}",
    )


def _master(story: Story, objects: Mapping[str, str]) -> str:
    if story.master is None or story.master.sha256 not in objects:
        return ""
    return f"<p>{link(_here(objects[story.master.sha256]), 'the finished picture, TIFF')}</p>"


def _lone(scans: Sequence[ScanRow], objects: Mapping[str, str]) -> str:
    if not scans:
        return ""
    items = "\n".join(
        f"<li>{link(_here(objects[scan.sha256]), scan.name)}</li>"
        if scan.sha256 in objects
        else f"<li>{text(scan.name)} (was refused, so it is not in the package)</li>"
        for scan in scans
    )
    return f"<h2>Scans without a photograph of their own</h2>\n<ul>\n{items}\n</ul>"


def _here(path: str) -> str:
    return relpath(path, "data")
