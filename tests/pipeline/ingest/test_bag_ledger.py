"""Rows and lists that Shoebox never wrote are refused, however well the package is sealed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.ingest.bag_import import import_bag
from pipeline.io.digest import sha256_file
from tests.pipeline.ingest.changed_bag import change_rows, refused

EXPORTED_IN_BAG = "data/exports/masters/0001-1.tif"
Reseal = Callable[[Path], None]


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("print", {"name": "../../0001-1"}, "no name of a print"),
        ("print", {"name": "0001-1\n"}, "no name of a print"),
        ("print", {"sha256": "0" * 64}, "FOREIGN KEY"),
        ("print", {"scan_id": 9}, "FOREIGN KEY"),
        ("step", {"status": "perhaps"}, "CHECK"),
        ("step", {"measures": []}, "measures"),
        ("object", {"suffix": "/../../x"}, "no suffix"),
        ("object", {"sha256": "../" * 20}, "no digest"),
        ("object", {"bytes": 1}, "1 are recorded"),
        ("scan", {"sha256": "../x"}, "no digest"),
        ("scan", {"name": "\x1b[2Jpage.tif"}, "control characters"),
        ("export", {"path": "exports/../../outside.tif"}, "leads out of the exports"),
        ("export", {"path": "ledger.sqlite"}, "leads out of the exports"),
        ("export", {"path": "exports/" + "x" * 300}, "leads out of the exports"),
        ("export", {"path": "exports"}, "leads out of the exports"),
        ("export", {"path": "../exports/b.tif"}, "leads out of the exports"),
        ("library", {"id": "another"}, "another library"),
    ],
)
def test_rows_that_shoebox_never_wrote_are_refused_however_well_sealed(
    bag: Path, tmp_path: Path, reseal: Reseal, table: str, change: dict[str, Any], words: str
) -> None:
    change_rows(bag, table, lambda row: row.update(change))
    reseal(bag)
    assert words in refused(bag, tmp_path / "library")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bag"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "does not name the object"),
        (lambda lines: [*lines, "0" * 64 + ",data/README.txt"], "is not the object"),
        (lambda lines: [*lines[:-1], lines[-1].split(",")[0] + ",data/README.txt"], "is not the"),
        (lambda lines: [*lines[:-1], lines[-1].split(",")[0] + ",../../etc/passwd"], "is not the"),
        (lambda lines: [*lines[:-1], lines[-1].split(",")[0] + ",/etc/passwd"], "is not the"),
        (lambda lines: ["a,b", *lines[1:]], "does not tell digest and path"),
        (lambda lines: [*lines, '"'], "objects.csv"),
        (lambda lines: [], "does not name the object"),
    ],
)
def test_a_list_of_objects_that_lies_is_refused(
    bag: Path,
    tmp_path: Path,
    reseal: Reseal,
    change: Callable[[list[str]], list[str]],
    words: str,
) -> None:
    path = bag / "data" / "ledger" / "objects.csv"
    path.write_text("".join(line + "\n" for line in change(path.read_text().splitlines())))
    reseal(bag)
    assert words in refused(bag, tmp_path / "library")


def test_an_export_that_is_a_file_and_a_folder_is_refused(
    bag: Path, tmp_path: Path, reseal: Reseal
) -> None:
    paths = iter(["exports/a", "exports/a/b", "exports/c"])
    change_rows(bag, "export", lambda row: row.update(path=next(paths)))
    reseal(bag)
    assert "is a file and a folder" in refused(bag, tmp_path / "library")


def test_exports_named_by_a_detour_or_outside_stay_in_the_ledger_only(
    bag: Path, tmp_path: Path, reseal: Reseal
) -> None:
    paths = iter(["exports/../exports/a.tif", "/shop/b.tif", "exports/c:\\d\n.tif"])
    change_rows(bag, "export", lambda row: row.update(path=next(paths)))
    change_rows(bag, "export", lambda row: row.update(sha256=sha256_file(bag / EXPORTED_IN_BAG)))
    reseal(bag)
    report = import_bag(bag, tmp_path / "library")
    files = [path for path in (tmp_path / "library" / "exports").rglob("*") if path.is_file()]
    assert report.exports == len(files) == (0 if os.name == "nt" else 1)
    with sqlite3.connect(tmp_path / "library" / "ledger.sqlite") as connection:
        assert connection.execute("select count(*) from export").fetchone() == (3,)
    assert not list(tmp_path.glob("*.tif"))


def test_an_unknown_table_and_bytes_that_are_no_text_are_refused(
    bag: Path, tmp_path: Path, reseal: Reseal
) -> None:
    strange = bag / "data" / "ledger" / "users.jsonl"
    strange.write_text("{}\n")
    reseal(bag)
    assert "no table 'users'" in refused(bag, tmp_path / "library")
    strange.unlink()
    (bag / "data" / "ledger" / "run.jsonl").write_bytes(b"\xff\xfe\n")
    reseal(bag)
    assert "no text in UTF-8" in refused(bag, tmp_path / "library")
