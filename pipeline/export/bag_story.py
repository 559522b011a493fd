"""Everything that is known of one print, gathered for the pages of an archive package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from pipeline.core.caption import Caption
from pipeline.export.bag_layout import ExportInBag, PrintInBag
from pipeline.export.disclosure import Generated, changes, generated_in, source_type
from pipeline.store import queries
from pipeline.store.choices import FaceChoiceRow, face_choices
from pipeline.store.library import Library
from pipeline.store.lineage import lineage
from pipeline.store.masters import Master, masters
from pipeline.store.rows import ExportRow, PrintRow, RunRow, ScanRow, StepRow

CUTTING = "split"
"""The stage that only takes a print out of its scan."""


@dataclass(frozen=True)
class Story:
    """One print with all that is told about it.

    Args:
        item: the print, its scan, its steps and its backs.
        caption: what a person wrote; empty when nobody did.
        master: its master, or None while it was never finished.
        way: the steps that led to the master, oldest first.
        run: the run that finished it, or the last that worked on it.
        choices: what was decided about its faces, oldest first.
        generated: what in the master was generated.
        current: False for a print that was cut differently since.
        exports: exported files of it in the package.
        elsewhere: exported files of it that are not.
    """

    item: PrintInBag
    caption: Caption
    master: Master | None
    way: tuple[StepRow, ...]
    run: RunRow | None
    choices: tuple[FaceChoiceRow, ...]
    generated: Generated
    current: bool
    exports: tuple[ExportInBag, ...] = ()
    elsewhere: tuple[ExportRow, ...] = ()

    @property
    def name(self) -> str:
        """The print's name."""
        return self.item.row.name

    @property
    def picture(self) -> str:
        """Digest of the picture as it is now: the master, else the print as it was cut."""
        return self.master.sha256 if self.master else self.item.row.sha256

    @property
    def changed(self) -> list[str]:
        """The stages that changed its pixels on the way to the master."""
        return [name for name in changes(self.way) if name != CUTTING]

    @property
    def source_type(self) -> str:
        """IPTC's digital source type of the picture as it is now."""
        return source_type(bool(self.changed), self.generated)


def stories(
    session: Session, prints: Sequence[PrintInBag], captions: Mapping[int, Caption]
) -> list[Story]:
    """The stories of these prints as the ledger tells them, in their order."""
    finished = masters(session)
    decided = face_choices(session, [item.row.id for item in prints])
    current = {
        row.id
        for scan_id in {item.scan.id for item in prints}
        for row in queries.current_prints(session, scan_id)
    }
    found = []
    for item in prints:
        number = item.row.id
        master = finished.get(number)
        way = lineage(session, item.row, master.sha256) if master else []
        found.append(
            Story(
                item,
                captions.get(number, Caption()),
                master,
                tuple(way),
                _run(session, item, master),
                tuple(decided.get(number, ())),
                Generated(),
                number in current,
            )
        )
    return found


def completed(
    library: Library,
    story: Story,
    exports: Sequence[ExportInBag],
    elsewhere: Sequence[ExportRow],
) -> Story:
    """A story with what the files tell: what masks say was generated, which exports go along.

    Needs no session, for a writer would wait for it: masks are large.
    """
    number = story.item.row.id
    return replace(
        story,
        generated=generated_in(library, story.way),
        exports=tuple(export for export in exports if export.row.print_id == number),
        elsewhere=tuple(row for row in elsewhere if row.print_id == number),
    )


def prints_in_bag(
    session: Session,
    rows: Sequence[PrintRow],
    scans: Sequence[ScanRow],
    backs: Mapping[int, Sequence[ScanRow]],
) -> list[PrintInBag]:
    """The prints with their histories.

    Args:
        session: a session.
        rows: the prints.
        scans: their scans, at least.
        backs: scans of backs by the scan of their front.
    """
    by_id = {scan.id: scan for scan in scans}
    return [
        PrintInBag(
            row,
            by_id[row.scan_id],
            tuple(queries.history(session, row)),
            tuple(backs.get(row.scan_id, ())),
        )
        for row in rows
    ]


def _run(session: Session, item: PrintInBag, master: Master | None) -> RunRow | None:
    own = [step.run_id for step in item.steps if step.print_id is not None]
    if master is None and not own:
        return None
    return queries.run_by_id(session, master.run_id if master else max(own))
