"""A library that is being made from a copy is there in the end, or was never there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import BagRefused, LibraryBusy, NotALibrary, TargetExists
from pipeline.store.library import Library, open_library
from pipeline.store.lock import hold
from pipeline.store.new_library import UNFINISHED, new_library
from pipeline.store.tables import LibraryRecord

ID = "0b5e1d54-0000-4000-8000-000000000001"


class Stopped(Exception):
    """Whatever ends the block early."""


def name_it(library: Library) -> None:
    with library.ledger.write() as session:
        session.add(LibraryRecord(id=ID, created_at="2026"))


def begin(root: Path) -> None:
    """Leave what a process leaves that is killed in the middle, read-only objects included."""
    (root / "objects" / "ab").mkdir(parents=True)
    left = root / "objects" / "ab" / f"{'ab' * 32}.tif"
    left.write_text("left")
    left.chmod(0o444)
    (root / UNFINISHED).write_text("")
    (root / "ledger.sqlite").write_text("half")
    (root / ".README.txt.0123456789abcdef.part").write_text("half")


def test_it_is_a_library_once_the_block_has_ended(root: Path) -> None:
    with new_library(root, ID) as library:
        assert (root / UNFINISHED).is_file()
        assert not (root / "shoebox.json").exists()
        name_it(library)
        stored = library.objects.put(lambda file: file.write(b"photo"), ".tif")
    assert not (root / UNFINISHED).exists()
    with open_library(root, write=True) as opened:
        assert opened.id == ID
        assert opened.objects.is_intact(stored.sha256)


@pytest.mark.parametrize("existed", [False, True])
def test_a_block_that_fails_leaves_the_place_as_it_was(root: Path, existed: bool) -> None:
    if existed:
        root.mkdir()
    with pytest.raises(Stopped), new_library(root, ID) as library:
        name_it(library)
        library.objects.put(lambda file: file.write(b"photo"), ".tif")
        raise Stopped
    assert root.exists() == existed
    assert not existed or list(root.iterdir()) == []


def test_until_then_no_command_takes_it_for_a_library_nor_makes_another_of_it(root: Path) -> None:
    begin(root)
    for write, create in ((False, False), (True, False), (True, True)):
        with pytest.raises(NotALibrary), open_library(root, write=write, create=create):
            pass


def test_what_a_killed_process_left_is_cleared_away(root: Path) -> None:
    begin(root)
    with new_library(root, ID) as library:
        assert list(library.objects.all()) == []
        name_it(library)
    assert not list(root.glob(".*.part"))
    with open_library(root, write=False) as opened:
        assert opened.id == ID


def test_a_strange_file_among_what_was_left_is_never_cleared_away(root: Path) -> None:
    begin(root)
    (root / "mine.txt").write_text("mine")
    with pytest.raises(TargetExists, match=r"mine\.txt"), new_library(root, ID):
        pass
    assert (root / "mine.txt").read_text() == "mine"
    assert (root / "ledger.sqlite").read_text() == "half"


def test_without_the_marker_even_a_librarys_own_names_are_somebodys_files(root: Path) -> None:
    begin(root)
    (root / UNFINISHED).unlink()
    with pytest.raises(TargetExists, match=r"ledger\.sqlite"), new_library(root, ID):
        pass
    assert (root / "ledger.sqlite").read_text() == "half"


def test_a_link_among_what_was_left_is_removed_and_not_followed(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    root.mkdir()
    (root / UNFINISHED).write_text("")
    (root / "exports").symlink_to(outside)
    with new_library(root, ID) as library:
        name_it(library)
    assert (outside / "mine.txt").read_text() == "mine"
    assert not (root / "exports").is_symlink()


def test_a_ledger_of_another_library_is_refused(root: Path) -> None:
    with pytest.raises(BagRefused, match="of library None"), new_library(root, ID):
        pass
    assert not root.exists()


def test_while_one_process_makes_it_no_other_does(root: Path) -> None:
    root.mkdir()
    with hold(root):
        with pytest.raises(LibraryBusy), new_library(root, ID):
            pass
        assert (root / ".lock").exists(), "the lock of somebody else is not ours to remove"


def test_dust_of_the_operating_system_is_no_reason_to_refuse(root: Path) -> None:
    root.mkdir()
    (root / ".DS_Store").write_text("")
    with new_library(root, ID) as library:
        name_it(library)
    assert (root / ".DS_Store").exists()
