"""Prints on a page: every one whole, at its exact px, and no mark on any of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import ProfileRefused, SizeRefused, StageContractBroken
from pipeline.core.photo import Photo
from pipeline.export.imposition import Page, arrange, impose

DPI = 150.0
A4 = (1240, 1754)
WALLET = (375, 525)


def _print(width: int, height: int, seed: int = 0, channels: int = 3, **more: object) -> Photo:
    samples = np.random.default_rng(seed).integers(20_000, 40_000, (height, width, channels))
    return Photo(samples.astype(np.uint16), **more)  # type: ignore[arg-type]


def _prints(pages: list[Page]) -> Iterator[Photo]:
    number = 0
    for page in pages:
        for _ in page.slots:
            yield _print(page.cell[0] + 2 * page.bleed, page.cell[1] + 2 * page.bleed, number)
            number += 1


def _rects(page: Page) -> list[tuple[int, int, int, int]]:
    return [
        (
            slot.left - page.bleed,
            slot.top - page.bleed,
            slot.left + page.cell[0] + page.bleed,
            slot.top + page.cell[1] + page.bleed,
        )
        for slot in page.slots
    ]


def test_a_page_is_turned_when_it_then_holds_more() -> None:
    """Eight wallets lie on A4 across, six on A4 upright: 8 mm of margin, 4 mm between them."""
    (page,) = arrange(8, WALLET, A4, dpi=DPI, margin_px=47, gap_px=24)
    assert page.size == (1754, 1240)
    assert len(page.slots) == 8


def test_a_page_that_gains_nothing_by_it_is_not_turned() -> None:
    (page,) = arrange(1, (400, 400), A4, dpi=DPI)
    assert page.size == A4


def test_as_many_pages_are_made_as_are_needed() -> None:
    pages = arrange(19, WALLET, A4, dpi=DPI, margin_px=47, gap_px=24)
    assert [len(page.slots) for page in pages] == [8, 8, 3]
    assert pages[2].slots == pages[0].slots[:3]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12),
    st.tuples(st.integers(40, 260), st.integers(40, 260)),
    st.tuples(st.integers(300, 700), st.integers(300, 700)),
    st.integers(0, 12),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_prints_lie_on_the_page_apart_and_no_mark_touches_them(
    count: int, cell: tuple[int, int], page: tuple[int, int], bleed: int, margin: int, gap: int
) -> None:
    try:
        pages = arrange(count, cell, page, dpi=DPI, bleed_px=bleed, margin_px=margin, gap_px=gap)
    except SizeRefused:
        outer = [side + 2 * (bleed + margin) for side in cell]
        fits = any(outer[0] <= width and outer[1] <= height for width, height in (page, page[::-1]))
        assert not fits
        assume(False)
    assert sum(len(one.slots) for one in pages) == count
    prints = list(_prints(pages))
    made = list(impose(pages, prints))
    number = 0
    for one, photo in zip(pages, made, strict=True):
        assert (photo.width, photo.height) == one.size
        rects = _rects(one)
        for i, rect in enumerate(rects):
            assert min(rect[0], rect[1]) >= margin
            assert rect[2] <= one.size[0] - margin
            assert rect[3] <= one.size[1] - margin
            for other in rects[:i]:
                apart = max(
                    rect[0] - other[2], other[0] - rect[2], rect[1] - other[3], other[1] - rect[3]
                )
                assert apart >= gap
            there = photo.samples[rect[1] : rect[3], rect[0] : rect[2]]
            assert np.array_equal(there, prints[number].samples)
            number += 1
        beside = np.ones(photo.samples.shape[:2], bool)
        for rect in rects:
            beside[rect[1] : rect[3], rect[0] : rect[2]] = False
        assert set(np.unique(photo.samples[beside])) <= {0, 65535}


def test_a_print_that_lies_across_its_cell_is_turned_into_it() -> None:
    pages = arrange(2, (100, 150), (600, 400), dpi=DPI)
    prints = [_print(100, 150), _print(150, 100, 1)]
    (page,) = impose(pages, prints)
    slot = pages[0].slots[1]
    there = page.samples[slot.top : slot.top + 150, slot.left : slot.left + 100]
    assert np.array_equal(np.rot90(there, -1), prints[1].samples)


def test_a_grey_page_stays_grey_and_a_mixed_one_is_widened() -> None:
    pages = arrange(2, (100, 150), (600, 400), dpi=DPI)
    grey = _print(100, 150, 0, 1, bit_depth=16)
    (page,) = impose(pages, [grey, grey])
    assert page.monochrome
    (page,) = impose(pages, [grey, _print(100, 150, 1)])
    slot = pages[0].slots[0]
    there = page.samples[slot.top : slot.top + 150, slot.left : slot.left + 100]
    assert np.array_equal(there, np.repeat(grey.samples, 3, axis=2))
    assert page.bit_depth == 16


def test_page_and_prints_share_one_profile_and_resolution() -> None:
    pages = arrange(2, (100, 150), (600, 400), dpi=DPI)
    one, other = _print(100, 150, icc=b"one"), _print(100, 150, icc=b"other")
    (page,) = impose(pages, [one, one])
    assert page.icc == b"one"
    assert page.dpi == (DPI, DPI)
    with pytest.raises(ProfileRefused):
        list(impose(pages, [one, other]))


def test_a_later_page_with_another_profile_is_refused_too() -> None:
    pages = arrange(2, (400, 400), (500, 500), dpi=DPI)
    with pytest.raises(ProfileRefused):
        list(impose(pages, [_print(400, 400, icc=b"a"), _print(400, 400, icc=b"b")]))


def test_a_print_of_another_size_or_too_few_are_refused() -> None:
    pages = arrange(2, (100, 150), (600, 400), dpi=DPI)
    with pytest.raises(StageContractBroken, match="101 x 150"):
        list(impose(pages, [_print(101, 150), _print(100, 150)]))
    with pytest.raises(StageContractBroken, match="more places"):
        list(impose(pages, [_print(100, 150)]))


def test_a_print_larger_than_the_page_is_told_how_large_it_may_be() -> None:
    """A4 less 8 mm of margin and 3 mm of bleed on each side."""
    with pytest.raises(SizeRefused, match=r"it may be at most 18[78]\S* x 27[45]\S* mm"):
        arrange(1, (1300, 1900), A4, dpi=DPI, bleed_px=18, margin_px=47)


def test_the_largest_print_told_does_fit() -> None:
    edge = 47 + 18
    cell = (A4[0] - 2 * edge, A4[1] - 2 * edge)
    assert arrange(1, cell, A4, dpi=DPI, bleed_px=18, margin_px=47)
    with pytest.raises(SizeRefused):
        arrange(1, (cell[0] + 1, cell[1]), A4, dpi=DPI, bleed_px=18, margin_px=47)
