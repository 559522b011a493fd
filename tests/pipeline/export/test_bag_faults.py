"""A package that cannot be whole is not there at all, and nothing else is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import bagit
import pytest

from pipeline.core.errors import (
    DiskFull,
    LibraryBusy,
    ObjectDamaged,
    ObjectMissing,
    OriginalDamaged,
    TargetExists,
    TargetRefused,
    WriteFailed,
)
from pipeline.export.bag import BagReport, write_bag
from pipeline.export.bag_workplace import check_space, workplace
from tests.pipeline.export.bagged_library import BaggedLibrary

ROOT = Path(__file__).parents[3]


def packed(made: BaggedLibrary, target: Path, **more: object) -> BagReport:
    return write_bag(made.library, target, **more)  # type: ignore[arg-type]


def test_a_damaged_result_is_named_and_nothing_is_written(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    path = made.library.objects.path(made.stored["repaired"].sha256)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ObjectDamaged, match=f"{made.stored['repaired'].sha256}.*03-repair"):
        packed(made, tmp_path / "bag")
    assert {entry.name for entry in tmp_path.iterdir()} == {"library"}


def test_a_damaged_original_is_told_from_a_damaged_result(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    for name, kind in (("scan-3", OriginalDamaged), ("captions", OriginalDamaged)):
        path = made.library.objects.path(made.stored[name].sha256)
        data = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(b"x" + data[1:])
        with pytest.raises(kind, match=made.stored[name].sha256):
            packed(made, tmp_path / "bag")
        path.write_bytes(data)
    made.library.objects.path(made.stored["scan-1"].sha256).unlink()
    with pytest.raises(OriginalDamaged, match="scans/0001_"):
        packed(made, tmp_path / "bag")
    made.library.objects.path(made.stored["master"].sha256).unlink()
    with pytest.raises(ObjectMissing, match=made.stored["master"].sha256):
        packed(made, tmp_path / "bag")
    assert not (tmp_path / "bag").exists()


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_whatever_stands_at_the_target_stays_as_it_is(
    made: BaggedLibrary, tmp_path: Path, there: str
) -> None:
    target = tmp_path / "bag"
    if there == "folder":
        target.mkdir()
    elif there == "file":
        target.write_bytes(b"mine")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(TargetExists, match="bag"):
        packed(made, target)
    assert os.path.lexists(target)
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


def test_a_target_that_appears_while_the_package_is_built_is_left_alone(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    target = tmp_path / "bag"

    class Meddler:
        def begin(self, label: str, total: float, unit: str) -> None:
            if label == "check package":
                target.mkdir()

        def advance(self, units: float = 1.0) -> None:
            pass

    with pytest.raises(TargetExists):
        packed(made, target, progress=Meddler())
    assert list(target.iterdir()) == []
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


@pytest.mark.parametrize("victim", ["data/models.json", "bag-info.txt"])
def test_what_goes_wrong_between_writing_and_checking_is_found(
    made: BaggedLibrary, tmp_path: Path, victim: str
) -> None:
    class Gremlin:
        def begin(self, label: str, total: float, unit: str) -> None:
            if label == "check package":
                (work,) = (path for path in tmp_path.iterdir() if path.name.startswith("."))
                data = bytearray((work / "bag" / victim).read_bytes())
                data[10] ^= 4
                (work / "bag" / victim).write_bytes(data)

        def advance(self, units: float = 1.0) -> None:
            pass

    with pytest.raises(WriteFailed, match=victim):
        packed(made, tmp_path / "bag", progress=Gremlin())
    assert {path.name for path in tmp_path.iterdir()} == {"library"}


def test_a_package_inside_the_library_may_only_lie_among_its_exports(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    root = made.library.root
    (tmp_path / "alias").symlink_to(root)
    for target in (root / "bag", root / "objects/bag", tmp_path / "alias/bag"):
        with pytest.raises(TargetRefused):
            packed(made, target)
    packed(made, root / "exports/bag")
    bagit.Bag(str(root / "exports/bag")).validate()


def test_a_killed_build_leaves_nothing_at_the_target_and_is_cleared_by_the_next(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from pipeline.export.bag import write_bag
from pipeline.store.library import open_library
class Killer:
    def begin(self, label, total, unit):
        if label == "describe prints":
            os.kill(os.getpid(), signal.SIGKILL)
    def advance(self, units=1.0): pass
with open_library(Path(sys.argv[1]), write=False) as library:
    write_bag(library, Path(sys.argv[2]), progress=Killer())
"""
    target = tmp_path / "bag"
    arguments = [sys.executable, "-c", code, str(made.library.root), str(target)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(arguments, env=environment, check=False).returncode == -9
    (left,) = [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]
    assert (left / "bag/data/scans").is_dir()
    assert not target.exists()
    packed(made, target)
    bagit.Bag(str(target)).validate()
    assert not left.exists()


def test_two_who_write_the_same_package_do_not_meet(made: BaggedLibrary, tmp_path: Path) -> None:
    with workplace(tmp_path / "bag") as built:
        (built / "mine").write_bytes(b"")
        with pytest.raises(LibraryBusy, match="bag is being written"):
            packed(made, tmp_path / "bag")
        assert (built / "mine").exists()
        packed(made, tmp_path / "another")
    packed(made, tmp_path / "bag")


FULL = """
import os, sys
from pathlib import Path
from pipeline.core.errors import DiskFull
from pipeline.export.bag import write_bag
from pipeline.store.library import open_library
disk = Path(sys.argv[2])
class Filler:
    "Takes all the room there is in the middle of the work."
    def begin(self, label, total, unit):
        if label == "describe prints":
            with open(disk / "filler", "wb") as file:
                try:
                    while True: os.write(file.fileno(), b"x" * 4096)
                except OSError: pass
    def advance(self, units=1.0): pass
with open_library(Path(sys.argv[1]), write=False) as library:
    try:
        write_bag(library, disk / "bag", progress=Filler())
    except DiskFull as error:
        print(sorted(entry.name for entry in disk.iterdir()), "E701", str(disk) in error.detail)
"""


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    disk, tool = tmp_path / "disk", shutil.which("unshare")
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=40m none "{disk}" && exec "$@"'
    words = [str(tool), "-m", "sh", "-c", mount, "sh"]
    if tool is None or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("unshare is missing or may not mount here")
    done = subprocess.run(
        [*words, sys.executable, "-c", FULL, str(made.library.root), str(disk)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "['filler'] E701 True\n", done.stderr


def test_a_disk_too_small_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    check_space(tmp_path, free // 2)
    with pytest.raises(DiskFull, match=re.escape(str(tmp_path))):
        check_space(tmp_path, free * 2)


SYNCED = """
import sys
from pathlib import Path
from pipeline.core.errors import WriteFailed
from pipeline.export.bag import write_bag
from pipeline.store.library import open_library
with open_library(Path(sys.argv[1]), write=False) as library:
    try:
        print(write_bag(library, Path(sys.argv[2])).files)
    except WriteFailed as error:
        print("E703")
"""


def _traced(tmp_path: Path, *options: str) -> tuple[str, str]:
    """What the child printed under strace, and the log of its calls."""
    tool = shutil.which("strace")
    if tool is None or subprocess.run([tool, "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("strace is missing or may not trace here")
    log, library, target = tmp_path / "log", str(tmp_path / "library"), str(tmp_path / "bag")
    done = subprocess.run(
        [
            tool,
            "-f",
            "--seccomp-bpf",
            "-y",
            "-o",
            log,
            *options,
            sys.executable,
            "-c",
            SYNCED,
            library,
            target,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip(), log.read_text()


def test_every_file_and_folder_is_durable_before_the_package_gets_its_name(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    printed, log = _traced(tmp_path, "-e", "trace=fsync,rename,renameat,renameat2")
    before, rename, after = log.partition(f'bag", "{tmp_path}/bag"')
    assert rename
    bag = tmp_path / "bag"
    files = [path for path in bag.rglob("*") if path.is_file()]
    folders = [bag, *(path for path in bag.rglob("*") if path.is_dir())]
    assert int(printed) == len(files) - 6
    synced = set(re.findall(r"fsync\(\d+<(.+?)>", before))
    relative = {path.partition("/bag/")[2] for path in synced if "/bag/" in path}
    assert {path.relative_to(bag).as_posix() for path in files} <= relative
    assert {path.relative_to(bag).as_posix() for path in folders[1:]} <= relative
    assert f"<{tmp_path}>" in after


def test_a_disk_that_fails_to_sync_gives_no_package(made: BaggedLibrary, tmp_path: Path) -> None:
    printed, _ = _traced(tmp_path, "-e", "inject=fsync:error=EIO:when=40")
    assert printed == "E703"
    assert {path.name for path in tmp_path.iterdir()} == {"library", "log"}
