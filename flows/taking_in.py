"""Bringing the files of a box in: each front with its captions, then the backs kept with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from flows.known import scan_in_box
from flows.pace import Pace
from flows.preflight import DigitizeRequest
from flows.restoring import PrintWork, outcome_heard, stop_if_fatal
from flows.splitting import split_scan
from flows.summary import RunSummary
from flows.tasks import IngestedScan, ingest
from flows.workbenches import pace, workbench
from pipeline.core.errors import ShoeboxError
from pipeline.core.stage_names import INGEST
from pipeline.ingest.backs import KEPT, NO_FRONT
from pipeline.ingest.caption_file import CaptionRow
from pipeline.ingest.caption_taking import keep_source, record_rows
from pipeline.ingest.discover import Candidate
from pipeline.store import queries
from pipeline.store.backs import is_back, pair_back
from pipeline.store.captions import Source
from pipeline.store.naming import printable

_MOST_NOTES = 20
"""Lines of a file of captions that are told of one by one."""


@dataclass
class TakingIn:
    """Takes the files of a box in for one run.

    Args:
        library: the library's path.
        asked: what was asked for.
        max_megapixels: a larger scan is refused before it is decoded.
        summary: what is counted.
    """

    library: str
    asked: DigitizeRequest
    max_megapixels: float
    summary: RunSummary
    _source: Source | None = None
    _captioned: int = 0

    def begin(self) -> None:
        """Keep the box's file of captions, and say what there is to say of it.

        Raises:
            DiskFull, WriteFailed: the library could not take it.
        """
        bench, captions = workbench(self.library), self.asked.captions
        if captions is None:
            return
        box = printable(str(self.asked.box))
        self._source = keep_source(bench.library, bench.run_id, captions, "box", box)
        notes = [*captions.notes, *self.asked.said.notes]
        for note in notes[:_MOST_NOTES]:
            self.summary.note(note, "captions")
        if len(notes) > _MOST_NOTES:
            self.summary.note(f"{len(notes) - _MOST_NOTES} more lines like these", captions.name)

    def end(self) -> None:
        """Say how much of the captions was new."""
        if self.asked.captions is not None:
            new = self._captioned
            told = (
                "1 caption is new or changed" if new == 1 else f"{new} captions are new or changed"
            )
            self.summary.note(told, self.asked.captions.name)

    def take(self, front: Candidate, backs: Sequence[Candidate]) -> list[PrintWork]:
        """Bring one file in and find its prints, then its backs; gives the work on the prints.

        A file that is refused is a problem of its own.
        """
        work = self._picture(front)
        for back in backs:
            self._back(front, back)
        return work

    def _picture(self, candidate: Candidate) -> list[PrintWork]:
        scan = self._ingested(candidate)
        if scan is None:
            return []
        if self._is_still_a_back(scan["scan_id"]):
            self._moving.gone(_key(candidate))
            self.summary.note(KEPT, _label(candidate))
            return []
        if candidate in self.asked.pairing.alone:
            self.summary.note(NO_FRONT, _label(candidate))
        rows = self._rows_of(candidate)
        if self._source is not None:
            bench = workbench(self.library)
            self._captioned += record_rows(
                bench.library, bench.run_id, self._source, {scan["scan_id"]: rows}
            )
        work = split_scan(self.library, scan, self.summary, key=_key(candidate))
        for row in rows:
            if work and row.ordinal is not None and row.ordinal > len(work):
                self.summary.note(
                    f"{self._source_name}, line {row.line}: there is no print {row.ordinal} on it",
                    _label(candidate),
                )
        return work

    def _back(self, front: Candidate, back: Candidate) -> None:
        for said in self._rows_of(back):
            self.summary.note(
                f"{self._source_name}, line {said.line}: captions belong to the front", _label(back)
            )
        scan = self._ingested(back)
        bench, box = workbench(self.library), str(self.asked.box)
        with bench.library.ledger.write() as session:
            # Also of files that were refused, so that a rerun takes them for what they are.
            of = scan_in_box(session, box, _key(front))
            row = scan_in_box(session, box, _key(back))
            if of is None or row is None:
                return  # One could not even be read; the next run pairs them.
            new = pair_back(session, run_id=bench.run_id, scan_id=of.id, back_scan_id=row.id)
            prints = queries.current_prints(session, row.id)
        self._moving.gone(_key(back))
        if scan is None:
            return
        self.summary.note(KEPT, _label(back))
        if new and prints:
            names = ", ".join(found.name for found in prints)
            self.summary.note(
                f"restored before as {names}: its record and its files stay as they are",
                _label(back),
            )

    def _is_still_a_back(self, scan_id: int) -> bool:
        """Whether a file that has no front in the box now shows the back of an earlier scan.

        Without pairing it is none from now on.
        """
        bench = workbench(self.library)
        with bench.library.ledger.read() as session:
            paired = is_back(session, scan_id)
        if paired and not self.asked.pairs:
            with bench.library.ledger.write() as session:
                pair_back(session, run_id=bench.run_id, scan_id=None, back_scan_id=scan_id)
        return paired and self.asked.pairs

    def _ingested(self, candidate: Candidate) -> IngestedScan | None:
        key, label = _key(candidate), _label(candidate)
        self._moving.item(label)
        with self._moving.job(key, INGEST) as over:
            state = ingest(
                self.library,
                str(self.asked.box),
                key.hex(),
                label,
                self.max_megapixels,
                return_state=True,
            )
            outcome: IngestedScan | ShoeboxError = outcome_heard(state, over)
        if isinstance(outcome, ShoeboxError):
            stop_if_fatal(outcome)
            self._moving.gone(key)
            self.summary.files["refused"] += 1
            self.summary.problem(label, INGEST, outcome)
            return None
        self.summary.files["new" if outcome["ran"] else "recognised"] += 1
        return outcome

    def _rows_of(self, candidate: Candidate) -> tuple[CaptionRow, ...]:
        place = (printable(str(self.asked.box)), _key(candidate))
        return self.asked.said.by_scan.get(place, ())

    @property
    def _moving(self) -> Pace:
        return pace(self.library)

    @property
    def _source_name(self) -> str:
        return self.asked.captions.name if self.asked.captions else ""


def _key(candidate: Candidate) -> bytes:
    return os.fsencode(candidate.name)


def _label(candidate: Candidate) -> str:
    return printable(_key(candidate))
