"""Exports and archive packages on full, read-only and dying disks; packages with flipped bits."""

from __future__ import annotations

import shlex
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.io.digest import sha256_file
from pipeline.store.new_library import UNFINISHED

pytestmark = pytest.mark.xdist_group("prefect")

PATIENCE_SECONDS = 120.0
PRINTS = ("0001-1", "0002-1")


@dataclass(frozen=True)
class Packed:
    """A library and the package that was written of it."""

    library: Path
    bag: Path
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def packed(job, calm, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    folder = tmp_path_factory.mktemp("packed")
    library = calm.copy(folder / "library")
    said = job.run(*bag_words(library, folder / "bag"))
    assert said.code == 0, said
    return Packed(library, folder / "bag", said.json())


def bag_words(library: Path, to: Path) -> list[object]:
    return ["export", "--library", library, "--bag", "--to", to, "--device", "cpu", "--json"]


def import_words(bag: Path, library: Path) -> list[object]:
    return ["import-bag", bag, "--library", library, "--json"]


def told(job, library: Path) -> list[Any]:
    """All that `verify` and `history` say about a library."""
    words = [["verify"], *(["history", name] for name in PRINTS)]
    said = [job.run(*word, "--library", library, "--json") for word in words]
    assert [one.code for one in said] == [0] * len(words), said
    return [one.json() for one in said]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def payload(bag: Path) -> dict[str, str]:
    """What a package says of photographs; how often it was packed is in the ledger, too."""
    return {
        path: digest
        for path, digest in contents(bag / "data").items()
        if path.split("/")[0] in {"scans", "prints", "exports"}
        and not path.endswith((".json", ".html"))
    }


def test_a_package_brings_the_whole_library_back(job, packed: Packed, tmp_path: Path) -> None:
    library = tmp_path / "back"
    said = job.run(*import_words(packed.bag, library))
    assert said.code == 0, said
    assert said.json()["prints"] == len(PRINTS)
    assert told(job, library) == told(job, packed.library)
    assert job.contents(library) == job.contents(packed.library)


@pytest.mark.slow
def test_what_came_back_is_digitized_on_without_doing_anything_twice(
    job, packed: Packed, tmp_path: Path
) -> None:
    library = tmp_path / "back"
    assert job.run(*import_words(packed.bag, library)).code == 0
    assert job.finish(library)["steps"]["ran"] == 0


@pytest.mark.parametrize("kind", ["scans", "prints", "exports", "ledger"])
def test_a_flipped_bit_in_a_package_is_found_and_the_file_named(
    job, packed: Packed, flip: Callable[[Path], None], tmp_path: Path, kind: str
) -> None:
    path = next(
        path
        for path in sorted((packed.bag / "data" / kind).rglob("*"))
        if path.is_file() and path.stat().st_size
    )
    flip(path)
    try:
        said = job.run(*import_words(packed.bag, tmp_path / "back"))
    finally:
        flip(path)
    assert said.code == 3, said
    assert said.only_line().startswith("E308 The archive package is damaged")
    assert str(path) in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_an_export_with_a_flipped_bit_is_told_of_and_not_packed(
    job, calm, flip: Callable[[Path], None], tmp_path: Path
) -> None:
    library = calm.copy(tmp_path / "library")
    gift = library / "exports" / "gift"
    said = job.run("export", "--library", library, "--to", gift, "--format", "png", "--json")
    assert said.code == 0, said
    path = sorted(gift.iterdir())[0]
    flip(path)
    verified = job.run("verify", "--library", library, "--json").json()
    assert [change["path"] for change in verified["exports_changed"]] == [str(path)]
    said = job.run(*bag_words(library, tmp_path / "bag"))
    assert said.code == 0, said
    assert said.json()["bag"]["left_out"] == [path.relative_to(library).as_posix()]
    assert sha256_file(path) not in contents(tmp_path / "bag").values()
    said = job.run(*import_words(tmp_path / "bag", tmp_path / "back"))
    assert said.json()["exports_missing"] == [path.relative_to(library).as_posix()]


@pytest.mark.slow
def test_nothing_that_is_there_is_packed_over_or_imported_over(
    job, packed: Packed, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    before = contents(packed.bag)
    for words in (
        bag_words(packed.library, tmp_path / "there"),
        bag_words(packed.library, packed.bag),
        import_words(packed.bag, tmp_path / "there"),
        import_words(packed.bag, packed.library),
    ):
        said = job.run(*words)
        assert said.code == 2, said
        assert said.only_line().startswith("E204 ")
    assert contents(packed.bag) == before
    assert contents(tmp_path / "there").keys() == {"mine.txt"}


@pytest.mark.slow
def test_an_export_to_a_full_disk_leaves_no_half_file_and_a_second_try_works(
    job, calm, mounts, tmp_path: Path
) -> None:
    library = calm.copy(tmp_path / "library")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shlex.quote(str(disk))
    inside = mounts(f"mount -t tmpfs -o size=256k tmpfs {mount}")
    words = ["export", "--library", library, "--to", disk / "shop", "--device", "cpu", "--json"]
    said = job.run(*words, before=inside.before)
    assert said.code == 7, said
    assert said.only_line().startswith("E701 No space is left"), said.err
    left = [path for path in inside.see(disk).rglob("*") if path.is_file()]
    # The small print may be there, and then it is whole; of the large one there is nothing.
    masters = {sha256_file(path) for path in (library / "exports" / "masters").iterdir()}
    assert len(left) <= 1
    assert {sha256_file(path) for path in left} <= masters
    inside.do(f"mount -o remount,size=64m {mount}")
    said = job.run(*words, before=inside.before)
    assert said.code == 0, said
    assert {sha256_file(path) for path in inside.see(disk / "shop").iterdir()} == masters


@pytest.mark.slow
def test_a_package_on_a_disk_that_fills_up_leaves_nothing_and_a_second_try_works(
    job, packed: Packed, mounts, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    bag, mount = disk / "bag", shlex.quote(str(disk))
    # Too small from the beginning; then room enough, but not for so many files.
    inside = mounts(f"mount -t tmpfs -o size=256k tmpfs {mount}")
    for _ in range(2):
        said = job.run(*bag_words(packed.library, bag), before=inside.before)
        assert said.code == 7, said
        assert said.only_line().startswith("E701 No space is left"), said.err
        assert list(inside.see(disk).iterdir()) == []
        inside.do(f"umount {mount} && mount -t tmpfs -o size=256m,nr_inodes=30 tmpfs {mount}")
    inside.do(f"umount {mount} && mount -t tmpfs -o size=256m tmpfs {mount}")
    said = job.run(*bag_words(packed.library, bag), before=inside.before)
    assert said.code == 0, said
    assert payload(inside.see(bag)) == payload(packed.bag)


@pytest.mark.slow
def test_an_import_to_a_disk_that_fills_up_leaves_nothing_and_a_second_try_works(
    job, packed: Packed, mounts, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    library, mount = disk / "library", shlex.quote(str(disk))
    inside = mounts(f"mount -t tmpfs -o size=256k tmpfs {mount}")
    for _ in range(2):
        said = job.run(*import_words(packed.bag, library), before=inside.before)
        assert said.code == 7, said
        assert said.only_line().startswith("E701 No space is left"), said.err
        assert list(inside.see(disk).iterdir()) == []
        inside.do(f"umount {mount} && mount -t tmpfs -o size=256m,nr_inodes=24 tmpfs {mount}")
    inside.do(f"umount {mount} && mount -t tmpfs -o size=256m tmpfs {mount}")
    assert job.run(*import_words(packed.bag, library), before=inside.before).code == 0
    assert job.contents(inside.see(library)) == job.contents(packed.library)


@pytest.mark.slow
def test_a_read_only_target_is_refused_in_one_line(
    job, packed: Packed, mounts, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shlex.quote(str(disk))
    inside = mounts(f"mount -t tmpfs -o ro tmpfs {mount}")
    for words in (
        bag_words(packed.library, disk / "bag"),
        import_words(packed.bag, disk / "library"),
        ["export", "--library", packed.library, "--to", disk / "shop", "--json"],
    ):
        said = job.run(*words, before=inside.before)
        assert said.code in {2, 5}, said
        assert str(disk) in said.only_line()
        assert "read-only" in said.only_line().lower()


@pytest.mark.slow
def test_a_package_whose_writing_was_killed_is_not_there_and_is_written_anew(
    job, packed: Packed, tmp_path: Path
) -> None:
    bag = tmp_path / "bag"
    process = job.start(*bag_words(packed.library, bag))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not list(tmp_path.glob(".bag.*.part/bag/data/prints/*/steps/*")):
        assert process.poll() is None, f"ended too early: {process.communicate()}"
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".bag.")
    said = job.run(*bag_words(packed.library, bag))
    assert said.code == 0, said
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]
    assert payload(bag) == payload(packed.bag)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["objects", "rows", "card"])
def test_an_import_that_was_killed_is_no_library_and_is_begun_anew(
    job, packed: Packed, strace, tmp_path: Path, moment: str
) -> None:
    library = tmp_path / "back"
    watched = {
        "objects": ("fsync", library / "objects", 3),
        "rows": ("unlink", library / "ledger.sqlite-journal", 2),
        "card": ("fsync", library, 4),
    }
    call, path, when = watched[moment]
    fault = strace("-P", str(path), "-e", f"inject={call}:signal=KILL:when={when}")
    said = job.run(*import_words(packed.bag, library), before=fault)
    assert said.code == -signal.SIGKILL, said
    assert (library / UNFINISHED).is_file()
    refused = job.run("status", "--library", library)
    assert (refused.code, refused.only_line()[:4]) == (5, "E505")
    assert job.run(*import_words(packed.bag, library)).code == 0
    assert job.contents(library) == job.contents(packed.library)
    assert told(job, library) == told(job, packed.library)
