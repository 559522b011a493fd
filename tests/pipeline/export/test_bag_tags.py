"""BagIt's own files say what RFC 8493 wants, and a bag that is not whole does not pass."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError, WriteFailed
from pipeline.export.bag import write_bag
from pipeline.export.bag_tags import check_bag, checked_info
from tests.pipeline.export.bagged_library import BaggedLibrary


def test_a_label_that_shoebox_fills_in_itself_is_refused_before_anything_is_written(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    for label in ("Payload-Oxum", "bagging-date", "No:colons", "new\nline", ""):
        with pytest.raises(UsageError, match=re.escape(repr(label))):
            write_bag(made.library, tmp_path / "bag", bag_info={label: "x"})
    assert {path.name for path in tmp_path.iterdir()} == {"library"}


def test_a_value_is_one_line_and_nothing_hidden() -> None:
    told = {"Contact-Name": " Anna\r\nBagging-Date: 1900-01-01\u2028\x00 ", "Bag-Count": "\n"}
    assert checked_info(told) == {"Contact-Name": "Anna Bagging-Date: 1900-01-01"}


def test_a_folder_that_is_no_whole_bag_does_not_pass(bagged, tmp_path: Path) -> None:
    bag = shutil.copytree(bagged.bag, tmp_path / "bag")
    assert check_bag(bag) == len([path for path in bag.rglob("*") if path.is_file()]) - 2
    (bag / "data/stranger.txt").write_text("x")
    with pytest.raises(WriteFailed, match="does not validate"):
        check_bag(bag)
    (bag / "data/stranger.txt").rename(bag / "bagit.txt")
    with pytest.raises(WriteFailed, match="does not validate"):
        check_bag(bag)
