"""Faces restored: nearer to the person than the aged print, at every size, and never further.

One portrait is shrunk until its face has a width of 20 to 160 px, aged, and given to the stage as
it is run by default (with x4plus, whose weights ship in a package). Likeness is told by dlib's
embedding, as its distance from the truth's, and by where dlib's predictor sees eyes and nose.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.stages.base import Tools
from pipeline.stages.face_alignment import align, cut_out
from pipeline.stages.face_shape import face_shape
from pipeline.stages.faces import Options
from pipeline.stages.faces import run as faces
from tests.benchmarks.face_ageing import Case, case_of, cases
from tests.benchmarks.face_sheet import Row, write_sheet
from tests.benchmarks.pictures import Half, Image
from tests.benchmarks.restoration_report import Part, Target

_MODEL = "RealESRGAN_x4plus-ncnn"

_WORSE = 0.02
"""Embedding distance by which a face must lose likeness to count as harmed. Two grains of the same
face lie as far apart."""

_FROM_PX = 50
"""Width from which every size is to gain."""

_EYES = 126.0
"""px between the eyes of an aligned face."""

_FACE = (118, 160, 394, 436)
"""Left, top, right, bottom of an aligned face, px."""


@dataclass(frozen=True)
class Score:
    """How one face fared.

    Args:
        width, ageing: of the case.
        outcome: as the stage reports it.
        strength: share of the network's face that was put on.
        distance: of the embedding from the truth's, before and after; NaN without an embedder.
        landmarks: their distance from the truth's, in eye distances, before and after.
        psnr: on the face, dB, before and after.
    """

    width: int
    ageing: str
    outcome: str
    strength: float
    distance: tuple[float, float]
    landmarks: tuple[float, float]
    psnr: tuple[float, float]


def tools() -> Tools:
    """The networks that packages ship, on the CPU."""
    wanted = {
        "faces": [_MODEL],
        "face_detector": ["CenterFace"],
        "face_embedding": ["dlib-face-recognition"],
    }
    return Tools(ModelSet(resolve(load_catalog(), wanted, []), "cpu"))


def run(half: Half, count: int, sheets: Path | None = None) -> Part:
    """Restore `count` aged portraits, and a group of ten; with `sheets` draw them for the eye."""
    able = tools()
    judged = [scored(case, faces(case.photo, Options(), able), able) for case in cases(half, count)]
    if sheets is not None:
        write_sheet([row for _, row in judged], sheets)
    return report([score for score, _ in judged], seconds_a_face(half, able))


def scored(case: Case, outcome: Any, able: Tools) -> tuple[Score, Row]:
    """One case judged, and its row of a sheet."""
    alignment = align(case.landmarks)
    if alignment is None:
        raise ValueError("the landmarks of the truth are unusable")
    truth, before, after = (
        cut_out(pixels, alignment)
        for pixels in (case.truth, case.photo.samples, outcome.photo.samples)
    )
    reports = [one for one in outcome.measures["faces"] if one.get("outcome")]
    told = reports[0] if reports else {"outcome": "not found"}
    score = Score(
        case.width,
        case.ageing,
        str(told["outcome"]),
        float(told.get("strength", 0.0)),
        _distances(able, truth, before, after),
        _landmark_distances(truth, before, after),
        (_psnr(before, truth), _psnr(after, truth)),
    )
    title = (
        f"{case.width} px {case.ageing}: {score.outcome}, strength {score.strength:.2f}, "
        f"distance {score.distance[0]:.3f} to {score.distance[1]:.3f}"
    )
    pictures = (case.photo.pixels, outcome.photo.pixels, case.truth)
    return score, Row(title, pictures, (before, after, truth), case.landmarks, case.width)


def report(scores: Sequence[Score], seconds: float) -> Part:
    """Targets and figures of all that was scored."""
    gains = np.array([one.distance[0] - one.distance[1] for one in scores])
    marks = np.array([one.landmarks[0] - one.landmarks[1] for one in scores])
    widths = np.array([one.width for one in scores])
    large = widths >= _FROM_PX
    by_width = {int(w): float(gains[widths == w].mean()) for w in np.unique(widths)}
    weakest = min(gain for width, gain in by_width.items() if width >= _FROM_PX)
    least = min(by_width.values())
    return Part(
        "restoring",
        len(scores),
        (
            Target("likeness gained by the weakest width from 50 px up", weakest, 0.0, ">="),
            Target("likeness gained by the weakest width", least, -0.005, ">="),
            Target("share made less alike by 0.02", float((gains < -_WORSE).mean()), 0.0, "<="),
            Target("landmarks gained from 50 px up", float(marks[large].mean()), 0.0, ">="),
            Target("seconds a face of ten", seconds, 3.0, "<="),
        ),
        {
            "likeness_gained_by_width": {k: round(v, 4) for k, v in by_width.items()},
            "by_width": _table(scores, "width"),
            "by_ageing": _table(scores, "ageing"),
            "seconds_a_face_of_ten": round(seconds, 2),
        },
    )


def _table(scores: Sequence[Score], key: str) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        groups[str(getattr(one, key))].append(one)
    return {
        name: {
            "distance": _pair([one.distance for one in group]),
            "landmarks": _pair([one.landmarks for one in group]),
            "psnr_db": _pair([one.psnr for one in group]),
            "strength": round(float(np.mean([one.strength for one in group])), 2),
            "outcomes": {
                word: sum(one.outcome == word for one in group)
                for word in sorted({one.outcome for one in group})
            },
        }
        for name, group in groups.items()
    }


def _pair(values: Sequence[tuple[float, float]]) -> list[float]:
    return [round(float(value), 4) for value in np.nanmean(np.array(values), axis=0)]


def seconds_a_face(half: Half, able: Tools) -> float:
    """Seconds that each face of a group of ten costs, guard and all."""
    one = case_of(half, 90, "worn", 1 if half == "held_out" else 0)
    left, top = (round(v) for v in one.landmarks.mean(axis=0) - 110)
    head = one.photo.samples[max(top, 0) : max(top, 0) + 220, max(left, 0) : max(left, 0) + 220]
    group = np.concatenate([np.concatenate([head] * 5, axis=1)] * 2, axis=0)
    photo = Photo(np.ascontiguousarray(group), (300.0, 300.0), bit_depth=16)
    began = time.perf_counter()
    outcome = faces(photo, Options(only_when_needed=False), able)
    return (time.perf_counter() - began) / max(1, int(outcome.measures["restored"]))


def _distances(able: Tools, truth: Image, *others: Image) -> tuple[float, float]:
    embedder = able.models.face_embedder()
    if embedder is None:
        return float("nan"), float("nan")
    wanted, before, after = embedder.embed([truth, *others])
    return float(np.linalg.norm(before - wanted)), float(np.linalg.norm(after - wanted))


def _landmark_distances(truth: Image, *others: Image) -> tuple[float, float]:
    """How far the corners of the eyes and the nose lie from the truth's, in eye distances."""
    predictor = _predictor()
    if predictor is None:
        return float("nan"), float("nan")
    wanted, before, after = (_landmarks(predictor, face) for face in (truth, *others))
    off = [np.linalg.norm(one - wanted, axis=1).mean() / _EYES for one in (before, after)]
    return float(off[0]), float(off[1])


@lru_cache(maxsize=1)
def _predictor() -> Any | None:
    """dlib's five-point landmark predictor; None where the extra [identity] is not installed.

    Kazemi, Sullivan 2014 (doi:10.1109/CVPR.2014.241). Its places are not tied to any grid, as a
    detector's are.
    """
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or found.origin is None or importlib.util.find_spec("dlib") is None:
        return None
    dlib: Any = importlib.import_module("dlib")
    path = Path(found.origin).parent / "models" / "shape_predictor_5_face_landmarks.dat"
    return dlib.shape_predictor(str(path)), dlib.rectangle(*_FACE)


def _landmarks(predictor: Any, face: Image) -> NDArray[np.float64]:
    predict, where = predictor
    eight_bit = np.rint(np.clip(face, 0, 1) * 255).astype(np.uint8)
    return np.array([(point.x, point.y) for point in predict(eight_bit, where).parts()], float)


def _psnr(face: Image, truth: Image) -> float:
    """dB on the face alone."""
    mask = face_shape()[..., None]
    error = float((np.square(face - truth) * mask).sum() / (3 * mask.sum()))
    return -10 * float(np.log10(max(error, 1e-10)))
