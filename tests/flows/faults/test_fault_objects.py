"""Stored files that changed or vanished: checkpoints are made again, originals never."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("prefect")


def file_of(library: Path, sha256: str) -> Path:
    (path,) = (library / "objects" / sha256[:2]).glob(f"{sha256}*")
    return path


def test_changed_and_deleted_checkpoints_are_named_and_made_again(
    job, calm, flip: Callable[[Path], None], tmp_path: Path
) -> None:
    library = calm.copy(tmp_path / "library")
    changed = calm.output("denoise", "large.tif")
    deleted = calm.output("deyellow", "small.png")
    flip(file_of(library, changed))
    damaged = file_of(library, changed).read_bytes()
    file_of(library, deleted).unlink()

    said = job.run("verify", "--library", library)
    assert said.code == 5
    (first, second) = said.err.splitlines()
    assert first.startswith(f"DAMAGED {changed}: ")
    assert second.startswith(f"MISSING {deleted}: ")
    assert "0001-1 denoise" in first
    assert "0002-1 deyellow" in second

    summary = job.finish(library)
    assert summary["steps"]["ran"] == 2
    (aside,) = (library / "quarantine").iterdir()
    assert aside.read_bytes() == damaged
    assert job.contents(library) == calm.contents
    assert job.run("verify", "--library", library).code == 0


@pytest.mark.slow
def test_a_changed_original_is_an_alarm_and_only_its_box_can_bring_it_back(
    job, calm, flip: Callable[[Path], None], tmp_path: Path
) -> None:
    library = calm.copy(tmp_path / "library")
    original = calm.output("ingest", "large.tif")
    flip(file_of(library, original))
    rest = job.contents(library)
    taken_in = "select count(*) from step where stage in ('ingest', 'split')"
    job.box.rename(job.box.with_name("elsewhere"))
    try:
        said = job.run("verify", "--library", library)
        assert said.code == 5
        assert said.only_line().startswith(f"ORIGINAL {original}: ")
        for words in (
            ["rerun", "--from-stage", "split"],
            ["export", "--to", tmp_path / "shop", "--print", "0001-1"],
        ):
            said = job.run(*words, "--library", library, "--json")
            assert said.code == 5, said
            assert said.only_line().startswith("E503 ")
            assert original in said.err
        assert job.rows(library, taken_in) == job.rows(calm.library, taken_in)
        assert job.contents(library) == rest
    finally:
        job.box.with_name("elsewhere").rename(job.box)
    job.finish(library)
    assert job.contents(library) == calm.contents
    assert job.run("verify", "--library", library).code == 0
