"""Simulated damage is where it is said to be, as large as said, and seen in infrared."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from tests.benchmarks.ageing_damage import VISIBLE, Amounts, damaged, silver_infrared
from tests.benchmarks.pictures import dead_leaves

_ALL = Amounts(dust=12, hair=2, scratch=2, crease=1, tear=1, stain=2)
_MID = np.full((300, 300, 3), (0.5, 0.45, 0.4), np.float32)


def test_the_truth_is_what_visibly_changed_under_a_defect() -> None:
    truth = dead_leaves(2, 256)
    done = damaged(truth, _ALL, 10.0, np.random.default_rng(1))
    change = np.abs(done.picture - truth).max(axis=2)
    assert done.mask.any()
    assert (change[done.mask] >= VISIBLE).all()
    assert (change[~done.mask & ~done.ignored] < VISIBLE).all()


@pytest.mark.parametrize("kind", [field.name for field in fields(Amounts)])
def test_each_kind_alone_leaves_its_own_cover(kind: str) -> None:
    done = damaged(_MID, Amounts(**{kind: 3}), 10.0, np.random.default_rng(4))
    assert done.covers[kind].max() > 0.2
    assert all(not cover.any() for name, cover in done.covers.items() if name != kind)
    assert done.mask.any() == (kind != "stain")


def test_a_finer_scan_shows_the_same_dust_larger() -> None:
    areas = []
    for per_mm in (8.0, 16.0):
        size = round(25 * per_mm)
        paper = np.full((size, size, 3), 0.4, np.float32)
        done = damaged(paper, Amounts(dust=80), per_mm, np.random.default_rng(5))
        areas.append(float(done.covers["dust"].sum()) / per_mm**2)
    assert areas[1] == pytest.approx(areas[0], rel=0.25)


def test_damage_blocks_infrared_and_dyes_do_not() -> None:
    truth = dead_leaves(6, 256)
    done = damaged(truth, Amounts(dust=10, scratch=2, stain=3), 12.0, np.random.default_rng(7))
    hidden = np.max([done.covers["dust"], done.covers["scratch"]], axis=0)
    assert np.median(done.infrared[hidden > 0.7]) < 0.6
    assert done.infrared[hidden == 0].mean() > 0.75
    silver = silver_infrared(truth, np.random.default_rng(8))
    assert np.corrcoef(silver.ravel(), truth.mean(axis=2).ravel())[0, 1] > 0.95
    assert abs(np.corrcoef(done.infrared[hidden == 0], truth[..., 2][hidden == 0])[0, 1]) < 0.7


def test_a_grey_print_stays_grey_and_a_seed_says_everything() -> None:
    grey = np.repeat(dead_leaves(8, 200)[..., :1], 3, axis=2)
    one, two = (damaged(grey, _ALL, 10.0, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one.picture[..., 0], one.picture[..., 2])
    assert np.array_equal(one.picture, two.picture)
    assert np.array_equal(one.infrared, two.infrared)


def test_nothing_asked_for_is_nothing_done() -> None:
    done = damaged(_MID, Amounts(), 10.0, np.random.default_rng(0))
    assert np.array_equal(done.picture, _MID)
    assert not done.mask.any()
