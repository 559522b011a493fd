"""Writing a page with many prints on it, with a row in the ledger for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.core.photo import Photo
from pipeline.export.derivatives import (
    METADATA_VERSION,
    colour_options,
    make_folder,
    published_once,
    recorded_path,
    untouched,
)
from pipeline.export.disclosure import (
    CUTTING,
    Generated,
    changes,
    disclosure,
    generated_in,
    source_type,
)
from pipeline.export.export_story import software_name
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.output_colour import OutputColour
from pipeline.io.said import Said
from pipeline.store import queries, record
from pipeline.store.library import Library
from pipeline.store.lineage import lineage
from pipeline.store.rows import ExportRow, PrintRow, StepRow


@dataclass(frozen=True)
class SheetPrint:
    """A print on a page: which one, and the step that made its picture."""

    print_row: PrintRow
    step: StepRow

    @property
    def picture(self) -> str:
        """Hex SHA-256 of its picture's object."""
        return self.step.output() or ""


@dataclass(frozen=True)
class SheetRequest:
    """One page to write.

    Args:
        prints: what is on it, in order.
        page: what makes the same page again, JSON.
        colour: the encoding all its prints have.
        target: the file; its folder is made.
        form: format and depth.
        overwrite: replace a file that Shoebox did not write or that was changed since.
    """

    prints: tuple[SheetPrint, ...]
    page: dict[str, Any]
    colour: OutputColour
    target: Path
    form: DerivativeFormat
    overwrite: bool = False


def write_sheet_page(
    library: Library, run_id: int, request: SheetRequest, imposed: Callable[[], Photo]
) -> bool:
    """Write a page unless exactly it is there already; gives whether it was written.

    Args:
        library: where its prints are.
        run_id: the run.
        request: the page.
        imposed: makes its picture; not called when nothing is to be written.

    Raises:
        TargetExists: a file that is not ours, or was changed since, stands there.
        DiskFull, WriteFailed, LibraryReadOnly: nothing was published.
    """
    with library.ledger.read() as session:
        rows = untouched(library, queries.exports_of(session), request.target)
    if _is_that_page(rows, request):
        return False
    write = partial(
        write_derivative,
        imposed(),
        form=request.form,
        said=_said(library, request.prints),
        colour=request.colour,
    )
    make_folder(request.target.parent)
    published, written = published_once(
        request.target, write, is_ours=bool(rows), overwrite=request.overwrite
    )
    with library.ledger.write() as session:
        for one in request.prints:
            record.add_export(
                session,
                run_id=run_id,
                print_id=one.print_row.id,
                step_id=one.step.id,
                path=recorded_path(library, request.target),
                sha256=published.sha256,
                bytes=published.bytes,
                options=_options(request, one),
            )
    return written


def _is_that_page(rows: Sequence[ExportRow], request: SheetRequest) -> bool:
    there = [(row.print_id, row.options) for row in rows[-len(request.prints) :]]
    return there == [(one.print_row.id, _options(request, one)) for one in request.prints]


def _options(request: SheetRequest, one: SheetPrint) -> dict[str, Any]:
    return {
        **asdict(request.form),
        "source": one.picture,
        "metadata": METADATA_VERSION,
        "sheet": request.page,
        "colour": colour_options(request.colour),
    }


def _said(library: Library, prints: Sequence[SheetPrint]) -> Said:
    """What the page says of itself: whose prints it holds, and the most that was done to any."""
    models: list[str] = []
    altered = False
    for one in prints:
        with library.ledger.read() as session:
            steps = lineage(session, one.print_row, one.picture)
        models += generated_in(library, steps).models
        altered = altered or any(name != CUTTING for name in changes(steps))
    generated = Generated(tuple(dict.fromkeys(models)))
    names = ", ".join(one.print_row.name for one in prints)
    return Said(
        description=f"Prints {names}, restored with Shoebox.{disclosure(generated)}",
        software=software_name(),
        source_type=source_type(altered, generated),
        models=generated.models,
    )
