"""A package is believed only when every byte is what it was and nothing leads out of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import BagRefused
from pipeline.core.progress import Silent
from pipeline.ingest.bag_check import CheckedBag, check_bag, survey_bag
from pipeline.io.digest import sha256_file

Reseal = Callable[[Path], None]


def checked(bag: Path) -> CheckedBag:
    return check_bag(bag, survey_bag(bag), Silent())


def refused(bag: Path) -> str:
    with pytest.raises(BagRefused) as caught:
        checked(bag)
    return caught.value.detail


def test_a_whole_package_is_taken_with_every_digest_and_length(packed: Path) -> None:
    found = checked(packed)
    files = [path for path in (packed / "data").rglob("*") if path.is_file()]
    assert found.sha256 == {p.relative_to(packed).as_posix(): sha256_file(p) for p in files}
    assert found.lengths == {p.relative_to(packed).as_posix(): p.stat().st_size for p in files}


def test_progress_is_told_of_every_byte(packed: Path) -> None:
    class Counter:
        total = done = 0.0

        def begin(self, label: str, total: float, unit: str) -> None:
            self.total = total

        def advance(self, units: float = 1.0) -> None:
            self.done += units

    counter = Counter()
    check_bag(packed, survey_bag(packed), counter)
    assert counter.done == counter.total > 1000


def test_one_bit_in_any_file_is_found_and_the_file_is_named(
    bag: Path, flip_bit: Callable[[Path], None]
) -> None:
    files = sorted(path for path in bag.rglob("*") if path.is_file() and path.stat().st_size)
    assert len(files) > 20
    for path in files:
        flip_bit(path)
        words = refused(bag)
        if path.parent != bag:  # In a tag file it may be the wrong digest that is found first.
            assert str(path) in words
        flip_bit(path)
    checked(bag)


def test_a_missing_file_is_named(bag: Path) -> None:
    for path in sorted(path for path in (bag / "data").rglob("*") if path.is_file())[:6]:
        data = path.read_bytes()
        path.unlink()
        words = refused(bag)
        assert path.relative_to(bag).as_posix() in words
        assert "missing" in words
        path.write_bytes(data)


@pytest.mark.parametrize("name", ["data/extra.txt", "data/scans/extra.tif"])
def test_a_file_too_much_is_named(bag: Path, name: str) -> None:
    (bag / name).write_text("x")
    assert f"{name} is not in manifest-sha256.txt" in refused(bag)


def test_a_copy_that_was_cut_short_is_refused(bag: Path) -> None:
    path = next((bag / "data" / "scans").iterdir())
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    assert "Payload-Oxum" in refused(bag)


@pytest.mark.parametrize(
    "name",
    [
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt",
    ],
)
def test_without_any_of_its_tag_files_it_is_no_package(bag: Path, name: str) -> None:
    (bag / name).unlink()
    assert name in refused(bag)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n", "BagIt 1.0"),
        ("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n", "BagIt 1.0"),
        ("BagIt-Version: 1.0\nTag-File-Character-Encoding: zip\n", "BagIt 1.0"),
        ("", "BagIt 1.0"),
        ("x" * 100_000, "BagIt 1.0"),
    ],
)
def test_another_declaration_is_refused(
    bag: Path, reseal: Reseal, words: str, complaint: str
) -> None:
    (bag / "bagit.txt").write_text(words)
    reseal(bag)
    assert complaint in refused(bag)


def test_files_from_elsewhere_are_not_fetched(bag: Path, reseal: Reseal) -> None:
    (bag / "fetch.txt").write_text("http://127.0.0.1/x 1 data/x\n")
    reseal(bag)
    assert "not fetched" in refused(bag)


@pytest.mark.parametrize("path", ["../secret", "../bag-2/secret", "/etc/passwd", "data/../../x"])
def test_a_manifest_that_leads_out_of_the_package_is_refused(bag: Path, path: str) -> None:
    outside = bag.parent / "bag-2"
    outside.mkdir()
    (outside / "secret").write_text("s")
    (bag.parent / "secret").write_text("s")
    digest = sha256_file(outside / "secret")
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        before = (bag / name).read_text()
        (bag / name).write_text(f"{before}{digest}  {path}\n")
        assert "unsafe" in (words := refused(bag)) or "missing" in words
        (bag / name).write_text(before)


def test_one_path_listed_twice_is_refused(bag: Path) -> None:
    path = bag / "manifest-sha256.txt"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[0]]))
    assert "multiple times" in refused(bag)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("kind", ["file", "folder", "tag", "pipe"])
def test_links_and_pipes_are_refused_whatever_they_lead_to(
    bag: Path, tmp_path: Path, kind: str
) -> None:
    if kind == "file":
        path = bag / "data" / "README.txt"
        path.rename(tmp_path / "kept")
        path.symlink_to(tmp_path / "kept")
    elif kind == "folder":
        path = bag / "data" / "scans"
        path.rename(tmp_path / "kept")
        path.symlink_to(tmp_path / "kept")
    elif kind == "tag":
        path = bag / "bag-info.txt"
        path.rename(tmp_path / "kept")
        path.symlink_to(tmp_path / "kept")
    else:
        path = bag / "data" / "README.txt"
        path.unlink()
        os.mkfifo(path)
    assert f"{path} is a link or no ordinary file" in refused(bag)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["a\nb", "a\\b", "c:x", "\u202etxt.exe", "e\u0301"])
def test_names_that_mislead_are_refused(bag: Path, reseal: Reseal, name: str) -> None:
    (bag / "data" / name).write_text("x")
    reseal(bag)
    assert "a name that no package should hold" in refused(bag)


@pytest.mark.parametrize("path", ["nothing", "file"])
def test_what_is_no_folder_is_no_package(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("x")
    assert "is not a folder" in refused(tmp_path / path)


def test_a_manifest_without_sense_is_refused(bag: Path) -> None:
    for words in (b"\xff\xfe", b"nonsense\n" * 3, b""):
        (bag / "manifest-sha512.txt").write_bytes(words)
        assert refused(bag)


def test_digests_of_a_kind_that_has_no_one_length_are_refused(bag: Path) -> None:
    (bag / "manifest-shake_128.txt").write_text("00  data/README.txt\n")
    assert "digest of a kind 'shake_128'" in refused(bag)
