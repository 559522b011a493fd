"""Rivals are what their makers document, and one that is missing is said to be so."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import colour_rivals
from tests.benchmarks.colour_rivals import corrected_by_rivals, grey_world, white_patch
from tests.benchmarks.pictures import colour_picture

PALE = (0.2 + 0.6 * colour_picture(0, 96)).astype(np.float32)


def test_every_rival_that_is_there_corrects_every_picture() -> None:
    made = corrected_by_rivals([PALE, PALE[:, ::-1]])
    assert {"Pillow autocontrast", "grey-world", "scikit-image equalize_hist"} <= set(made)
    for name, pictures in made.items():
        assert [one.shape for one in pictures] == [PALE.shape] * 2, name
        assert all(one.min() >= 0 and one.max() <= 1 for one in pictures), name
        assert np.abs(pictures[0] - PALE).mean() > 1e-3 or name == "autolevels", name


def test_autocontrast_reaches_both_ends() -> None:
    stretched = corrected_by_rivals([PALE])["Pillow autocontrast"][0]
    assert stretched.min() == 0
    assert stretched.max() == 1


def test_grey_world_makes_the_mean_grey_and_white_patch_the_lightest_white() -> None:
    warm = PALE * np.array([0.9, 0.7, 0.5], np.float32)
    assert np.ptp(grey_world(warm).mean(axis=(0, 1))) < 0.02
    assert np.quantile(white_patch(warm), 0.99, axis=(0, 1)) == pytest.approx([1, 1, 1], abs=0.01)


def test_a_program_that_is_not_installed_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colour_rivals, "magick_program", lambda: None)
    monkeypatch.setattr(colour_rivals, "autolevels_program", lambda: None)
    assert colour_rivals.absent_rivals() == ["ImageMagick", "autolevels"]
    made = corrected_by_rivals([PALE])
    assert not [name for name in made if "Magick" in name or "autolevels" in name]
