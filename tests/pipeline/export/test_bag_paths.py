"""Names in a package are plain, short and different everywhere."""

from __future__ import annotations

import re

import pytest

from pipeline.export.bag_paths import BagPaths, plain_part


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("8.5x11in", "8.5x11in"),
        ("Für Oma", "Fur_Oma"),
        ("..", "_"),
        ("", "_"),
        ("a/../b", "a_._b"),
        ("NUL", "_NUL"),
        ("com1.tif", "_com1.tif"),
        ("console", "console"),
        (".hidden", "hidden"),
        ("ends.", "ends"),
        ("\u202eevil\x00", "evil_"),
        ("写真", "_"),
    ],
)
def test_a_part_of_a_path_is_made_plain(name: str, plain: str) -> None:
    assert plain_part(name) == plain


def test_a_part_is_never_long() -> None:
    assert len(plain_part("x" * 500 + ".tif")) == 60


def test_paths_that_differ_in_case_alone_become_different() -> None:
    paths = BagPaths()
    found = [paths.claim("data/a", stem, ".tif") for stem in ("X", "x", "X", "x-2")]
    assert found == ["data/a/X.tif", "data/a/x-2.tif", "data/a/X-3.tif", "data/a/x-2-2.tif"]


def test_a_file_never_has_the_name_of_a_folder() -> None:
    paths = BagPaths()
    assert paths.claim("data/a", "b") == "data/a/b"
    assert paths.folder_like("data/a", ["B"]) == "data/a/B_"
    assert paths.claim("data/a/c", "d", ".tif") == "data/a/c/d.tif"
    assert paths.claim("data/a", "C") == "data/a/C-2"


def test_a_deep_chain_of_folders_is_cut() -> None:
    folder = BagPaths().folder_like("data/exports", [f"folder-{n}-{'y' * 40}" for n in range(30)])
    assert len(folder) <= 120
    assert re.fullmatch(r"[A-Za-z0-9_./-]+", folder)
