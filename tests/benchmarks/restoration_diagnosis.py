"""Diagnosis against known truth: kind of blur, its extent and direction, pre-sharpening, JPEG.

A case is a clean picture, colour or grey in turn, blurred in the scene, with film grain of up to
4/255 a px of the print, seen by a scanner of one or two px for each px of the print, whose optics
soften and whose sensor adds noise; a third is saved as a good JPEG at last.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.blur import blur_of
from pipeline.stages.measure.jpeg_quality import jpeg_quality_in
from pipeline.stages.measure.sampling import luma_tiles
from pipeline.stages.measure.sharpened import sharpened_of
from tests.benchmarks import ageing_optics as optics
from tests.benchmarks.pictures import Half, colour_picture, grey_picture, seeds
from tests.benchmarks.restoration_report import Part, Target

Image = NDArray[np.float32]
Kind = Literal["none", "defocus", "motion", "compression"]
KINDS: tuple[Kind, ...] = ("none", "defocus", "motion", "compression")
SIDE = 512
DPI = 300.0


@dataclass(frozen=True)
class Softened:
    """One case of blur, with what is true of it; px of the scan.

    Args:
        photo: the scan.
        kind: what softened it.
        radius: of the disc of confusion; 0 but for defocus.
        length, angle: of the motion; 0 but for motion.
        quality: of the JPEG saved at last, None when it was not.
        oversampling: px of the scan for a px of the print.
    """

    photo: Photo
    kind: Kind
    radius: float
    length: float
    angle: float
    quality: int | None
    oversampling: int


def softened(seed: int, number: int) -> Softened:
    """The case of a seed; `number` counts through the kinds, tones and resolutions in turn."""
    random = np.random.default_rng([seed, 11])
    kind = KINDS[number % 4]
    oversampling = 1 + (number // 4) % 2
    grey = (number // 8) % 2 == 1
    picture = (grey_picture if grey else colour_picture)(seed, SIDE)
    radius = length = angle = 0.0
    if kind == "defocus":
        radius = float(random.uniform(2.0, 8.0))
        picture = optics.defocused(picture, radius)
    elif kind == "motion":
        length, angle = float(random.uniform(5.0, 25.0)), float(random.uniform(0.0, 180.0))
        way = random.random() < 0.5
        picture = (
            optics.moved(picture, length, angle)
            if way
            else optics.shaken(picture, length, angle, random)
        )
    quality = int(random.integers(85, 96)) if random.random() < 1 / 3 else None
    if kind == "compression":
        quality = int(random.integers(5, 31))
    picture = scanned(picture, random, grey=grey, oversampling=oversampling, quality=quality)
    photo = Photo.of(picture, dpi=(DPI * oversampling,) * 2, monochrome=grey)
    factor = float(oversampling)
    return Softened(photo, kind, radius * factor, length * factor, angle, quality, oversampling)


def scanned(
    picture: Image,
    random: np.random.Generator,
    *,
    grey: bool,
    oversampling: int,
    quality: int | None,
) -> Image:
    """What a scanner makes of a print: grain, oversampling, its optics and noise, JPEG."""
    grain, noise = random.uniform(0, 4) / 255, random.uniform(0, 1.5) / 255
    picture = optics.with_noise(picture, grain, random, grey=grey)
    picture = optics.oversampled(picture, oversampling)
    picture = optics.scanned_softly(picture, random.uniform(0.3, 0.6))
    picture = optics.with_noise(picture, noise, random, grey=grey)
    if quality is not None:
        picture = optics.saved_as_jpeg(picture, quality)
    return np.ascontiguousarray(np.repeat(picture[..., 1:2], 3, axis=2)) if grey else picture


@dataclass(frozen=True)
class Treated:
    """One case of sharpening and compression.

    Args:
        photo: the scan.
        treatment: "clean", "blurred", "jpeg", "grainy" or "sharpened".
        quality: of the JPEG, None when it was not saved as one.
    """

    photo: Photo
    treatment: str
    quality: int | None


def treated(seed: int, number: int) -> Treated:
    """The case of a seed: every second one is sharpened, the others are not, in four ways."""
    random = np.random.default_rng([seed, 23])
    grey, oversampling = (number // 2) % 2 == 1, 1 + (number // 4) % 2
    picture = (grey_picture if grey else colour_picture)(seed, SIDE)
    ways = ("clean", "blurred", "jpeg", "grainy")
    treatment = "sharpened" if number % 2 else ways[(number // 2) % 4]
    if treatment == "blurred":
        out_of_focus = random.random() < 0.5
        picture = (
            optics.defocused(picture, random.uniform(1.0, 6.0))
            if out_of_focus
            else optics.moved(picture, random.uniform(3.0, 20.0), random.uniform(0.0, 180.0))
        )
    most = {"clean": 0.0, "grainy": 8.0}.get(treatment, 4.0)
    least = 3.0 if treatment == "grainy" else 0.0
    picture = optics.with_noise(picture, random.uniform(least, most) / 255, random, grey=grey)
    picture = optics.oversampled(picture, oversampling)
    picture = optics.scanned_softly(picture, random.uniform(0.3, 0.6))
    if treatment != "clean":
        picture = optics.with_noise(picture, random.uniform(0, 1.5) / 255, random, grey=grey)
    if treatment == "sharpened":
        radius, amount = random.uniform(0.7, 2.0), random.uniform(0.6, 2.0)
        picture = optics.sharpened(picture, radius, amount)
    quality = int(random.integers(30, 86)) if treatment == "jpeg" else None
    if quality is not None:
        picture = optics.saved_as_jpeg(picture, quality)
    if grey:
        picture = np.ascontiguousarray(np.repeat(picture[..., 1:2], 3, axis=2))
    return Treated(Photo.of(picture, monochrome=grey), treatment, quality)


def compressed(seed: int, number: int) -> Treated:
    """A scan saved at a quality of 30 to 85, cut anywhere, or (one in four) never saved so."""
    random = np.random.default_rng([seed, 7])
    grey, oversampling = number % 2 == 1, 1 + (number // 4) % 2
    picture = (grey_picture if grey else colour_picture)(seed, SIDE)
    if random.random() < 0.3:
        picture = optics.defocused(picture, random.uniform(2.0, 6.0))
    quality = None if number % 4 == 0 else int(random.integers(30, 86))
    picture = scanned(picture, random, grey=grey, oversampling=oversampling, quality=quality)
    top, left = random.integers(0, 8, 2)
    picture = np.ascontiguousarray(picture[top:, left:])
    return Treated(Photo.of(picture, monochrome=grey), "jpeg" if quality else "clean", quality)


def run(half: Half, count: int) -> Part:
    """Judge `count` cases of blur, as many of sharpening and half as many of JPEG.

    Args:
        half: of the pictures.
        count: at least 8, so that each kind occurs.
    """
    blurs = _judged_blurs(half, count)
    haloes = _judged_sharpening(half, count)
    qualities = _judged_quality(half, max(4, count // 2))
    targets = (
        Target("kind of blur right, share", blurs["kind_right"], 0.95, ">="),
        Target("motion: length within 20 %, share", blurs["length_right"], 0.9, ">="),
        Target("motion: angle within 10 degrees, share", blurs["angle_right"], 0.9, ">="),
        Target("sharpening found, share", haloes["found"], 0.95, ">="),
        Target("sharpening found where there is none, share", haloes["false_alarms"], 0.02, "<="),
        Target("JPEG quality within 10, share", qualities["within_10"], 0.95, ">="),
    )
    figures = {"blur": blurs, "sharpening": haloes, "jpeg": qualities}
    return Part("diagnosis", 2 * count + max(4, count // 2), targets, figures)


def _judged_blurs(half: Half, count: int) -> dict[str, Any]:
    confusion: dict[str, dict[str, int]] = {kind: dict.fromkeys(KINDS, 0) for kind in KINDS}
    lengths, angles, radii = [], [], []
    for number, seed in enumerate(seeds(half, count)):
        case = softened(seed, number)
        found = blur_of(case.photo)
        confusion[case.kind][found.kind] += 1
        moved = found.kind == case.kind == "motion"
        if case.kind == "motion":
            lengths.append(moved and abs(found.length_px / case.length - 1) <= 0.2)
            angles.append(moved and angle_between(found.angle_degrees, case.angle) <= 10)
        if case.kind == "defocus":
            out = found.kind == "defocus"
            radii.append(out and abs(found.radius_px / case.radius - 1) <= 0.2)
    right = sum(confusion[kind][kind] for kind in KINDS)
    return {
        "kind_right": right / count,
        "length_right": _share(lengths),
        "angle_right": _share(angles),
        "radius_within_20_percent": _share(radii),
        "true_kind_then_found": confusion,
    }


def angle_between(one: float, other: float) -> float:
    """Degrees between two directions of a line, 0..90."""
    return abs((one - other + 90.0) % 180.0 - 90.0)


def _judged_sharpening(half: Half, count: int) -> dict[str, Any]:
    found: dict[str, list[bool]] = defaultdict(list)
    for number, seed in enumerate(seeds(half, count)):
        case = treated(seed, number)
        found[case.treatment].append(sharpened_of(case.photo).found)
    without = [hit for way, hits in found.items() if way != "sharpened" for hit in hits]
    return {
        "found": _share(found["sharpened"]),
        "false_alarms": _share(without),
        "found_by_treatment": {way: _share(hits) for way, hits in found.items()},
    }


def _judged_quality(half: Half, count: int) -> dict[str, Any]:
    near, imagined = [], []
    for number, seed in enumerate(seeds(half, count)):
        case = compressed(seed, number)
        found = jpeg_quality_in(luma_tiles(case.photo))
        if case.quality is None:
            imagined.append(found is not None)
        else:
            near.append(found is not None and abs(found - case.quality) <= 10)
    return {"within_10": _share(near), "found_where_there_is_none": _share(imagined)}


def _share(hits: list[bool]) -> float:
    return float(np.mean(hits)) if hits else 0.0
