"""Objects: named by what they hold, kept once, checked on every use."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import ObjectDamaged, ObjectMissing, ScanUnreadable
from pipeline.store.objects import ObjectStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    (tmp_path / "objects").mkdir()
    return ObjectStore(tmp_path / "objects", tmp_path / "quarantine")


def put(store: ObjectStore, data: bytes = b"picture", suffix: str = ".tif") -> str:
    return store.put(lambda file: file.write(data), suffix).sha256


def flip(path: Path, at: int = 2) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def leftovers(store: ObjectStore) -> list[Path]:
    return [path for path in store.root.iterdir() if path.is_file()]


def test_an_object_lies_under_its_digest_and_nobody_may_write_it(store: ObjectStore) -> None:
    stored = store.put(lambda file: file.write(b"picture"), ".tif")
    digest = hashlib.sha256(b"picture").hexdigest()
    assert (stored.sha256, stored.bytes, stored.suffix) == (digest, 7, ".tif")
    path = store.verified_path(digest)
    assert path == store.root / digest[:2] / f"{digest}.tif"
    assert path.stat().st_mode & 0o222 == 0
    assert leftovers(store) == []


def test_equal_contents_are_kept_once_under_the_first_suffix(store: ObjectStore) -> None:
    first = put(store, suffix=".tif")
    again = store.put(lambda file: file.write(b"picture"), ".png")
    assert (again.sha256, again.suffix) == (first, ".tif")
    assert list(store.all()) == [first]
    assert leftovers(store) == []


def test_a_flipped_bit_is_seen_on_read(store: ObjectStore) -> None:
    digest = put(store)
    flip(store.path(digest))
    assert not store.is_intact(digest)
    with pytest.raises(ObjectDamaged, match=digest):
        store.verified_path(digest)


def test_a_damaged_object_is_set_aside_and_replaced_when_made_again(store: ObjectStore) -> None:
    digest = put(store)
    flip(store.path(digest))
    assert put(store) == digest
    assert store.is_intact(digest)
    (aside,) = store.quarantine.iterdir()
    assert aside.read_bytes() == b"pibture"


def test_setting_aside_twice_keeps_both(store: ObjectStore) -> None:
    digest = put(store)
    first = store.set_aside(digest)
    put(store)
    second = store.set_aside(digest)
    assert first != second
    assert first.exists()
    assert second.exists()
    with pytest.raises(ObjectMissing):
        store.set_aside(digest)


def test_a_deleted_object_is_missing_and_can_be_made_again(store: ObjectStore) -> None:
    digest = put(store)
    store.path(digest).unlink()
    assert not store.is_intact(digest)
    with pytest.raises(ObjectMissing, match=digest):
        store.verified_path(digest)
    assert put(store) == digest
    assert store.is_intact(digest)


@pytest.mark.parametrize("name", ["", "..", "ab", "../../etc/passwd", "g" * 64, "*" * 64])
def test_what_is_no_digest_is_never_a_path(store: ObjectStore, name: str) -> None:
    put(store)
    with pytest.raises(ObjectMissing):
        store.path(name)


@pytest.mark.parametrize("suffix", ["tif", "/x", ".a/b", "..", ".tif\n", "." + "x" * 11])
def test_a_suffix_cannot_lead_elsewhere(store: ObjectStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        put(store, suffix=suffix)


def test_strange_files_among_the_objects_are_no_objects(store: ObjectStore) -> None:
    digest = put(store)
    folder = store.path(digest).parent
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / f"{digest}.tif.bak2.old").write_bytes(b"x")
    (store.root / "zz").mkdir()
    assert list(store.all()) == [digest]


def test_a_scan_is_copied_in_byte_for_byte_and_left_untouched(
    store: ObjectStore, tmp_path: Path
) -> None:
    source = tmp_path / "page.tif"
    source.write_bytes(os.urandom(3_000_000))
    before = source.stat()
    stored = store.put_copy(source, ".tif")
    assert store.verified_path(stored.sha256).read_bytes() == source.read_bytes()
    after = source.stat()
    assert (before.st_mtime_ns, before.st_mode) == (after.st_mtime_ns, after.st_mode)


def test_an_empty_file_can_be_copied(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert store.put_copy(tmp_path / "empty", "").bytes == 0


GROWING = """
import os, sys
from pathlib import Path
from pipeline.core.errors import ScanChanged
from pipeline.store import objects
source, change = Path(sys.argv[1]), sys.argv[3]
real_read = os.read
pieces = 0
def scanner_writes(descriptor, length):
    global pieces
    data = real_read(descriptor, length)
    pieces += 1
    if pieces == 2 and change == "grow":
        with source.open("ab") as file:
            file.write(b"more")
    if pieces == 2 and change == "cut":
        os.truncate(source, 1_500_000)
    if pieces == 2 and change == "edit":
        with source.open("r+b") as file:
            file.write(b"X")
    if pieces == 2 and change == "replace":
        other = source.with_name("other")
        other.write_bytes(source.read_bytes())
        os.replace(other, source)
    return data
os.read = scanner_writes
store = objects.ObjectStore(Path(sys.argv[2]), Path(sys.argv[2]) / "q")
try:
    store.put_copy(source, ".tif")
except ScanChanged as error:
    print("refused", source.name in error.detail, list(store.root.iterdir()))
"""


@pytest.mark.parametrize("change", ["grow", "cut", "edit", "replace"])
def test_a_scan_that_changes_while_it_is_copied_is_refused(
    store: ObjectStore, tmp_path: Path, start: Callable[..., subprocess.Popen[str]], change: str
) -> None:
    source = tmp_path / "page.tif"
    source.write_bytes(b"x" * 3_000_000)
    process = start(GROWING, source, store.root, change)
    assert process.communicate()[0] == "refused True []\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFO on Windows")
def test_a_fifo_or_an_absent_file_is_unreadable_and_never_waited_for(
    store: ObjectStore, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.tif")
    for name in ("pipe.tif", "absent.tif", "."):
        with pytest.raises(ScanUnreadable):
            store.put_copy(tmp_path / name, ".tif")
    assert leftovers(store) == []
