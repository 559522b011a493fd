from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.core.errors import BoxRefused
from pipeline.ingest.discover import discover


def names(found: list) -> list[str]:
    return [entry.name for entry in found]


def test_scans_are_found_in_sorted_order_in_all_folders(tmp_path: Path) -> None:
    for name in ("b.tif", "a.JPG", "attic/z.png", "attic/deep/c.tiff"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    candidates, passed = discover(tmp_path)
    assert names(candidates) == ["a.JPG", "attic/deep/c.tiff", "attic/z.png", "b.tif"]
    assert passed == []


def test_links_pipes_and_foreign_files_are_passed_over_and_named(tmp_path: Path) -> None:
    (tmp_path / "real.tif").write_bytes(b"x")
    (tmp_path / "link.tif").symlink_to(tmp_path / "real.tif")
    (tmp_path / "elsewhere").symlink_to("/")
    os.mkfifo(tmp_path / "pipe.tif")
    (tmp_path / "notes.txt").write_text("who is who")
    candidates, passed = discover(tmp_path)
    assert names(candidates) == ["real.tif"]
    assert {entry.name: entry.reason for entry in passed} == {
        "link.tif": "a symbolic link is not followed",
        "elsewhere": "a symbolic link is not followed",
        "pipe.tif": "not a regular file",
        "notes.txt": "its ending is not that of a picture",
    }


def test_a_character_device_is_passed_over_unopened(tmp_path: Path) -> None:
    device = tmp_path / "zero.tif"
    try:
        os.mknod(device, 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs root")
    candidates, passed = discover(tmp_path)
    assert candidates == []
    assert names(passed) == ["zero.tif"]


def test_hidden_files_and_the_systems_own_are_ignored(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", ".hidden.tif", "._a.tif"):
        (tmp_path / name).write_bytes(b"x")
    assert discover(tmp_path) == ([], [])


def test_a_name_that_is_not_utf8_is_found(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/gro\xdfmutter.tif"
    with open(raw, "wb") as file:  # noqa: PTH123 - pathlib takes no bytes
        file.write(b"x")
    candidates, _ = discover(tmp_path)
    assert os.fsencode(candidates[0].name) == b"gro\xdfmutter.tif"


@pytest.mark.parametrize("make", [False, True], ids=["missing", "a file"])
def test_a_box_that_is_no_folder_is_refused(tmp_path: Path, make: bool) -> None:
    box = tmp_path / "box"
    if make:
        box.write_bytes(b"x")
    with pytest.raises(BoxRefused, match="not a folder"):
        discover(box)
