"""Red eyes: how many are found and how well they are made dark, and that nothing else is.

    python -m tests.benchmarks.faces_red_eyes --half tuning --cases 60
    python -m tests.benchmarks.faces_red_eyes --pictures FOLDER

Flash is simulated (`ageing_flash`), so the truth is known; what may be mistaken for it is painted
(`mistaken_for_red_eyes`). Few free photographs of people ship in packages: each half has one, and
thresholds were chosen with the false alarms on both in view.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.red_eyes import STAGE, Options
from tests.benchmarks.ageing_flash import (
    PEOPLE,
    PETS,
    Colour,
    Flash,
    FlashPicture,
    flash_picture,
)
from tests.benchmarks.mistaken_for_red_eyes import mistakable
from tests.benchmarks.pictures import COLOUR, Half, Image, named, seeds
from tests.benchmarks.restoration_report import Part, Target

_SITTER: dict[Half, str] = {"tuning": "astronaut", "held_out": "hopper"}
_SIZES = (3, 4, 5, 6, 8, 12, 20, 30)
_STRENGTHS = (0.25, 0.5, 1.0)
_MISTAKABLE_SIZES = (4, 6, 11)
_SURE_PX, _SURE_STRENGTH = 8, 0.5


@dataclass(frozen=True)
class Score:
    """How one simulated flash fared.

    Args:
        pupil_px, colour, strength: of the flash.
        found: red pupils found, of two.
        false: places corrected that are no pupils.
        before, after: CIEDE2000 to the truth within the pupils, mean; NaN unless both were found.
        simple: the same for red set to the mean of green and blue in exactly the pupils.
        rim_before, rim_after: as before and after, from the rim to twice the pupil's radius.
    """

    pupil_px: int
    colour: str
    strength: float
    found: int
    false: int
    before: float
    after: float
    simple: float
    rim_before: float
    rim_after: float


@cache
def tools() -> Tools:
    """The face detector that a package ships."""
    wanted = STAGE.models(Options())
    return Tools(ModelSet(resolve(load_catalog(), wanted, []), "cpu"))


def corrected(picture: Image) -> Outcome:
    """The stage on a picture of 0..1, in 16 bits."""
    return STAGE.run(Photo.of(picture, bit_depth=16), Options(), tools())


def run(half: Half, count: int) -> Part:
    """Score `count` simulated flashes, and every picture in which nothing is to be done."""
    scores = [scored(_SITTER[half], *flash_of(seed)) for seed in seeds(half, count)]
    alarms = false_alarms(half)
    sure = [s for s in scores if s.pupil_px >= _SURE_PX and s.strength >= _SURE_STRENGTH]
    both = [s for s in scores if s.found == 2]
    figures: dict[str, Any] = {
        "found_by_pupil_px": _found(scores, "pupil_px"),
        "found_by_strength": _found(scores, "strength"),
        "found_by_colour": _found(scores, "colour"),
        "ciede2000_of_found": _means(both),
        "false_places": sum(s.false for s in scores),
        "false_alarms": alarms,
    }
    targets = [
        Target("places corrected that are no red pupils", figures["false_places"], 0, "<="),
        Target("pictures changed in which no eye is red", len(alarms["changed"]), 0, "<="),
        Target(f"found from {_SURE_PX} px and half strength on", _share(sure), 0.8, ">="),
    ]
    if both:
        means = figures["ciede2000_of_found"]
        targets += [
            Target("CIEDE2000 of corrected pupils", means["after"], 8.0, "<="),
            Target(
                "rims made worse, CIEDE2000", means["rim_after"] - means["rim_before"], 0.5, "<="
            ),
        ]
    return Part("red_eyes", len(scores) + alarms["looked_at"], tuple(targets), figures)


def flash_of(seed: int) -> tuple[int, Flash]:
    """Size of the pupil, px, and the flash of a seed."""
    random = np.random.default_rng(seed)
    number = seed // 2
    colours: tuple[Colour, ...] = PEOPLE
    flash = Flash(
        colour=colours[number // len(_SIZES) % len(colours)],
        strength=_STRENGTHS[number % len(_STRENGTHS)],
        opened=float(random.uniform(0.5, 0.75)),
        dimming=float(random.uniform(0.0, 0.5)),
        glint=float(random.uniform(0.0, 0.3)),
        blur_px=float(random.uniform(0.3, 1.0)),
        noise=float(random.uniform(0.0, 0.015)),
        jpeg=int(random.choice([0, 80, 92])),
    )
    return _SIZES[number % len(_SIZES)], flash


def scored(name: str, pupil_px: int, flash: Flash) -> Score:
    """The stage's work on one simulated flash."""
    case = flash_picture(name, pupil_px, flash, seed=pupil_px)
    outcome = corrected(case.flashed)
    places = [
        entry["place_px"] for entry in outcome.measures.get("eyes", []) if not entry["left_because"]
    ]
    near = [[_distance(place, eye) <= case.radius + 0.5 for place in places] for eye in case.eyes]
    found = sum(any(row) for row in near)
    false = sum(not any(row[n] for row in near) for n in range(len(places)))
    inside, rim = case.inside(), case.inside(2.0) & ~case.inside(1.0)
    nothing = float("nan")
    told = [nothing] * 5
    if found == len(case.eyes):
        after = outcome.photo.pixels
        told = [
            _ciede2000(case.flashed, case.truth, inside),
            _ciede2000(after, case.truth, inside),
            _ciede2000(_simply(case, inside), case.truth, inside),
            _ciede2000(case.flashed, case.truth, rim),
            _ciede2000(after, case.truth, rim),
        ]
    return Score(pupil_px, flash.colour, flash.strength, found, false, *told)


def false_alarms(half: Half) -> dict[str, Any]:
    """Every picture of a half in which no eye is red, and which of them were changed."""
    looked_at, changed = 0, []
    for what, picture in _innocent(half):
        looked_at += 1
        if corrected(picture).decision != "skipped":
            changed.append(what)
    return {"looked_at": looked_at, "changed": changed}


def _innocent(half: Half) -> Iterator[tuple[str, Image]]:
    for name in COLOUR[half]:
        try:
            yield name, named(name)
        except LookupError:
            continue
    for size in _MISTAKABLE_SIZES:
        for what, picture in mistakable(_SITTER[half], size, seed=size):
            yield f"{what} at {size} px", np.clip(picture, 0, 1).astype(np.float32)
    if half == "held_out":  # the eyes of animals are not this stage's
        for colour in PETS:
            yield f"cat, {colour}", flash_picture("chelsea", 30, Flash(colour)).flashed


def _distance(place: Sequence[float], eye: Sequence[float]) -> float:
    return float(np.hypot(place[0] - eye[0], place[1] - eye[1]))


def _simply(case: FlashPicture, inside: NDArray[np.bool_]) -> Image:
    """Grey of the mean of green and blue in the pupils, as simple programs make it."""
    grey = case.flashed[..., 1:].mean(axis=2, keepdims=True)
    return np.asarray(np.where(inside[..., None], grey, case.flashed), np.float32)


def _ciede2000(picture: Image, truth: Image, where: NDArray[np.bool_]) -> float:
    from skimage.color import deltaE_ciede2000, rgb2lab

    return float(deltaE_ciede2000(rgb2lab(picture), rgb2lab(truth))[where].mean())


def _share(scores: Iterable[Score]) -> float:
    found = [score.found / 2 for score in scores]
    return float(np.mean(found)) if found else float("nan")


def _found(scores: Sequence[Score], by: str) -> dict[str, float]:
    groups: dict[Any, list[Score]] = defaultdict(list)
    for score in scores:
        groups[asdict(score)[by]].append(score)
    return {str(key): round(_share(group), 3) for key, group in sorted(groups.items())}


def _means(scores: Sequence[Score]) -> dict[str, float]:
    names = ("before", "after", "simple", "rim_before", "rim_after")
    return {
        name: round(float(np.mean([asdict(score)[name] for score in scores])), 2)
        for name in names
        if scores
    }


def _of_folder(folder: Path) -> dict[str, Any]:
    """What the stage says of every picture of a folder."""
    told = {}
    for path in sorted(folder.iterdir()):
        read = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if read is not None:
            outcome = corrected(np.ascontiguousarray(read[..., ::-1], np.float32) / 255)
            told[path.name] = {"decision": outcome.decision, **outcome.measures}
    return told


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=("tuning", "held_out"), default="held_out")
    parser.add_argument("--cases", type=int, default=96)
    parser.add_argument("--pictures", type=Path, help="look at the pictures of a folder instead")
    asked = parser.parse_args()
    told = _of_folder(asked.pictures) if asked.pictures else run(asked.half, asked.cases).as_json()
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
