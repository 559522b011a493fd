"""Prefect's empty tables, kept for the next start, in the folder that the server is given."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.local_server import _is_whole

pytestmark = pytest.mark.xdist_group("prefect")

PROGRAM = """
import json, sys, urllib.request
from flows.local_server import prefect_api
with prefect_api() as url:
    with urllib.request.urlopen(url + "/health") as answer:
        assert json.load(answer) is True
    request = urllib.request.Request(
        url + "/flows/filter", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        print(json.load(answer))
"""


def starts(home: Path, count: int = 1) -> list[str]:
    """Start that many servers at once with a user's folder; what each says of its flows."""
    environment = {k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**environment, "SHOEBOX_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * count, said
    return [out.strip() for out, _ in said]


def kept_in(home: Path) -> list[Path]:
    return sorted(home.glob("prefect-*.sqlite"))


@pytest.fixture
def kept_tables(prefect: str) -> bytes:
    """The file that the start of the test process's own server left."""
    (path,) = kept_in(Path(os.environ["SHOEBOX_HOME"]))
    assert _is_whole(path)
    return path.read_bytes()


def test_kept_tables_are_whole_empty_and_left_as_they_are(
    kept_tables: bytes, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = home / kept_in(Path(os.environ["SHOEBOX_HOME"]))[0].name
    path.write_bytes(kept_tables)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
        assert opened.execute("SELECT count(*) FROM flow_run").fetchone() == (0,)
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert starts(home) == ["[]"]
    assert path.read_bytes() == kept_tables
    assert list(home.iterdir()) == [path]


@pytest.mark.parametrize("left", [0, 100, 5000, -4096])
def test_tables_that_were_cut_off_are_not_whole(
    kept_tables: bytes, tmp_path: Path, left: int
) -> None:
    path = tmp_path / "tables.sqlite"
    path.write_bytes(kept_tables[: left or None] if left else b"")
    assert not _is_whole(path)
    assert not _is_whole(tmp_path / "absent.sqlite")


@pytest.mark.slow
def test_servers_started_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    assert starts(tmp_path / "home", 3) == ["[]"] * 3
    (path,) = (tmp_path / "home").iterdir()
    assert _is_whole(path)


@pytest.mark.slow
def test_damaged_tables_are_made_anew(kept_tables: bytes, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = home / kept_in(Path(os.environ["SHOEBOX_HOME"]))[0].name
    path.write_bytes(kept_tables[:5000])
    assert starts(home) == ["[]"]
    assert _is_whole(path)


@pytest.mark.slow
def test_a_user_folder_that_cannot_be_made_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    assert starts(tmp_path / "home") == ["[]"]
    assert (tmp_path / "home").read_text() == "a file where the folder should be"
