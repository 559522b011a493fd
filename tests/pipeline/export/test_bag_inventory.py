"""The inventory of a package: one line a print, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pipeline.export.bag_inventory import COLUMNS, csv_bytes
from tests.pipeline.export.bagged_library import CAPTION, BaggedLibrary


@pytest.fixture
def told(bagged) -> tuple[BaggedLibrary, Path]:
    return bagged.made, bagged.bag / "data"


@pytest.fixture
def rows(told: tuple[BaggedLibrary, Path]) -> list[dict[str, str]]:
    data = (told[1] / "inventory.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_there_is_one_line_a_print_with_every_column(rows: list[dict[str, str]]) -> None:
    assert [row["print"] for row in rows] == ["0001-1", "0001-2", "0002-1"]
    assert tuple(rows[0]) == COLUMNS


def test_a_line_tells_what_the_ledger_and_the_picture_say(
    told: tuple[BaggedLibrary, Path], rows: list[dict[str, str]]
) -> None:
    made, _ = told
    first = rows[0]
    assert (first["width_px"], first["height_px"], first["dpi_x"]) == ("40", "30", "254")
    assert (first["paper_width_mm"], first["paper_height_mm"]) == ("4.0", "3.0")
    assert first["generated_share"] == "0.5000"
    assert first["digital_source_type"].endswith("compositeWithTrainedAlgorithmicMedia")
    assert first["changed_by"] == "repair; artifacts"
    assert first["master_sha256"] == made.stored["master"].sha256
    assert first["edtf"] == "1962?"
    assert first["box"] == "a box"
    assert [row["state"] for row in rows] == ["restored", "not finished", "not finished"]


def test_every_file_that_a_line_names_is_there(
    told: tuple[BaggedLibrary, Path], rows: list[dict[str, str]]
) -> None:
    bag = told[1].parent
    for row in rows:
        for column in ("scan_file", "back_files", "master_file", "exported_files", "page"):
            for path in filter(None, row[column].split("; ")):
                assert (bag / path).is_file(), path


def test_no_cell_begins_as_a_formula(rows: list[dict[str, str]]) -> None:
    cells = [cell for row in rows for cell in row.values() if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
    assert rows[0]["title"] == f"'{CAPTION.title}"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\r=1", "\n=1", "＝1"])
def test_texts_that_a_spreadsheet_would_run_are_guarded_and_numbers_are_not(cell: str) -> None:
    written = csv_bytes(("a", "b"), [(cell, -1.5)], guarded=True).decode()
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert row == {"a": f"'{cell}", "b": "-1.5"}
    plain = csv_bytes(("a",), [(cell,)], guarded=False).decode()
    assert next(csv.DictReader(io.StringIO(plain, newline="")))["a"] == cell
