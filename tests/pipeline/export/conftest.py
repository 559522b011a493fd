"""What the tests of archive packages share: one library with its package, and copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.export.bag import BagReport, write_bag
from pipeline.store.library import open_library
from tests.pipeline.export.bagged_library import BaggedLibrary, fill


@dataclass(frozen=True)
class Bagged:
    """A library that is closed, its package, and what writing it reported; only to be read."""

    made: BaggedLibrary
    bag: Path
    report: BagReport


@pytest.fixture(scope="session")
def bagged(tmp_path_factory: pytest.TempPathFactory) -> Bagged:
    """A library of known bytes and its package."""
    folder = tmp_path_factory.mktemp("bagged")
    info = {"Source-Organization": "Family\nArchive", "Contact-Name": ""}
    with open_library(folder / "library", write=True, create=True) as library:
        made = fill(library, folder / "elsewhere")
        report = write_bag(library, folder / "bag", bag_info=info)
    return Bagged(made, folder / "bag", report)


@pytest.fixture
def made(bagged: Bagged, tmp_path: Path) -> Iterator[BaggedLibrary]:
    """A copy of that library, open, to do anything with."""
    shutil.copytree(bagged.made.library.root, tmp_path / "library")
    with open_library(tmp_path / "library", write=True) as library:
        yield replace(bagged.made, library=library, stored=dict(bagged.made.stored))
