"""Findings read like sentences, and warnings say what to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.diagnosis_told import Seen, told, warnings
from pipeline.stages.measure.blur import Blur
from pipeline.stages.measure.cast import Cast
from pipeline.stages.measure.resolution import RealResolution
from pipeline.stages.measure.screen import NO_SCREEN, Screen
from pipeline.stages.measure.sharpened import Sharpened

FRESH = Cast(
    white=(96.0, 0.0, 1.0),
    black=(2.0, 0.0, 0.0),
    greys=(0.0, 0.0),
    white_rgb=(0.95, 0.95, 0.95),
    black_rgb=(0.02, 0.02, 0.02),
    mean=(0.0, 0.0),
    bluest=-5.0,
)
SHARP = RealResolution(1.0, 1000, 800, 600.0)
CLEAN = Seen(
    kind="colour",
    resolution=SHARP,
    blur=Blur("none", sure=1.0),
    sharpened=Sharpened(False, 0.0),
    screen=NO_SCREEN,
    noise_255=0.5,
    jpeg_quality=None,
    cast=FRESH,
    black=0.0,
    white=0.0,
    faces=(0, 0),
)


def test_a_worn_print_is_told_in_one_line() -> None:
    worn = replace(
        CLEAN,
        blur=Blur("motion", 1.0, 9.2, 29.6, sure=0.99),
        cast=replace(FRESH, white=(85.0, 2.0, 18.0), black=(15.0, 0.0, 3.0)),
        faces=(2, 1),
    )
    assert told(worn) == (
        "Colour; soft from camera motion, about 9 px at 30 degrees; faded, yellow cast; "
        "two faces, one too small to restore"
    )


def test_a_clean_print_is_told_without_a_complaint() -> None:
    assert told(CLEAN) == "Colour; no faces"
    assert warnings(Photo(np.zeros((8, 8, 3), np.uint16)), SHARP, CLEAN.sharpened, 600) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"blur": Blur("defocus", 3.0, sure=1.0, radius_px=6.0)}, "out of focus"),
        ({"blur": Blur("compression", sure=1.0), "jpeg_quality": 20}, "JPEG of quality 20"),
        ({"sharpened": Sharpened(True, 0.1)}, "probably sharpened by the scanner"),
        ({"noise_255": 3.0}, "grainy"),
        ({"white": 0.04}, "highlights lost on 4%"),
        ({"black": 0.03}, "shadows lost on 3%"),
        ({"faces": (1, 1)}, "one face, too small to restore"),
        ({"faces": (3, 3)}, "three faces, all too small to restore"),
        ({"faces": (12, 0)}, "12 faces"),
        ({"cast": replace(FRESH, white=(90.0, 1.0, -9.0))}, "blue cast"),
        ({"cast": replace(FRESH, white=(90.0, 11.0, 3.0))}, "reddish cast"),
        ({"kind": "toned"}, "Toned black and white"),
        ({"resolution": RealResolution(0.25, 250, 200, 150.0)}, "detail for about 150 dpi"),
    ],
)
def test_each_finding_has_its_words(changes: dict[str, object], words: str) -> None:
    assert words in told(replace(CLEAN, **changes))  # type: ignore[arg-type]


def test_an_uncertain_blur_is_not_told() -> None:
    assert "motion" not in told(replace(CLEAN, blur=Blur("motion", 1.0, 9.0, 30.0, sure=0.6)))


def test_a_coarse_scan_is_warned_about_with_what_can_be_gained() -> None:
    photo = Photo(np.zeros((8, 8, 3), np.uint16), dpi=(300.0, 300.0))
    (sharp,) = warnings(photo, SHARP, CLEAN.sharpened, 600)
    assert "300 dpi" in sharp
    assert "600 dpi or more" in sharp
    (soft,) = warnings(photo, RealResolution(0.3, 2, 2, 90.0), CLEAN.sharpened, 600)
    assert "no finer detail than about 90 dpi" in soft
    fine = Photo(np.zeros((8, 8, 3), np.uint16), dpi=(599.999, 600.0))
    assert warnings(fine, SHARP, CLEAN.sharpened, 600) == ()


def test_a_sharpened_scan_is_advised_to_be_made_anew() -> None:
    photo = Photo(np.zeros((8, 8, 3), np.uint16))
    (warning,) = warnings(photo, SHARP, Sharpened(True, 0.1), 600)
    assert "scan again with sharpening" in warning


def test_a_print_from_a_press_is_told_so() -> None:
    dots = Screen("halftone", 4.0, 45.0, 0.05, ())
    assert "printed in halftone dots" in told(replace(CLEAN, screen=dots))
    assert "dots" not in told(CLEAN)
