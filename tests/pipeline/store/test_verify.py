"""Verify names everything that is not as the ledger says, and only that."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pipeline.io.digest import sha256_bytes
from pipeline.store.clock import now
from pipeline.store.library import Library
from pipeline.store.record import NewStep, Output, add_export, add_print, add_scan, add_step
from pipeline.store.verify import verify


class Counter:
    """A progress listener that adds up."""

    def __init__(self) -> None:
        self.total = 0.0
        self.done = 0.0

    def begin(self, label: str, total: float, unit: str) -> None:
        self.total = total

    def advance(self, units: float = 1.0) -> None:
        self.done += units


@pytest.fixture
def digests(library: Library, run_id: int) -> dict[str, str]:
    """A library with an original, a crop, a checkpoint and an export; digests by what they are."""
    stored = {
        name: library.objects.put(lambda file, name=name: file.write(name.encode() * 100), ".tif")
        for name in ("original", "crop", "denoised")
    }

    def step(stage: str, name: str, role: str, print_id: int | None) -> NewStep:
        return NewStep(
            run_id=run_id,
            scan_id=1,
            print_id=print_id,
            key="k" * 64,
            stage=stage,
            stage_version=1,
            options={},
            status="done",
            started_at=now(),
            seconds=0.5,
            outputs=[Output(role, stored[name])],
        )

    export = library.exports / "0001-1.jpg"
    export.write_bytes(b"export")
    with library.ledger.write() as session:
        original = stored["original"]
        add_scan(
            session,
            run_id=run_id,
            box="/box",
            name_bytes=b"page.tif",
            sha256=original.sha256,
            bytes=original.bytes,
        )
        add_step(session, step("ingest", "original", "original", None))
        add_step(session, step("split", "crop", "print-1", None))
        crop = stored["crop"].sha256
        photo = add_print(session, scan_id=1, ordinal=1, sha256=crop, geometry={})
        step_id = add_step(session, step("denoise", "denoised", "photo", photo.id))
        for digest in ("0" * 64, sha256_bytes(b"export")):
            add_export(
                session,
                run_id=run_id,
                print_id=photo.id,
                step_id=step_id,
                path="exports/0001-1.jpg",
                sha256=digest,
                bytes=6,
                options={},
            )
    return {name: item.sha256 for name, item in stored.items()}


def flip(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_sound_library_has_nothing_to_report(library: Library, digests: dict[str, str]) -> None:
    counter = Counter()
    report = verify(library, counter)
    assert report.sound
    assert (report.objects, report.bytes) == (3, 100 * len("originalcropdenoised"))
    assert counter.done == counter.total == report.bytes
    assert not (report.orphans or report.exports_changed)


def test_a_flipped_bit_in_a_checkpoint_is_named_with_the_print(
    library: Library, digests: dict[str, str]
) -> None:
    flip(library.objects.path(digests["denoised"]))
    report = verify(library)
    assert not report.sound
    (bad,) = report.damaged
    assert bad.sha256 == digests["denoised"]
    assert bad.used_by == ("0001-1 denoise (out photo)",)
    assert not (report.originals or report.missing)


def test_a_deleted_crop_is_missing_with_everything_that_names_it(
    library: Library, digests: dict[str, str]
) -> None:
    library.objects.path(digests["crop"]).unlink()
    report = verify(library)
    (bad,) = report.missing
    assert bad.used_by == ("page.tif split (out print-1)", "0001-1 (crop)")
    assert report.objects == 2
    assert not (report.sound or report.damaged)


@pytest.mark.parametrize("fault", ["flip", "delete"])
def test_a_lost_original_is_reported_apart_because_nothing_can_remake_it(
    library: Library, digests: dict[str, str], fault: str
) -> None:
    path = library.objects.path(digests["original"])
    flip(path) if fault == "flip" else path.unlink()
    report = verify(library)
    (bad,) = report.originals
    assert bad.originals == ("/box: page.tif",)
    assert not (report.sound or report.damaged or report.missing)


def test_an_object_that_no_row_names_is_an_orphan_and_no_fault(
    library: Library, digests: dict[str, str]
) -> None:
    stored = library.objects.put(lambda file: file.write(b"never recorded"), ".tif")
    report = verify(library)
    assert report.orphans == (library.objects.path(stored.sha256),)
    assert report.sound


def test_exports_that_were_edited_or_moved_are_told_but_are_no_damage(
    library: Library, digests: dict[str, str]
) -> None:
    export = library.exports / "0001-1.jpg"
    export.write_bytes(b"edited by hand")
    (changed,) = verify(library).exports_changed
    assert (changed.print_name, changed.path, changed.reason) == ("0001-1", export, "changed")
    export.write_bytes(b"exporT")
    assert [item.reason for item in verify(library).exports_changed] == ["changed"]
    export.unlink()
    report = verify(library)
    assert [item.reason for item in report.exports_changed] == ["gone"]
    assert report.sound


def test_a_row_that_refers_to_nothing_is_named(library: Library, digests: dict[str, str]) -> None:
    with sqlite3.connect(library.root / "ledger.sqlite") as other_program:
        other_program.execute(
            "INSERT INTO print VALUES (9, '0009-1', 77, 1, ?, '{}', 'now')", ["d" * 64]
        )
    report = verify(library)
    assert not report.sound
    assert sorted(report.rows_bad) == [
        "print row 9 refers to a missing row of object",
        "print row 9 refers to a missing row of scan",
    ]


def test_a_damaged_index_is_named(library: Library, digests: dict[str, str]) -> None:
    with sqlite3.connect(library.root / "ledger.sqlite") as other_program:
        other_program.execute("PRAGMA writable_schema=ON")
        other_program.execute(
            "UPDATE sqlite_schema SET sql = 'CREATE INDEX ix_step_key ON step (stage)' "
            "WHERE name = 'ix_step_key'"
        )
    assert any("ix_step_key" in line for line in verify(library).rows_bad)
