"""What an enlargement means, against figures reckoned by hand."""

from __future__ import annotations

import pytest

from pipeline.core.errors import EnlargementRefused
from pipeline.stages.print_quality import (
    PrintQuality,
    network_input,
    quality_of,
    require_worth,
    told_dpi,
)
from pipeline.stages.sheet_layout import lay_out


def _quality(width: int, sheet: int, fraction: float | None, scale: int | None) -> PrintQuality:
    layout = lay_out((width, width), None, (sheet, sheet), "pad")
    return quality_of(layout, (width, width), fraction, 300.0, network_scale=scale)


def test_a_sharp_master_is_drawn_by_the_network_as_far_as_it_goes() -> None:
    quality = _quality(500, 2500, 1.0, 4)
    assert (quality.by_network, quality.by_lanczos) == pytest.approx((4.0, 1.25))
    assert quality.real_dpi == pytest.approx(60.0)


def test_a_soft_master_is_given_to_the_network_smaller() -> None:
    """Half the detail, 1.1 px given for each: 2.2 times the master's px."""
    quality = _quality(500, 1500, 0.5, 4)
    assert (quality.by_network, quality.by_lanczos) == pytest.approx((2.2, 3 / 2.2))
    assert quality.real_dpi == pytest.approx(50.0)


@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("sheet", [600, 1200, 2500, 5000])
def test_the_network_never_enlarges_more_than_its_factor(fraction: float, sheet: int) -> None:
    quality = _quality(500, sheet, fraction, 4)
    assert quality.by_network <= 4.0
    assert quality.by_network * quality.by_lanczos == pytest.approx(quality.enlargement)


def test_without_a_network_lanczos_does_it_all() -> None:
    quality = _quality(500, 1500, 0.5, None)
    assert (quality.by_network, quality.by_lanczos) == pytest.approx((1.0, 3.0))


def test_a_reduced_print_shows_no_more_than_its_own_dots() -> None:
    quality = _quality(3000, 1000, 1.0, None)
    assert quality.real_dpi == pytest.approx(900.0)
    assert quality.shown_dpi == 300.0
    assert quality.warnings == ()


def test_an_unknown_resolution_is_not_told_as_a_fact() -> None:
    quality = _quality(500, 1000, None, None)
    assert not quality.measured
    assert quality.real_dpi == 150.0


def test_warnings_begin_over_four_times_and_under_100_dots() -> None:
    assert _quality(1000, 4000, None, None).enlargement == 4.0
    assert all("times" not in text for text in _quality(1000, 4000, 1.0, None).warnings)
    assert "4.1 times" in _quality(1000, 4100, 1.0, None).warnings[0]
    assert _quality(1000, 1000, 100 / 300, None).warnings == ()
    assert "95 dots per inch" in _quality(1000, 1000, 95 / 300, None).warnings[0]


def test_a_print_over_the_limit_is_refused_and_told_how_large_it_may_be() -> None:
    layout = lay_out((300, 400), None, (2400, 3200), "crop")
    require_worth(layout, 8.0, 300.0)
    with pytest.raises(EnlargementRefused, match=r"8\.0 times.*6\.0 x 8\.0 in at 300 dpi"):
        require_worth(layout, 6.0, 300.0)


def test_a_network_is_given_a_tenth_more_than_is_real() -> None:
    assert network_input((1000, 500), 0.5) == (550, 275)
    assert network_input((1000, 500), 0.99) == (1000, 500)


@pytest.mark.parametrize(
    ("dpi", "told"), [(3.2, "3"), (47, "45"), (98, "100"), (104, "100"), (287, "290"), (0.1, "1")]
)
def test_a_resolution_is_told_no_finer_than_it_is_known(dpi: float, told: str) -> None:
    assert told_dpi(dpi) == told
