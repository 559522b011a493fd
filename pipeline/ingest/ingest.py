"""Copying one scan in: decoded fully first, then stored by digest, then registered."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.core.errors import ScanChanged, ScanUnreadable, ShoeboxError
from pipeline.core.stage_names import INGEST
from pipeline.execute.step import set_aside
from pipeline.execute.workbench import Workbench
from pipeline.ingest.discover import Candidate
from pipeline.io.digest import sha256_file
from pipeline.io.read import ScanMetadata, read_scan
from pipeline.plan.plan import step_key
from pipeline.store import queries, record
from pipeline.store.clock import now
from pipeline.store.naming import printable
from pipeline.store.objects import StoredObject
from pipeline.store.rows import StepRow

VERSION = 1

_SUFFIXES = {"tiff": ".tif", "png": ".png", "jpeg": ".jpg"}


@dataclass(frozen=True)
class Ingested:
    """A scan that is safely in the library; `ran` is False when it was recognised."""

    scan_id: int
    sha256: str
    ran: bool


def ingest_scan(
    bench: Workbench, box: Path, candidate: Candidate, *, max_megapixels: float
) -> Ingested:
    """Bring one file of a box into the library, or recognise it.

    The file is hashed, decoded completely (so that a cut file is refused), copied while it is
    hashed again, and only then registered.

    Raises:
        InputRefused: the file is no usable scan; recorded as a failed step first.
        DiskFull, WriteFailed: the library could not take it.
    """
    started_at, clock = now(), time.perf_counter()
    sha256, size = _measure(candidate)
    scan_id = _register(bench, box, candidate, sha256, size)
    key = step_key(INGEST, VERSION, {}, [sha256], {})
    known = _known(bench, key, scan_id)
    if known is not None:
        if bench.is_intact(sha256):
            return Ingested(scan_id, sha256, ran=False)
        set_aside(bench, sha256, f"the library's copy of {candidate.name}")
    draft = record.NewStep(
        run_id=bench.run_id,
        scan_id=scan_id,
        print_id=None,
        key=key,
        stage=INGEST,
        stage_version=VERSION,
        options={},
        status="failed",
        device="cpu",
        software=bench.software,
        started_at=started_at,
        seconds=0.0,
    )
    try:
        metadata, stored = _copy_in(bench, candidate, sha256, max_megapixels)
    except ShoeboxError as error:
        _record(bench, draft, clock, error_number=error.number, error_text=error.line())
        raise
    _record(
        bench,
        draft,
        clock,
        status="done",
        decision="applied",
        reason="copied in unchanged",
        measures=_facts(candidate, metadata),
        notes=metadata.events,
        outputs=(record.Output("scan", stored),),
    )
    bench.intact.add(sha256)
    return Ingested(scan_id, sha256, ran=True)


def _measure(candidate: Candidate) -> tuple[str, int]:
    try:
        return sha256_file(candidate.path), candidate.path.stat().st_size
    except OSError as error:
        raise ScanUnreadable(f"{candidate.name}: {error.strerror}") from error


def _register(bench: Workbench, box: Path, candidate: Candidate, sha256: str, size: int) -> int:
    with bench.library.ledger.write() as session:
        return record.add_scan(
            session,
            run_id=bench.run_id,
            box=str(box),
            name_bytes=os.fsencode(candidate.name),
            sha256=sha256,
            bytes=size,
        ).id


def _known(bench: Workbench, key: str, scan_id: int) -> StepRow | None:
    with bench.library.ledger.read() as session:
        return queries.done_step(session, key, scan_id=scan_id, print_id=None)


def _copy_in(
    bench: Workbench, candidate: Candidate, sha256: str, max_megapixels: float
) -> tuple[ScanMetadata, StoredObject]:
    try:
        metadata = read_scan(candidate.path, max_megapixels=max_megapixels).metadata
    except OSError as error:
        raise ScanUnreadable(f"{candidate.name}: {error.strerror}") from error
    stored = bench.library.objects.put_copy(candidate.path, _SUFFIXES[metadata.format])
    if stored.sha256 != sha256:
        raise ScanChanged(candidate.name)
    return metadata, stored


def _facts(candidate: Candidate, metadata: ScanMetadata) -> dict[str, Any]:
    facts = asdict(metadata)
    exif = facts.pop("exif")
    facts["exif_bytes"] = len(exif) if exif else 0
    facts["name"] = printable(os.fsencode(candidate.name))
    facts["events"] = list(metadata.events)
    return facts


def _record(bench: Workbench, draft: record.NewStep, clock: float, **result: Any) -> None:
    step = replace(draft, seconds=time.perf_counter() - clock, **result)
    with bench.library.ledger.write() as session:
        record.add_step(session, step)
