"""What an exported picture is told to say of itself, gathered from the ledger and its scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.execute.workbench import software_versions
from pipeline.export.disclosure import CUTTING, changes, describe, generated_in, source_type
from pipeline.io.iptc_read import scan_iptc
from pipeline.io.read import inspect_scan
from pipeline.io.said import Said
from pipeline.io.xmp_read import scan_xmp
from pipeline.store import queries
from pipeline.store.captions import caption_of
from pipeline.store.library import Library
from pipeline.store.lineage import lineage
from pipeline.store.rows import PrintRow, ScanRow, StepRow


@dataclass(frozen=True)
class ExportStory:
    """How one picture came to be.

    Args:
        scan: where the print came from.
        print_row: the print.
        steps: the finished steps that led to the picture, oldest first.
        caption: what a person wrote about it.
        identity: what leads from a file back here.
    """

    scan: ScanRow
    print_row: PrintRow
    steps: Sequence[StepRow]
    caption: Caption
    identity: PictureIdentity


def export_story(
    library: Library,
    session: Session,
    scan: ScanRow,
    print_row: PrintRow,
    step: StepRow,
    picture: str,
) -> ExportStory:
    """The story of the picture that a step made.

    Args:
        library: where it is kept.
        session: on its ledger.
        scan: where the print came from.
        print_row: the print.
        step: the step whose photo is written.
        picture: hex SHA-256 of that photo's object.
    """
    steps = lineage(session, print_row, picture)
    # Of several steps that made this very picture the first one, however often it is made again.
    first = steps[-1] if steps else step
    run = queries.run_by_id(session, first.run_id)
    identity = PictureIdentity(
        library=library.id,
        print_name=print_row.name,
        picture=picture,
        scan=scan.sha256,
        step=first.key,
        recipe=run.recipe_name or "",
    )
    return ExportStory(scan, print_row, steps, caption_of(session, print_row), identity)


def said_of(library: Library, story: ExportStory) -> Said:
    """What the file says: what was done, what in it was generated, and what its scan said.

    Raises:
        OriginalDamaged: the scan is not whole; its metadata cannot be carried over.
    """
    original = library.objects.verified_original(story.scan.sha256)
    generated, changed = generated_in(library, story.steps), changes(story.steps)
    altered = any(name != CUTTING for name in changed)
    return Said(
        description=describe(story.scan, story.print_row, changed, generated),
        software=software_name(),
        source_type=source_type(altered, generated),
        models=generated.models,
        caption=story.caption,
        identity=story.identity,
        exif=inspect_scan(original, max_megapixels=float("inf")).exif,
        xmp=scan_xmp(original),
        iptc=scan_iptc(original),
    )


def software_name() -> str:
    """What wrote the file, as metadata name it."""
    return f"Shoebox {software_versions()['shoebox-prints']}"


def sheet_said(description: str) -> Said:
    """What a sheet for people says of itself: a sentence; it is no photograph with a history."""
    return Said(description=description, software=software_name(), source_type="")
