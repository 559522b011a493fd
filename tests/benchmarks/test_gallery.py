"""The gallery shows every picture of a folder, and does not stop at one it cannot read."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from tests.benchmarks.gallery import folder_set, write_gallery
from tests.benchmarks.recipe_runs import bench_of


def test_a_sheet_and_a_strip_for_each_picture_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.config.recipe import recipe_from_document

    box = tmp_path / "box"
    box.mkdir()
    cv2.imwrite(str(box / "cat.png"), data.chelsea()[:200, :300, ::-1])
    (box / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    (box / "notes.txt").write_text("no picture at all")
    document = {"name": "quick", "description": "quick", "stages": ["split", "denoise"]}
    ready = bench_of(recipe_from_document(document, "test"))
    written = write_gallery(folder_set(box), ready, tmp_path / "gallery")
    assert [path.name for path in written] == ["001-crops.jpg", "sheet.jpg"]
    strip = cv2.imread(str(written[0]))
    assert strip is not None
    assert strip.shape == (200, 2 * 300 + 6, 3)
    assert np.ptp(strip) > 100
    said = capsys.readouterr()
    assert "cat.png" in said.out
    assert "broken.jpg" in said.err
