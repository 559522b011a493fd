"""The export benchmark measures what it says, on pictures of a size for a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import exporting


@pytest.mark.parametrize("kind", exporting.PICTURES)
def test_pictures_are_the_same_on_every_call_and_no_part_of_them_repeats(kind: str) -> None:
    first = exporting.picture(kind, 250, 1100)
    np.testing.assert_array_equal(first, exporting.picture(kind, 250, 1100))
    assert not np.array_equal(first[:, :50], first[:, 1024:1074])
    # Noise is as uneven from px to px as over the whole; a photograph is not.
    step = np.diff(first[..., 1].astype(np.float64), axis=1).std() / first[..., 1].std()
    assert step > 1.3 if kind == "noise" else step < 0.8


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="VmHWM is told by Linux only")
def test_a_case_is_exported_measured_and_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exporting.SIZES, "print", (600, 400))
    names = ("tiff-16-to-adobe-rgb", "webp-95-from-adobe-rgb", "jxl-16-lossless")
    rows = [exporting.measure(name, "print", "photograph", tmp_path) for name in names]
    assert all(row["megabytes"] > 0 and row["peak_gb"] > 0 for row in rows)
    assert list(tmp_path.iterdir()) == []
    told = exporting.told({"exports": [*rows, {**rows[0], "peak_gb": 3.5}]})
    assert told.count("OVER") == 1
    assert told.splitlines()[-1].endswith("OVER")


def test_what_is_refused_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exporting.SIZES, "master", (2, 16_384))
    row = exporting.measure("webp-95", "master", "noise", tmp_path)
    assert "16,383" in row["refused"]
    assert "16,383" in exporting.told({"exports": [row]})
