"""A sheet has exactly the size asked for, and the picture lies on it as it should."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from pipeline.core.errors import EnlargementRefused, SizeRefused
from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.enlarge import STAGE, Options, run
from pipeline.stages.sheet_layout import lay_out


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
        {
            "width_px": size[0],
            "height_px": size[1],
            "fit": fit,
            "use_model": False,
            "max_enlargement": 100,
        }
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
    layout = lay_out((100, 40), None, (60, 60), "crop")
    assert layout.source == pytest.approx((30.0, 0.0, 70.0, 40.0))
    assert layout.content == (60, 60)
    assert layout.enlargement == pytest.approx(1.5)


def test_unequal_resolutions_are_made_good() -> None:
    """A square print scanned at 600 by 300 dpi fills a square sheet."""
    photo = _photo(120, 60, dpi=(600.0, 300.0))
    assert lay_out((photo.width, photo.height), photo.dpi, (90, 90), "pad").content == (90, 90)
    assert lay_out((photo.width, photo.height), photo.dpi, (90, 90), "crop").source == (
        0.0,
        0.0,
        120.0,
        60.0,
    )


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
    assert set(STAGE.models(Options(use_model=False, fit="crop"))) == {"face_detector"}


def _sheet(width: int, height: int, **more: object) -> Options:
    given = {"width_px": width, "height_px": height, "use_model": False, **more}
    return Options.model_validate(given)


@pytest.mark.parametrize("fit", ["pad", "crop", "shrink"])
def test_a_circle_stays_a_circle(fit: str, neural_tools: Tools) -> None:
    """Scanned at 600 x 300 dpi, so an ellipse in px; measured by its second moments."""
    disc = np.ones((150, 400, 3), np.float32)
    cv2.ellipse(disc, (200, 75), (80, 40), 0, 0, 360, (0, 0, 0), -1)
    photo = Photo.of(disc, dpi=(600.0, 300.0))
    made = run(photo, _sheet(500, 400, fit=fit, border_px=20), neural_tools).photo
    ink = 1.0 - made.pixels[..., 1]
    rows, columns = np.indices(ink.shape)
    variances = [
        float((ink * (axis - (ink * axis).sum() / ink.sum()) ** 2).sum() / ink.sum())
        for axis in (columns, rows)
    ]
    assert variances[0] / variances[1] == pytest.approx(1.0, abs=0.02)


def test_a_shrunk_sheet_has_the_pictures_shape_and_no_margin(neural_tools: Tools) -> None:
    made = run(_photo(400, 300), _sheet(800, 800, fit="shrink"), neural_tools).photo
    assert (made.width, made.height) == (800, 600)
    assert made.pixels.max() < 0.8


def test_a_border_is_white_and_the_picture_fills_the_rest(neural_tools: Tools) -> None:
    options = _sheet(800, 600, fit="crop", border_px=30, bleed_px=10)
    outcome = run(_photo(400, 300), options, neural_tools)
    pixels = outcome.photo.pixels
    assert outcome.measures["trim_px"] == [780, 580]
    frame = np.ones(pixels.shape[:2], bool)
    frame[40:-40, 40:-40] = False
    assert (pixels[frame] == 1.0).all()
    assert pixels[~frame].max() < 0.8


def test_a_bleed_shows_more_of_the_picture_round_the_same_print(neural_tools: Tools) -> None:
    """Trimmed, the sheet with a bleed is the picture enlarged by a little more."""
    photo = _photo(400, 300)
    outcome = run(photo, _sheet(824, 624, fit="crop", bleed_px=12), neural_tools)
    assert (outcome.photo.width, outcome.photo.height) == (824, 624)
    assert outcome.measures["content_px"] == [824, 624]
    assert outcome.measures["trim_px"] == [800, 600]
    assert outcome.photo.pixels.max() < 0.8


@pytest.mark.parametrize("fit", ["pad", "shrink"])
def test_a_bleed_that_would_cut_a_whole_picture_is_refused(fit: str) -> None:
    with pytest.raises(ValidationError, match="bleed"):
        _sheet(800, 600, fit=fit, bleed_px=10)
    assert _sheet(800, 600, fit=fit, bleed_px=10, border_px=5).bleed_px == 10


def test_a_border_wider_than_the_sheet_is_refused(neural_tools: Tools) -> None:
    with pytest.raises(SizeRefused):
        run(_photo(40, 30), _sheet(100, 80, border_px=40), neural_tools)


def test_more_than_six_times_is_refused_unless_forced(neural_tools: Tools) -> None:
    with pytest.raises(EnlargementRefused, match="at most 6 times"):
        run(_photo(100, 80), _sheet(700, 560), neural_tools)
    made = run(_photo(100, 80), _sheet(700, 560, max_enlargement=7), neural_tools)
    assert made.photo.width == 700
    assert "7.0 times" in made.notes[0]


def test_a_print_of_few_real_dots_is_told_so(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    small = cv2.resize(astronaut, (128, 128), interpolation=cv2.INTER_AREA)
    photo = Photo.of(cv2.resize(small, (512, 512), interpolation=cv2.INTER_CUBIC).clip(0, 1))
    outcome = run(photo, _sheet(600, 600), neural_tools)
    # 128 px across 2 in, as well as it can be measured.
    assert outcome.measures["print_resolved_dpi"] == pytest.approx(64, rel=0.25)
    assert "dots per inch" in outcome.notes[0]
    assert run(Photo.of(astronaut), _sheet(512, 512), neural_tools).notes == ()


def test_nothing_is_sharpened_on_the_way(neural_tools: Tools) -> None:
    """A smooth ramp comes out as the ramp: no halo, no steeper edge."""
    outcome = run(_photo(200, 200), _sheet(800, 800), neural_tools)
    row = outcome.photo.pixels[400, 40:-40, 0]
    assert np.abs(np.diff(row, 2)).max() < 2e-4
    assert np.polyfit(np.arange(row.size), row, 1)[0] == pytest.approx(0.5 / 199 / 4, rel=0.01)


SHAPES = [(1000, 250), (500, 500)]


@pytest.mark.weights
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("side", ["left", "right", "low"])
def test_a_face_at_the_edge_is_kept_in_the_trimmed_print(
    shape: tuple[int, int],
    side: str,
    astronaut: NDArray[np.float32],
    neural_tools: Tools,
) -> None:
    """The portrait lies off the middle, where a plain crop would behead it."""
    bleed = 15
    place = {
        "left": ((0, 0), (0, 900)),
        "right": ((0, 0), (900, 0)),
        "low": ((900, 0), (0, 0)),
    }[side]
    picture = np.pad(astronaut, (*place, (0, 0)), mode="edge")
    photo = Photo.of(np.ascontiguousarray(picture))
    outcome = run(photo, _sheet(*shape, fit="crop", bleed_px=bleed), neural_tools)
    assert outcome.models == ("CenterFace",)
    assert outcome.measures["faces_cut"] == []
    (box,) = outcome.measures["face_boxes_px"]
    centre = (box[0] + box[2]) / 2 - place[1][0], (box[1] + box[3]) / 2 - place[0][0]
    assert centre == pytest.approx((225, 118), abs=12)
    # Seen again in the print itself, once it is cut.
    cut = outcome.photo.samples
    cut = cut[bleed : cut.shape[0] - bleed, bleed : cut.shape[1] - bleed]
    faces = neural_tools.models.face_detector().detect(Photo(np.ascontiguousarray(cut)).pixels)
    assert faces[0].score > 0.7
    left, top, right, bottom = faces[0].box
    assert left > -2
    assert top > -2
    assert right < cut.shape[1] + 2
    assert bottom < cut.shape[0] + 2


@pytest.mark.weights
def test_a_crop_without_faces_is_the_middle(neural_tools: Tools) -> None:
    grain = np.random.default_rng(3).uniform(0.3, 0.6, (300, 400, 3)).astype(np.float32)
    outcome = run(Photo.of(grain), _sheet(300, 300, fit="crop"), neural_tools)
    assert outcome.measures["faces_found"] == 0
    assert outcome.measures["source_box_px"] == [50.0, 0.0, 350.0, 300.0]
    assert outcome.notes == ()


def test_no_face_is_looked_for_when_nothing_is_cut(neural_tools: Tools) -> None:
    outcome = run(_photo(400, 300), _sheet(800, 600, fit="crop"), neural_tools)
    assert outcome.models == ()
    assert "faces_found" not in outcome.measures


@pytest.mark.weights
def test_a_face_that_does_not_fit_is_told(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    outcome = run(Photo.of(astronaut), _sheet(1000, 150, fit="crop"), neural_tools)
    assert outcome.measures["faces_cut"] == [1]
    assert "1 of 1 face is cut" in outcome.notes[-1]


@pytest.mark.weights
@pytest.mark.parametrize(("side", "lanczos"), [(160, 1.0), (480, 1.5)])
def test_the_record_tells_who_enlarged_how_much(
    side: int, lanczos: float, astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    """80 px, sharp to the px: the network gives at most 4 times, Lanczos the rest."""
    piece = Photo.of(np.ascontiguousarray(astronaut[60:140, 180:260]))
    outcome = run(piece, _sheet(side, side, use_model=True), neural_tools)
    told = outcome.measures
    given = told["inference"]["network_input_px"]
    drawn = min(4 * given[0] / 80, side / 80)
    assert told["enlarged_by_network"] == pytest.approx(drawn, abs=1e-3)
    assert told["enlarged_by_network"] <= 4.0
    assert told["enlarged_by_lanczos"] == pytest.approx(side / 80 / drawn, abs=1e-3)
    assert told["enlarged_by_lanczos"] >= lanczos


@pytest.mark.weights
def test_the_mask_covers_what_was_drawn_and_no_white(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    piece = Photo.of(np.ascontiguousarray(astronaut[60:100, 180:240]))
    options = _sheet(150, 130, fit="crop", border_px=10, bleed_px=5, use_model=True)
    outcome = run(piece, options, neural_tools)
    mask = outcome.images["generated"]
    left, top = outcome.measures["origin_px"]
    width, height = outcome.measures["content_px"]
    assert (left, top, width, height) == (15, 15, 120, 100)
    assert (mask[top : top + height, left : left + width] > 0).all()
    assert np.count_nonzero(mask) == width * height
