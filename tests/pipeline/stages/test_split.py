"""Split, measured on generated flatbed pages whose true outlines are known."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.demo.flatbed import LID_COLOURS, Laid, LidKind, scan_page
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.split import STAGE, Options, split

DPI = 100.0
PAGE = (850, 1170)
PAPER = (0.93, 0.90, 0.83)
WHOLE = np.array([[0, 0], [PAGE[0], 0], PAGE, [0, PAGE[1]]], dtype=np.float64)


def run(page: NDArray[np.float32] | Photo, **options: Any) -> Outcome:
    photo = page if isinstance(page, Photo) else Photo.of(page, dpi=(DPI, DPI))
    return split(photo, Options(**options), Tools(ModelSet({}, "cpu")))


def picture(
    name: str, width: int, height: int, border: int = 0, fade: float = 0.8
) -> NDArray[np.float32]:
    """A photograph as a print of exactly this size in px, faded a little, maybe with a border."""
    pixels = getattr(data, name)().astype(np.float32) / 255
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    inner = (width - 2 * border, height - 2 * border)
    pixels = 0.15 + fade * 0.9 * cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA)
    if border:
        pixels = cv2.copyMakeBorder(
            pixels, border, border, border, border, cv2.BORDER_CONSTANT, value=PAPER
        )
    return np.clip(pixels, 0, 1).astype(np.float32)


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Intersection over union of two convex quads."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    shared = cv2.intersectConvexConvex(a, b)[0]
    return float(shared / (cv2.contourArea(a) + cv2.contourArea(b) - shared))


def quads(outcome: Outcome) -> list[NDArray[np.float64]]:
    return [np.array(p["quad"]) for p in outcome.measures["prints"]]


ONE = (Laid(picture("astronaut", 300, 360, 12), (400, 610), 6.0),)
TWO = (
    Laid(picture("chelsea", 420, 280), (310, 250), -14.5),
    Laid(picture("camera", 330, 330, 14), (480, 800), 15.0),
)
THREE = (
    Laid(picture("coffee", 300, 200, 10), (220, 210), 4.0),
    Laid(picture("astronaut", 260, 300), (620, 240), -9.0),
    Laid(picture("chelsea", 400, 270, 12), (400, 800), 12.0),
)
FOUR = (
    Laid(picture("astronaut", 250, 320, 10), (220, 270), -3.0),
    Laid(picture("camera", 280, 280), (630, 260), 8.0),
    Laid(picture("coffee", 330, 220), (230, 820), 0.0),
    Laid(picture("chelsea", 300, 210, 10), (620, 850), -15.0),
)


@pytest.mark.parametrize("lid", ["white", "grey", "black"])
@pytest.mark.parametrize("laid", [ONE, TWO, THREE, FOUR], ids=["one", "two", "three", "four"])
def test_every_print_on_the_glass_is_found_and_measured_in_reading_order(
    laid: tuple[Laid, ...], lid: LidKind
) -> None:
    shadow = 0.0 if lid == "black" else 0.08
    outcome = run(scan_page(PAGE, laid, lid=lid, shadow=shadow, seed=3))
    assert outcome.decision == "applied", outcome.reason
    assert outcome.measures["background"]["kind"] == lid
    assert len(outcome.photos) == len(laid)
    for entry, quad, true in zip(outcome.measures["prints"], quads(outcome), laid, strict=True):
        assert overlap(quad, true.quad) > 0.97
        assert entry["angle_degrees"] == pytest.approx(true.angle, abs=0.3)


def lit_alike(found: Photo, true: NDArray[np.float32]) -> NDArray[np.float32]:
    """The found print at the true print's size, less the lamp's falling off."""
    size = (true.shape[1], true.shape[0])
    same = cv2.resize(found.pixels, size, interpolation=cv2.INTER_AREA)
    return same * (true.mean() / same.mean())


@pytest.mark.parametrize("angle", [-15.0, -4.0, 0.5, 9.0, 15.0])
def test_a_turned_print_comes_out_upright_at_its_own_size(angle: float) -> None:
    laid = Laid(picture("astronaut", 420, 500), (430.0, 580.0), angle)
    outcome = run(scan_page(PAGE, [laid], lid="black", seed=1), margin_mm=0.0)
    found = outcome.photo
    assert found.width == pytest.approx(420, abs=2)
    assert found.height == pytest.approx(500, abs=2)
    inner = (slice(20, -20), slice(20, -20))
    error = lit_alike(found, laid.pixels)[inner] - laid.pixels[inner]
    assert float(np.sqrt((error**2).mean())) < 0.03
    mirrored = lit_alike(found, laid.pixels)[:, ::-1][inner] - laid.pixels[inner]
    assert float(np.sqrt((mirrored**2).mean())) > 0.1  # the measure can tell


def test_a_straight_print_is_cut_without_touching_a_pixel() -> None:
    laid = Laid(picture("coffee", 500, 340, 16), (400.0, 500.0))
    page = scan_page(PAGE, [laid], lid="white", seed=2)
    outcome = run(page, margin_mm=0.5)
    (entry,) = outcome.measures["prints"]
    (left, top), _, (right, bottom), _ = np.array(entry["cut"]["quad"]).astype(int)
    assert not entry["cut"]["resampled"]
    assert np.array_equal(outcome.photo.pixels, Photo.of(page).pixels[top:bottom, left:right])
    assert left <= 150 and top <= 330 and right >= 650 and bottom >= 670


def test_resolution_profile_and_depth_travel_with_each_print() -> None:
    page = scan_page(PAGE, TWO, lid="grey", seed=4)
    infrared = np.ascontiguousarray(page[..., 0])
    scan = Photo.of(page, (DPI, DPI), b"a profile", bit_depth=16, infrared=infrared)
    outcome = run(scan)
    assert len(outcome.photos) == 2
    for found in outcome.photos:
        assert (found.dpi, found.icc, found.bit_depth) == ((DPI, DPI), b"a profile", 16)
        assert found.infrared is not None
        assert np.array_equal(found.infrared, found.samples[..., 0])


def test_a_monochrome_scan_gives_monochrome_prints() -> None:
    page = np.repeat(scan_page(PAGE, TWO, lid="black", seed=4)[..., 1:2], 3, axis=2)
    outcome = run(Photo.of(page, (DPI, DPI), monochrome=True))
    assert [p.monochrome for p in outcome.photos] == [True, True]


def test_a_gradient_of_more_than_256_levels_survives_the_turning() -> None:
    levels = np.round(np.linspace(0.3, 0.9, 500) * 65535) / 65535
    pixels = np.repeat(np.repeat(levels[None, :, None], 300, 0), 3, 2).astype(np.float32)
    page = scan_page(PAGE, [Laid(pixels, (420, 600), 5.0)], lid="black", noise=0, specks=0, seed=1)
    found = run(Photo.of(page, (DPI, DPI), bit_depth=16)).photo
    row = np.round(found.pixels[found.height // 2, :, 1] * 65535)
    assert len(np.unique(row)) > 400


def test_unequal_resolutions_are_evened_out_before_angles_are_measured() -> None:
    laid = Laid(picture("astronaut", 400, 460), (430.0, 600.0), 11.0)
    page = scan_page(PAGE, [laid], lid="black", seed=5)
    squeezed = cv2.resize(page, (PAGE[0] // 2, PAGE[1]), interpolation=cv2.INTER_AREA)
    outcome = run(Photo.of(squeezed, (DPI / 2, DPI)))
    assert outcome.measures["prints"][0]["angle_degrees"] == pytest.approx(11.0, abs=0.3)
    assert overlap(quads(outcome)[0] * np.array([2.0, 1.0]), laid.quad) > 0.97
    assert outcome.photo.width == pytest.approx(200, abs=4)
    assert outcome.photo.height == pytest.approx(460, abs=4)


def test_unknown_resolution_still_splits() -> None:
    page = scan_page(PAGE, FOUR, lid="white", seed=6)
    outcome = run(Photo.of(page, None))
    assert len(outcome.photos) == 4
    assert all(found.dpi is None for found in outcome.photos)


def test_a_print_pushed_into_the_corner_of_the_glass_is_cut_there() -> None:
    laid = Laid(picture("coffee", 500, 340), (250.0, 170.0))
    page = scan_page(PAGE, [laid], lid="white", seed=7)
    outcome = run(page)
    assert overlap(quads(outcome)[0], laid.quad) > 0.98
    assert np.array_equal(outcome.photo.pixels[:340, :500], Photo.of(page).pixels[:340, :500])


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "camera", "rocket", "moon"])
def test_a_picture_without_margin_is_left_alone(name: str) -> None:
    pixels = getattr(data, name)().astype(np.float32) / 255
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    photo = Photo.of(pixels)
    outcome = run(photo)
    assert outcome.decision == "skipped" and outcome.reason
    assert outcome.photo is photo


def test_a_print_scanned_tightly_keeps_its_own_white_border() -> None:
    page = cv2.copyMakeBorder(
        picture("camera", 600, 420), 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=(0.95,) * 3
    )
    photo = Photo.of(page, (DPI, DPI))
    assert run(photo).photo is photo


def kept_whole(page: NDArray[np.float32], reason: str) -> Outcome:
    photo = Photo.of(page, (DPI, DPI))
    outcome = run(photo)
    assert outcome.photo is photo
    assert outcome.decision == "skipped"
    assert reason in outcome.reason
    return outcome


def test_an_empty_glass_is_kept_whole_and_said_so() -> None:
    outcome = kept_whole(scan_page(PAGE, [], lid="white", seed=8), "no print was found")
    assert outcome.notes


def test_a_round_picture_is_kept_whole() -> None:
    page = scan_page(PAGE, [], lid="black", seed=9)
    disc = np.zeros(PAGE[::-1], np.uint8)
    cv2.circle(disc, (425, 585), 330, 1, -1)
    page[disc > 0] = picture("astronaut", *PAGE)[disc > 0]
    kept_whole(page, "no certain rectangle")


def test_a_sky_that_fades_into_the_lid_is_not_cut_off() -> None:
    pixels = picture("astronaut", 420, 520)
    share = np.clip(np.linspace(1.4, -1, 520), 0, 1)[:, None, None].astype(np.float32)
    pixels = pixels * (1 - share) + np.float32(LID_COLOURS["white"]) * share
    kept_whole(scan_page(PAGE, [Laid(pixels, (420, 600), 3.0)], seed=10), "no certain rectangle")


def test_a_turned_print_that_runs_off_the_glass_is_kept_whole() -> None:
    laid = Laid(picture("coffee", 500, 340), (240.0, 180.0), 6.0)
    kept_whole(scan_page(PAGE, [laid], lid="black", seed=11), "outline 1 of 1")


def test_two_prints_that_lie_across_each_other_are_kept_whole() -> None:
    laid = (
        Laid(picture("coffee", 500, 200), (420.0, 600.0)),
        Laid(picture("chelsea", 200, 500), (420.0, 600.0)),
    )
    kept_whole(scan_page(PAGE, laid, lid="grey", seed=12), "no certain rectangle")


def test_something_small_beside_the_prints_is_not_thrown_away() -> None:
    ticket = Laid(np.full((35, 60, 3), 0.3, np.float32), (700.0, 1050.0), 4.0)
    kept_whole(scan_page(PAGE, [*ONE, ticket], lid="white", seed=13), "lies on the glass")


def test_a_print_turned_too_far_is_left_to_the_person() -> None:
    laid = Laid(picture("coffee", 420, 280), (420.0, 600.0), 38.0)
    kept_whole(scan_page(PAGE, [laid], lid="black", seed=14), "turned by 38 degrees")


def test_no_print_is_lost_whatever_lies_on_the_glass() -> None:
    """Either the whole scan is kept, or the cuts cover each print but for slivers."""
    cut = 0
    names = ["astronaut", "chelsea", "coffee", "camera"]
    for seed in range(15):
        random = np.random.default_rng(seed)
        laid = []
        for _ in range(int(random.integers(1, 4))):
            width, height = (int(v) for v in random.integers(150, 420, 2))
            pixels = picture(str(random.choice(names)), width, height, int(random.choice([0, 10])))
            centre = (float(random.uniform(200, 650)), float(random.uniform(200, 970)))
            laid.append(Laid(pixels, centre, float(random.uniform(-20, 20))))
        lid: LidKind = ("white", "grey", "black")[seed % 3]
        outcome = run(scan_page(PAGE, laid, lid=lid, seed=seed))
        if outcome.decision == "skipped":
            continue
        cut += 1
        covered = np.zeros(PAGE[::-1], np.uint8)
        for entry in outcome.measures["prints"]:
            cv2.fillConvexPoly(covered, np.round(entry["cut"]["quad"]).astype(np.int32), 1)
        for one in laid:
            paper = np.zeros(PAGE[::-1], np.uint8)
            cv2.fillConvexPoly(paper, np.round(one.quad).astype(np.int32), 1)
            assert (paper & covered).sum() > 0.98 * paper.sum(), seed
    assert cut >= 4  # otherwise nothing was tested


def test_the_same_scan_gives_the_same_bytes_and_is_not_changed() -> None:
    page = scan_page(PAGE, THREE, lid="grey", seed=15)
    before = page.copy()
    first, second = run(page), run(page)
    assert np.array_equal(page, before)
    for a, b in zip(first.photos, second.photos, strict=True):
        assert a.pixels.tobytes() == b.pixels.tobytes()
    assert first.measures == second.measures


def test_the_margin_is_kept_around_a_print_in_millimetres_of_paper() -> None:
    laid = Laid(picture("coffee", 420, 280), (420.0, 600.0), 7.0)
    page = scan_page(PAGE, [laid], lid="black", seed=16)
    tight, wide = run(page, margin_mm=0.0).photo, run(page, margin_mm=2.54).photo
    assert wide.width - tight.width == pytest.approx(20, abs=1)
    assert wide.height - tight.height == pytest.approx(20, abs=1)


def test_the_stage_is_registered_for_scans_and_needs_no_model() -> None:
    assert (STAGE.name, STAGE.scope, STAGE.generative) == ("split", "scan", False)
    assert not STAGE.models(Options())


def test_a_large_scan_is_never_held_whole_in_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    page = scan_page(PAGE, FOUR, lid="white", seed=2)
    large = Photo.of(
        np.clip(cv2.resize(page, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR), 0, 1),
        dpi=(3 * DPI, 3 * DPI),
    )
    asked: list[int] = []
    real = Photo.part

    def watched(photo: Photo, rows: slice, columns: slice = slice(None)) -> Any:
        made = real(photo, rows, columns)
        asked.append(made.shape[0] * made.shape[1])
        return made

    monkeypatch.setattr(Photo, "part", watched)
    assert len(run(large).photos) == 4
    assert 0 < max(asked) < large.width * large.height / 5
