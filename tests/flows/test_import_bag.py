"""`shoebox import-bag` as a person meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.export.bag import write_bag
from pipeline.store.library import open_library
from pipeline.store.record import add_object, add_scan, start_run


def shoebox(*arguments: object) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "SHOEBOX_LIBRARY"},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """A package of a library with one scan that was never cut."""
    with open_library(tmp_path / "library", write=True, create=True) as library:
        stored = library.objects.put(lambda file: file.write(b"scan"), ".tif")
        with library.ledger.write() as session:
            add_object(session, stored)
            run_id = start_run(session, command="digitize")
            add_scan(
                session,
                run_id=run_id,
                box="/box",
                name_bytes=b"page.tif",
                sha256=stored.sha256,
                bytes=stored.bytes,
            )
        write_bag(library, tmp_path / "bag")
    return tmp_path / "bag"


def test_it_tells_what_came_back_and_how_to_look_again(bag: Path, tmp_path: Path) -> None:
    code, out, _ = shoebox("import-bag", bag, "--library", tmp_path / "back")
    assert code == 0
    assert "1 scans, 0 prints" in out
    assert "1 objects" in out
    assert f"shoebox verify --library {tmp_path / 'back'}" in out
    assert shoebox("verify", "--library", tmp_path / "back")[0] == 0


def test_a_folder_that_is_no_package_is_refused_in_one_line(tmp_path: Path) -> None:
    code, out, err = shoebox("import-bag", tmp_path, "--library", tmp_path / "back", "--json")
    (line,) = err.splitlines()
    assert (code, out) == (3, "")
    assert line.startswith("E308 ")
    assert str(tmp_path) in line
    assert list(tmp_path.iterdir()) == []


def test_without_a_library_nothing_is_begun(bag: Path) -> None:
    code, _, err = shoebox("import-bag", bag)
    assert code == 2
    assert "--library" in err
