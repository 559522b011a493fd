from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import (
    BadOutput,
    ObjectDamaged,
    OriginalDamaged,
    OutOfMemory,
    ShoeboxError,
    StageContractBroken,
    StageFailed,
)
from pipeline.core.photo import Photo
from pipeline.execute.prints import finished_chain, register_prints
from pipeline.execute.step import Subject, run_step
from pipeline.execute.workbench import Workbench
from pipeline.ingest.discover import discover
from pipeline.ingest.ingest import ingest_scan
from pipeline.io.checkpoint import read_checkpoint
from pipeline.plan.plan import PlannedStep
from pipeline.stages.base import Outcome
from pipeline.store import queries
from pipeline.store.rows import PrintRow, StepRow

SMALL = 'name = "small"\ndescription = "d"\nstages = ["split", "repair", "denoise"]\n'


def first_print(bench: Workbench, box: Path) -> PrintRow:
    scan = ingest_scan(bench, box, discover(box)[0][0], max_megapixels=1)
    subject = Subject(scan.scan_id, None, "scan")
    split = run_step(bench, bench.plan.scan_step, subject, scan.sha256)
    return register_prints(bench, split.row.id)[0]


def of(row: PrintRow) -> Subject:
    return Subject(row.scan_id, row.id, row.name)


def run_chain(bench: Workbench, row: PrintRow) -> list[bool]:
    source, ran = row.sha256, []
    for planned in bench.plan.print_steps:
        done = run_step(bench, planned, of(row), source)
        source = done.row.photos[0]
        ran.append(done.ran)
    return ran


def all_steps(bench: Workbench) -> list[StepRow]:
    with bench.library.ledger.read() as session:
        return queries.history(session, queries.prints(session)[0])


def flip_a_bit(path: Path) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_step_that_was_done_is_not_done_again(open_bench, box) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        assert run_chain(bench, row) == [True, True]
        count = len(all_steps(bench))
    with open_bench() as bench:
        row = first_print(bench, box)
        assert run_chain(bench, row) == [False, False]
        assert len(all_steps(bench)) == count
        rows = finished_chain(bench, of(row), row.sha256, bench.plan.print_steps)
        assert [step.stage for step in rows] == ["repair", "denoise"]


def test_one_changed_option_runs_that_stage_and_what_follows_only(open_bench, box) -> None:
    with open_bench() as bench:
        run_chain(bench, first_print(bench, box))
    with open_bench(SMALL + "[denoise]\nstrength = 0.5\n") as bench:
        assert run_chain(bench, first_print(bench, box)) == [False, True]


def test_changing_an_option_back_takes_the_old_result_over_as_the_newest(open_bench, box) -> None:
    changed = SMALL + "[denoise]\nstrength = 0.5\n"
    made = []
    for text in (SMALL, changed, SMALL):
        with open_bench(text) as bench:
            row = first_print(bench, box)
            made.append(run_chain(bench, row))
            with bench.library.ledger.read() as session:
                newest = queries.newest_step(
                    session, "denoise", scan_id=row.scan_id, print_id=row.id
                )
            assert newest is not None
            assert newest.options["strength"] == (0.5 if text == changed else 1.0)
    assert made == [[True, True], [False, True], [False, False]]
    assert newest.same_as is not None


def test_a_flipped_bit_in_a_checkpoint_is_set_aside_and_recomputed_the_same(
    open_bench, box
) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        run_chain(bench, row)
        master = all_steps(bench)[-1].output()
        before = bench.library.objects.path(master).read_bytes()
        flip_a_bit(bench.library.objects.path(master))
    with open_bench() as bench:
        row = first_print(bench, box)
        assert run_chain(bench, row) == [False, True]
        assert bench.library.objects.verified_path(master).read_bytes() == before
        assert list(bench.library.objects.quarantine.iterdir())
        with bench.library.ledger.read() as session:
            events = queries.events(session, kind="object-damaged")
        assert [master in event.message for event in events] == [True]


def test_a_deleted_checkpoint_is_recomputed(open_bench, box) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        run_chain(bench, row)
        master = all_steps(bench)[-1].output()
        bench.library.objects.path(master).unlink()
    with open_bench() as bench:
        assert run_chain(bench, first_print(bench, box)) == [False, True]
        assert bench.library.objects.is_intact(master)


def test_damage_that_appears_while_a_step_reads_its_input_is_seen(open_bench, box) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        flip_a_bit(bench.library.objects.path(row.sha256))
        with pytest.raises(ObjectDamaged):
            run_step(bench, bench.plan.print_steps[0], of(row), row.sha256)
        assert all_steps(bench)[-1].status == "failed"


def test_a_damaged_original_is_an_alarm_and_never_recomputed(open_bench, box) -> None:
    with open_bench() as bench:
        scan = ingest_scan(bench, box, discover(box)[0][0], max_megapixels=1)
        flip_a_bit(bench.library.objects.path(scan.sha256))
        with pytest.raises(OriginalDamaged):
            run_step(bench, bench.plan.scan_step, Subject(scan.scan_id, None, "s"), scan.sha256)


def test_a_damaged_original_comes_back_when_its_box_is_digitized_again(open_bench, box) -> None:
    with open_bench() as bench:
        scan = ingest_scan(bench, box, discover(box)[0][0], max_megapixels=1)
        flip_a_bit(bench.library.objects.path(scan.sha256))
    with open_bench() as bench:
        again = ingest_scan(bench, box, discover(box)[0][0], max_megapixels=1)
        assert (again.sha256, again.ran) == (scan.sha256, True)
        assert bench.library.objects.is_intact(scan.sha256)
        assert list(bench.library.objects.quarantine.iterdir())


def test_the_same_scan_twice_is_one_object_and_two_records(open_bench, box) -> None:
    (box / "twin.tif").write_bytes((box / "noisy.tif").read_bytes())
    with open_bench() as bench:
        found = discover(box)[0]
        first, second = (ingest_scan(bench, box, one, max_megapixels=1) for one in found)
        assert first.sha256 == second.sha256
        assert first.scan_id != second.scan_id
        assert sorted(bench.library.objects.all()) == [first.sha256]
        for scan in (first, second):
            subject = Subject(scan.scan_id, None, "scan")
            split = run_step(bench, bench.plan.scan_step, subject, scan.sha256)
            row = register_prints(bench, split.row.id)[0]
            assert split.ran == (scan is first)
            assert run_chain(bench, row) == [scan is first, scan is first]


def stage_that(planned: PlannedStep, run) -> PlannedStep:
    configured = planned.configured
    stage = replace(configured.stage, run=run)
    return replace(planned, configured=replace(configured, stage=stage))


def flat(photo: Photo, options: object, tools: object) -> Outcome:
    return Outcome((photo.with_pixels(np.full_like(photo.pixels, 0.5)),), "applied")


def not_a_number(photo: Photo, options: object, tools: object) -> Outcome:
    return Outcome((photo.with_pixels(photo.pixels * np.nan),), "applied")


def skips_without_a_reason(photo: Photo, options: object, tools: object) -> Outcome:
    return Outcome((photo,), "skipped")


def skips_but_changes(photo: Photo, options: object, tools: object) -> Outcome:
    return Outcome((photo.with_pixels(photo.pixels / 2),), "skipped", "clean")


def drops_the_profile(photo: Photo, options: object, tools: object) -> Outcome:
    return Outcome((replace(photo, icc=b"other"),), "applied")


def raises(photo: Photo, options: object, tools: object) -> Outcome:
    return 1 / 0


def runs_out_of_memory(photo: Photo, options: object, tools: object) -> Outcome:
    raise MemoryError("cannot allocate 40 GiB")


@pytest.mark.parametrize(
    ("run", "error"),
    [
        (flat, BadOutput),
        (not_a_number, StageContractBroken),
        (skips_without_a_reason, StageContractBroken),
        (skips_but_changes, StageContractBroken),
        (drops_the_profile, StageContractBroken),
        (raises, StageFailed),
        (runs_out_of_memory, OutOfMemory),
    ],
)
def test_a_stage_that_misbehaves_is_a_recorded_failure_and_leaves_no_result(
    open_bench, box, run, error: type[ShoeboxError]
) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        before = sorted(bench.library.objects.all())
        with pytest.raises(error):
            run_step(bench, stage_that(bench.plan.print_steps[0], run), of(row), row.sha256)
        failed = all_steps(bench)[-1]
        assert (failed.status, failed.error_number, failed.outputs) == ("failed", error.number, ())
        assert sorted(bench.library.objects.all()) == before


def test_every_number_a_step_needs_to_be_understood_is_in_its_row(open_bench, box) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        run_chain(bench, row)
        step = all_steps(bench)[-1]
    assert step.stage == "denoise"
    assert step.decision == "applied"
    assert step.options["strength"] == 1.0
    assert step.inputs[0].sha256 != step.output()
    assert step.measures
    assert step.software["numpy"] == np.__version__
    assert step.seconds > 0


def test_a_checkpoint_holds_what_the_stage_made(open_bench, box) -> None:
    with open_bench() as bench:
        row = first_print(bench, box)
        run_chain(bench, row)
        before = read_checkpoint(bench.library.objects.path(row.sha256))
        after = read_checkpoint(bench.library.objects.path(all_steps(bench)[-1].output() or ""))
    assert after.bit_depth == 16
    assert after.pixels[:, 40:50].std() < before.pixels[:, 40:50].std() / 2
