"""A disk that is full, a library that may not be written to, a log that cannot be kept."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("prefect")


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_a_disk_that_is_full_again_and_again_leaves_nothing_half_done(
    job, calm, mounts, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    library, mount = disk / "library", shlex.quote(str(disk))
    inside = mounts(f"mount -t tmpfs -o size=64k tmpfs {mount}")
    seen = inside.see(library)
    needed = sum(p.stat().st_size for p in calm.library.rglob("*") if p.is_file()) // 1024
    stopped_at = []
    for share in (0.3, 0.6, 0.95):
        said = job.digitize(library, before=inside.before)
        assert said.code == 7, said
        assert said.only_line().startswith("E701 No space is left"), said.err
        assert not list(seen.rglob("*.part"))
        if (seen / "shoebox.json").exists():
            verified = job.run("verify", "--library", library, "--json", before=inside.before)
            assert verified.code == 0, verified
        stopped_at.append(len(job.contents(seen)))
        inside.do(f"mount -o remount,size={round(needed * share)}k {mount}")
    assert stopped_at[0] < stopped_at[1] < stopped_at[2]
    inside.do(f"mount -o remount,size={needed * 2}k {mount}")
    job.finish(library, before=inside.before)
    assert job.contents(seen) == calm.contents


def test_a_read_only_library_is_refused_before_any_work_and_stays_as_it_is(
    job, calm, mounts, tmp_path: Path
) -> None:
    library = calm.copy(tmp_path / "library")
    shutil.rmtree(library / "exports" / "masters")
    before = everything(library)
    folder = shlex.quote(str(tmp_path))
    inside = mounts(f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}")
    for root in (library, tmp_path / "a-new-one"):
        said = job.digitize(root, before=inside.before)
        assert said.code == 5, said
        assert said.only_line().startswith("E507 The library cannot be written to")
        assert str(root) in said.err
    assert everything(library) == before
    assert not (tmp_path / "a-new-one").exists()
    assert job.run("status", "--library", library, before=inside.before).code == 0


def test_a_log_that_cannot_be_written_neither_stops_the_job_nor_floods_the_terminal(
    job, calm, strace, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    log = library / "logs" / "run-0001.log"
    fault = strace("-P", str(log), "-e", "inject=write:error=ENOSPC")
    said = job.digitize(library, before=fault)
    assert (said.code, said.err) == (0, "")
    assert log.read_bytes() == b""
    assert job.contents(library) == calm.contents
