"""The story of one file leaves out what did not lead to it."""

from __future__ import annotations

from pipeline.store.clock import now
from pipeline.store.library import Library
from pipeline.store.lineage import lineage
from pipeline.store.objects import StoredObject
from pipeline.store.record import NewStep, Output, add_print, add_scan, add_step
from pipeline.store.rows import ObjectUse


def test_the_story_of_a_master_holds_its_own_steps_only(library: Library, run_id: int) -> None:
    story = [
        # stage, of the scan, input, output, status
        ("ingest", True, "", "s", "done"),
        ("split", True, "s", "c", "done"),
        ("repair", False, "c", "c", "done"),
        ("denoise", False, "c", "", "failed"),
        ("denoise", False, "c", "d", "done"),
        ("deyellow", False, "d", "m", "done"),
        ("denoise", False, "c", "e", "done"),
        ("deyellow", False, "e", "n", "done"),
        # Made again after its checkpoint was lost, and found to be the same.
        ("denoise", False, "c", "d", "done"),
    ]
    with library.ledger.write() as session:
        add_scan(session, run_id=run_id, box="/b", name_bytes=b"n", sha256="0" * 64, bytes=1)
        ids = []
        for stage, of_scan, given, made, status in story:
            if stage == "repair":
                photo = add_print(session, scan_id=1, ordinal=1, sha256="c" * 64, geometry={})
            step = NewStep(
                run_id=run_id,
                scan_id=1,
                print_id=None if of_scan else photo.id,
                key="k" * 64,
                stage=stage,
                stage_version=1,
                options={},
                status="done" if status == "done" else "failed",
                started_at=now(),
                seconds=0.0,
                inputs=[ObjectUse("photo", given * 64)] if given else [],
                outputs=[Output("photo", StoredObject(made * 64, 1, ""))] if made else [],
            )
            ids.append(add_step(session, step))
    with library.ledger.read() as session:
        first = lineage(session, photo, "m" * 64)
        second = lineage(session, photo, "n" * 64)
        nothing = lineage(session, photo, "z" * 64)
    assert [step.stage for step in first] == ["ingest", "split", "repair", "denoise", "deyellow"]
    assert [step.id for step in first] == [ids[0], ids[1], ids[2], ids[4], ids[5]]
    assert [step.id for step in second] == [ids[0], ids[1], ids[2], ids[6], ids[7]]
    assert nothing == []
