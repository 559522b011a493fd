"""Captions from a file into the library: the file itself is kept, then its lines are recorded."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Mapping

from pipeline.ingest.caption_file import CaptionFile, CaptionRow
from pipeline.store.captions import Place, Source, Via, add_captions, add_source, newest_source
from pipeline.store.library import Library


def keep_source(library: Library, run_id: int, file: CaptionFile, via: Via, box: str) -> Source:
    """Keep a file of captions as an object; a run that finds it unchanged adds nothing.

    Args:
        library: open for writing.
        run_id: the run that takes it in.
        file: the captions.
        via: how they came.
        box: the box the file lies in, or "".

    Raises:
        DiskFull, WriteFailed: the library could not take it.
    """
    stored = library.objects.put(
        lambda target: shutil.copyfileobj(io.BytesIO(file.data), target), ".csv"
    )
    source = Source(via, file.name, stored)
    with library.ledger.write() as session:
        if newest_source(session, via=via, box=box) != stored.sha256:
            add_source(session, run_id=run_id, source=source, box=box, rows=len(file.rows))
    return source


def record_rows(
    library: Library, run_id: int, source: Source, rows: Mapping[int, Iterable[CaptionRow]]
) -> int:
    """Record the lines about scans, by scan id; gives how many said something new."""
    captions: dict[Place, CaptionRow] = {
        (scan_id, row.ordinal): row for scan_id, own in rows.items() for row in own
    }
    if not captions:
        return 0
    with library.ledger.write() as session:
        return add_captions(
            session,
            run_id=run_id,
            source=source,
            captions={place: row.caption for place, row in captions.items()},
        )
