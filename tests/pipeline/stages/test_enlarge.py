"""A sheet has exactly the size asked for, and the picture lies on it as it should."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.enlarge import STAGE, Options, lay_out, run


def _photo(width: int, height: int, **more: object) -> Photo:
    ramp = np.linspace(0.2, 0.7, width, dtype=np.float32)
    pixels = np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()
    return Photo.of(pixels, **more)  # type: ignore[arg-type]


def test_without_a_size_the_master_is_given_back(neural_tools: Tools) -> None:
    photo = _photo(40, 30)
    assert run(photo, Options(), neural_tools).photo is photo


@pytest.mark.parametrize("size", [(300, 240), (240, 300)])
@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (33, 33), (90, 10)])
@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_the_sheet_is_exact_and_turned_like_the_picture(
    size: tuple[int, int], shape: tuple[int, int], fit: str, neural_tools: Tools
) -> None:
    options = Options.model_validate(
        {"width_px": size[0], "height_px": size[1], "fit": fit, "use_model": False}
    )
    made = run(_photo(*shape), options, neural_tools).photo
    expected = size
    if shape[0] != shape[1]:
        expected = (300, 240) if shape[0] > shape[1] else (240, 300)
    assert (made.width, made.height) == expected
    assert made.dpi == (300.0, 300.0)


def test_padding_is_paper_white_and_even(neural_tools: Tools) -> None:
    options = Options(width_px=100, height_px=60, use_model=False)
    outcome = run(_photo(40, 40), options, neural_tools)
    pixels = outcome.photo.pixels
    assert outcome.measures["origin_px"] == [20, 0]
    assert (pixels[:, :20] == 1.0).all()
    assert (pixels[:, 80:] == 1.0).all()
    assert pixels[:, 20:80].max() < 0.8


def test_cropping_takes_the_middle() -> None:
    layout = lay_out(_photo(100, 40), (60, 60), "crop")
    assert layout.source == pytest.approx((30.0, 0.0, 70.0, 40.0))
    assert layout.content == (60, 60)
    assert layout.enlargement == pytest.approx(1.5)


def test_unequal_resolutions_are_made_good() -> None:
    """A square print scanned at 600 by 300 dpi fills a square sheet."""
    photo = _photo(120, 60, dpi=(600.0, 300.0))
    assert lay_out(photo, (90, 90), "pad").content == (90, 90)
    assert lay_out(photo, (90, 90), "crop").source == (0.0, 0.0, 120.0, 60.0)


def test_a_small_enlargement_uses_no_network(neural_tools: Tools) -> None:
    outcome = run(_photo(100, 100), Options(width_px=119, height_px=119), neural_tools)
    assert outcome.models == ()
    assert outcome.measures["method"] == "Lanczos"


@pytest.mark.weights
@pytest.mark.parametrize(("side", "method"), [(120, "network"), (480, "network, then Lanczos")])
def test_the_network_draws_at_most_its_own_factor(
    side: int, method: str, aged_portrait: Photo, neural_tools: Tools
) -> None:
    piece = Photo.of(np.ascontiguousarray(aged_portrait.pixels[60:140, 80:160]), dpi=(600.0, 600.0))
    options = Options(width_px=side, height_px=side, fit="crop", target_dpi=240.0)
    outcome = run(piece, options, neural_tools)
    assert outcome.measures["method"] == method
    assert outcome.models == ("CenterFace", "RealESRGAN_x4plus-ncnn")
    assert outcome.photo.pixels.shape == (side, side, 3)
    assert outcome.photo.dpi == (240.0, 240.0)


@pytest.mark.weights
def test_the_network_keeps_the_picture_in_place_and_in_colour(
    aged_portrait: Photo, neural_tools: Tools
) -> None:
    options = Options(width_px=400, height_px=320, fit="crop")
    drawn = run(aged_portrait, options, neural_tools)
    plain = run(aged_portrait, options.model_copy(update={"use_model": False}), neural_tools)
    assert drawn.measures["faces"] == 1
    assert np.abs(drawn.photo.pixels - plain.photo.pixels).mean() < 0.03
    blocks = [
        photo.pixels.reshape(8, 40, 10, 40, 3).mean(axis=(1, 3))
        for photo in (drawn.photo, plain.photo)
    ]
    assert np.abs(blocks[0] - blocks[1]).max() < 0.02


@pytest.mark.weights
def test_a_grey_master_makes_a_grey_sheet(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    grey = np.repeat(astronaut[100:150, 100:150, :1], 3, axis=2)
    photo = Photo.of(np.ascontiguousarray(grey), monochrome=True)
    made = run(photo, Options(width_px=120, height_px=100), neural_tools).photo
    assert made.monochrome
    assert (made.width, made.height) == (120, 100)


def test_networks_are_named_only_when_one_may_be_used() -> None:
    assert "enlarge" in STAGE.models(Options())
    assert STAGE.models(Options(use_model=False)) == {}
