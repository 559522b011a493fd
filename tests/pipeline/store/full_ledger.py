"""A small ledger in which every table holds rows, and how two ledgers are compared."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pipeline.store.clock import now
from pipeline.store.ledger_dump import dump_tables
from pipeline.store.library import Library
from pipeline.store.objects import StoredObject
from pipeline.store.record import (
    NewStep,
    Output,
    add_event,
    add_export,
    add_print,
    add_scan,
    add_step,
    end_run,
    start_run,
)
from pipeline.store.rows import ObjectUse
from pipeline.store.selection import EVERYTHING, Selection
from pipeline.store.tables import APPEND_ONLY, CaptionRecord, FaceChoiceRecord, ScanBackRecord


def raw(ledger: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table as the database file has it, JSON as text."""
    with sqlite3.connect(ledger) as connection:
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608
            for name in APPEND_ONLY
        }


def dumped(library: Library, selection: Selection = EVERYTHING) -> dict[str, list[str]]:
    with library.ledger.read() as session:
        return {name: list(lines) for name, lines in dump_tables(session, selection).items()}


def step(run_id: int, scan_id: int, stage: str, *outputs: Output, **more: object) -> NewStep:
    values: dict[str, object] = {
        "print_id": None,
        "key": f"{stage}-{scan_id}",
        "stage_version": 1,
        "options": {"zebra": 1, "ant": [1.0, 0.1 + 0.2, -0.0, 1e-320, 10**30]},
        "status": "done",
        "decision": "applied",
        "started_at": now(),
        "seconds": 0.1 + 0.2,
        "outputs": outputs,
        **more,
    }
    return NewStep(run_id=run_id, scan_id=scan_id, stage=stage, **values)  # type: ignore[arg-type]


def fill(library: Library) -> None:
    """Two prints on scan 1, its back on scan 2, a twin of scan 1 on scan 3, a stranger on 4."""

    def put(words: str) -> StoredObject:
        return library.objects.put(lambda file: file.write(words.encode()), ".tif")

    with library.ledger.write() as session:
        run = start_run(
            session, command="digitize 'Omas\u2028Kiste'", box="/box", recipe={"b": 1, "a": None}
        )
        other = start_run(session, command="digitize other", box="/other")
        names = (b"page.tif", b"page_back.tif", b"twin \xff\x00.tif")
        for number, (name, words) in enumerate(zip(names, ("p", "b", "p"), strict=True), 1):
            stored = put(words)
            add_scan(
                session,
                run_id=run,
                box="/box",
                name_bytes=name,
                sha256=stored.sha256,
                bytes=stored.bytes,
            )
            add_step(session, step(run, number, "ingest", Output("original", stored)))
        crops = [put("crop 1"), put("crop 2")]
        add_step(
            session,
            step(run, 1, "split", *(Output(f"print-{i}", c) for i, c in enumerate(crops, 1))),
        )
        prints = [
            add_print(session, scan_id=1, ordinal=i, sha256=c.sha256, geometry={"angle": 0.1})
            for i, c in enumerate(crops, 1)
        ]
        first = add_step(
            session,
            step(
                run,
                1,
                "denoise",
                Output("photo", put("clean")),
                print_id=prints[0].id,
                inputs=[ObjectUse("photo", crops[0].sha256)],
                measures={"noise": 0.1, "\ud800 lone": "\x00\U0001f600"},
            ),
        )
        twin = add_print(session, scan_id=3, ordinal=1, sha256=crops[0].sha256, geometry={})
        add_step(
            session,
            step(run, 3, "denoise", Output("photo", put("clean")), print_id=twin.id, same_as=first),
        )
        add_export(
            session,
            run_id=run,
            print_id=1,
            step_id=first,
            path="exports/1.tif",
            sha256="0" * 64,
            bytes=2**40,
            options={},
        )
        add_event(session, run_id=run, kind="refused", message="of nobody", data={"x": []})
        add_event(session, run_id=run, kind="seen", message="m", data={}, print_id=1, scan_id=1)
        end_run(session, run, exit_code=0, summary={"z": 1, "a": 2})
        session.add(
            FaceChoiceRecord(
                print_id=1,
                box_left=0.1,
                box_top=1 / 3,
                box_right=0.5,
                box_bottom=0.7,
                face=1,
                action="restore",
                strength=0.3,
                command="choose",
                created_at=now(),
            )
        )
        session.add(
            CaptionRecord(
                run_id=run,
                scan_id=1,
                ordinal=1,
                title="Anna",
                date="1962?",
                edtf="1962?",
                place="",
                people=["Anna"],
                keywords=[],
                note="",
                via="box.csv",
                source="box.csv",
                source_sha256=put("b").sha256,
                created_at=now(),
            )
        )
        session.add(ScanBackRecord(run_id=run, scan_id=1, back_scan_id=2, created_at=now()))
        stranger = put("stranger")
        add_scan(
            session,
            run_id=other,
            box="/other",
            name_bytes=b"s.tif",
            sha256=stranger.sha256,
            bytes=stranger.bytes,
        )
        add_step(session, step(other, 4, "ingest", Output("original", stranger)))
        add_print(session, scan_id=4, ordinal=1, sha256=stranger.sha256, geometry={})
