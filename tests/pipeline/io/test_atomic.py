"""Publishing a file: whole or not at all, with the faults brought about for real."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
import tifffile
from PIL import Image

from pipeline.core.errors import WriteFailed
from pipeline.io.atomic import publish, remove_stale_parts, write_part

ROOT = Path(__file__).parents[3]
RENAMES = "rename,renameat,renameat2"

PUBLISH_NEW = """
import sys
from pathlib import Path
from pipeline.core.errors import ShoeboxError
from pipeline.io.atomic import publish
try:
    publish(Path(sys.argv[1]), lambda file: file.write(b"new" * 100_000), read_only=True)
except ShoeboxError as error:
    print(type(error).__name__)
    sys.exit(9)
"""


def child(code: str, *arguments: str | Path, before: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run code in a real Python of its own; gives its exit status and what it printed."""
    python = str(Path(sys.executable).absolute())
    done = subprocess.run(
        [*before, python, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def strace(tmp_path: Path, *options: str) -> tuple[str, ...]:
    """The words that run a command under strace, its log in strace.log."""
    tool = shutil.which("strace")
    if tool is None or subprocess.run([tool, "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("strace is missing or may not trace here")
    return (tool, "-f", "-o", str(tmp_path / "strace.log"), *options)


def small_disk(kilobytes: int, folder: Path) -> tuple[str, ...]:
    """The words that run a command with a tiny disk of its own at a folder."""
    tool = shutil.which("unshare")
    mount = f'mount -t tmpfs -o size={kilobytes}k none "{folder}" && exec "$@"'
    words = (str(tool), "-m", "sh", "-c", mount, "sh")
    if tool is None or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("unshare is missing or may not mount here")
    return words


def parts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


def test_a_published_file_has_the_bytes_and_the_digest_it_claims(tmp_path: Path) -> None:
    data = os.urandom(3_000_001)
    published = publish(tmp_path / "a.bin", lambda file: file.write(data))
    assert (tmp_path / "a.bin").read_bytes() == data
    assert published.bytes == len(data)
    assert published.sha256 == hashlib.sha256(data).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_read_only_file_can_be_written_by_nobody_and_still_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    publish(target, lambda file: file.write(b"one"), read_only=True)
    assert target.stat().st_mode & 0o222 == 0
    publish(target, lambda file: file.write(b"two"))
    assert target.read_bytes() == b"two"


def test_a_writer_that_goes_back_in_the_file_gets_what_it_wrote(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"????-body")
        file.seek(0)
        file.write(b"head")
        assert file.read(5) == b"-body"
        file.seek(2, os.SEEK_END)
        file.write(b"tail")
        file.truncate(13)

    published = publish(tmp_path / "a.bin", write)
    assert (tmp_path / "a.bin").read_bytes() == b"head-body\0\0ta"
    assert published.sha256 == hashlib.sha256(b"head-body\0\0ta").hexdigest()


def test_the_encoders_in_use_can_write_into_it(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 65535, (40, 50, 3), dtype=np.uint16)
    publish(tmp_path / "a.tif", lambda file: tifffile.imwrite(file, pixels, compression="zlib"))
    publish(tmp_path / "b.tif", lambda file: tifffile.imwrite(file, pixels, photometric="rgb"))
    for name in ("a.tif", "b.tif"):
        assert np.array_equal(tifffile.imread(tmp_path / name), pixels)
    small = Image.fromarray((pixels >> 8).astype(np.uint8))
    publish(tmp_path / "c.png", lambda file: small.save(file, "PNG"))
    assert np.array_equal(np.asarray(Image.open(tmp_path / "c.png")), np.asarray(small))


def test_a_failing_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def write(file: BinaryIO) -> None:
        file.write(b"half")
        file.flush()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(target, write)
    assert target.read_bytes() == b"old"
    assert parts(tmp_path) == []


def test_a_digest_other_than_the_expected_one_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="digest"):
        publish(tmp_path / "a", lambda file: file.write(b"data"), expected_sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_bytes_changed_behind_the_writers_back_are_noticed(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"A" * 10_000)
        file.flush()
        (part,) = tmp_path.iterdir()
        with part.open("r+b") as other:
            other.seek(5_000)
            other.write(b"B")

    with pytest.raises(WriteFailed, match="digest"):
        publish(tmp_path / "a", write)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", [2, 5_000])
def test_they_are_noticed_too_when_the_head_of_the_file_is_written_last(
    tmp_path: Path, place: int
) -> None:
    def write(file: BinaryIO) -> None:
        file.seek(8)
        file.write(b"A" * 10_000)
        file.seek(0)
        file.write(b"A" * 8)
        file.flush()
        (part,) = tmp_path.iterdir()
        with part.open("r+b") as other:
            other.seek(place)
            other.write(letter)

    letter = b"A"
    publish(tmp_path / "a", write)
    (tmp_path / "a").unlink()
    letter = b"B"
    with pytest.raises(WriteFailed, match="digest"):
        publish(tmp_path / "a", write)
    assert list(tmp_path.iterdir()) == []


def test_bytes_lost_behind_the_writers_back_are_noticed(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"A" * 10_000)
        file.flush()
        (part,) = tmp_path.iterdir()
        os.truncate(part, 9_000)

    with pytest.raises(WriteFailed, match="10000 bytes were written, 9000 are there"):
        publish(tmp_path / "a", write)
    assert list(tmp_path.iterdir()) == []


def test_a_name_as_long_as_the_file_system_allows_works(tmp_path: Path) -> None:
    for name in ("n" * 255, "ü" * 127, os.fsdecode(b"\xff" * 255)):
        publish(tmp_path / name, lambda file: file.write(b"x"))
        assert (tmp_path / name).read_bytes() == b"x"


def test_a_folder_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="No such file"):
        publish(tmp_path / "none" / "a", lambda file: file.write(b"x"))


def test_only_parts_made_here_are_swept(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    stale = write_part(tmp_path, "a.tif", lambda file: file.write(b"x")).path
    deep = write_part(below, "b\n.tif", lambda file: file.write(b"x")).path
    kept = [tmp_path / name for name in ("model.pth.part", ".mine.part", "a.0123456789abcdef.part")]
    for path in kept:
        path.write_bytes(b"x")
    assert remove_stale_parts(tmp_path) == [stale]
    assert remove_stale_parts(tmp_path, recursive=True) == [deep]
    assert all(path.exists() for path in kept)
    assert remove_stale_parts(tmp_path / "absent") == []


def test_a_full_disk_is_named_and_nothing_is_published(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
import numpy as np
from PIL import Image
from pipeline.core.errors import DiskFull
from pipeline.io.atomic import publish
folder = Path(sys.argv[1])
publish(folder / "old", lambda file: file.write(b"old"))
noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
picture = Image.fromarray(noise)
writers = (
    lambda file: file.write(b"x" * 200_000),
    lambda file: [file.write(b"x" * 999) for _ in range(200)],
    lambda file: picture.save(file, "PNG"),
    lambda file: picture.save(file, "TIFF", compression="raw"),
)
for write in writers:
    try:
        publish(folder / "old", write)
    except DiskFull as error:
        assert str(folder) in error.detail
    else:
        raise SystemExit("it was published")
    assert [path.name for path in folder.iterdir()] == ["old"], list(folder.iterdir())
    assert (folder / "old").read_bytes() == b"old"
publish(folder / "old", lambda file: file.write(b"new"))
print("survived")
"""
    status, printed = child(code, tmp_path, before=small_disk(64, tmp_path))
    assert (status, printed) == (0, "survived\n")


def test_a_write_cut_short_by_a_file_size_limit_fails_whole(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    assert resource.RLIMIT_FSIZE is not None
    code = """
import resource, sys
from pathlib import Path
from pipeline.core.errors import WriteFailed
from pipeline.io.atomic import publish
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    publish(Path(sys.argv[1]) / "a", lambda file: file.write(b"x" * 15_000))
except WriteFailed as error:
    print(error.detail.rpartition(": ")[2])
"""
    assert child(code, tmp_path) == (0, "File too large\n")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_fsync_fails_the_publication(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    inject = strace(tmp_path, "-e", "inject=fsync:error=EIO:when=1")
    assert child(PUBLISH_NEW, target, before=inject) == (9, "WriteFailed\n")
    assert target.read_bytes() == b"old"
    assert parts(tmp_path) == []


def test_a_failing_fsync_of_the_folder_is_not_called_success(tmp_path: Path) -> None:
    inject = strace(tmp_path, "-e", "inject=fsync:error=EIO:when=2")
    assert child(PUBLISH_NEW, tmp_path / "a.bin", before=inject) == (9, "WriteFailed\n")
    assert parts(tmp_path) == []


@pytest.mark.parametrize(
    ("moment", "survivor"),
    [
        ("fchmod:signal=KILL:when=1", b"old"),
        ("fsync:signal=KILL:when=1", b"old"),
        (f"{RENAMES}:signal=KILL:error=EINTR:when=1", b"old"),
        ("fsync:signal=KILL:when=2", b"new" * 100_000),
    ],
)
def test_kill_9_leaves_the_old_file_or_the_whole_new_one(
    tmp_path: Path, moment: str, survivor: bytes
) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    status, _ = child(PUBLISH_NEW, target, before=strace(tmp_path, "-e", f"inject={moment}"))
    assert status == -signal.SIGKILL
    assert target.read_bytes() == survivor
    assert len(parts(tmp_path)) == (survivor == b"old")
    remove_stale_parts(tmp_path)
    assert parts(tmp_path) == []


def test_kill_9_in_mid_write_leaves_only_a_part_that_is_swept(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from pipeline.io.atomic import publish
def write(file):
    file.write(b"x" * 5_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
publish(Path(sys.argv[1]) / "a", write)
"""
    status, _ = child(code, tmp_path)
    assert status == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.stat().st_size > 0
    assert remove_stale_parts(tmp_path) == [left]
    assert list(tmp_path.iterdir()) == []


def test_every_byte_is_durable_before_the_name_and_the_name_before_the_return(
    tmp_path: Path,
) -> None:
    trace = strace(tmp_path, "-y", "-e", f"trace=write,fsync,fchmod,{RENAMES}")
    folder = tmp_path / "target"
    folder.mkdir()
    assert child(PUBLISH_NEW, folder / "a.bin", before=trace) == (0, "")
    pattern = r"(write|fchmod|fsync)\(\d+<[^>]*?(\.part|target)>|(rename)\w*\("
    calls = [(call or rename, at) for call, at, rename in re.findall(pattern, _log(tmp_path))]
    order = [(call, at) for call, at in calls if call != "write"]
    assert order == [("fchmod", ".part"), ("fsync", ".part"), ("rename", ""), ("fsync", "target")]
    last_write = max(index for index, (call, _) in enumerate(calls) if call == "write")
    assert last_write < calls.index(("fsync", ".part"))


def _log(tmp_path: Path) -> str:
    return (tmp_path / "strace.log").read_text(encoding="utf-8")
