"""What may be mistaken for red eyes and must not be: irises, light, make-up, glasses, noise.

All of it is painted on heads without flash, in linear light where light is meant and in the
picture's own encoding where paint is; pupils stay dark, so every change made is a false one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ageing_flash import Eye, sitter

Image = NDArray[np.float32]
Paint = Callable[[Image, tuple[Eye, ...]], Image]

IRISES = {
    "dark brown": (60, 35, 22),
    "brown": (95, 55, 30),
    "chestnut": (125, 55, 28),
    "amber": (170, 105, 45),
    "green": (95, 115, 70),
    "blue": (95, 130, 165),
}
"""Colours of irises, sRGB in 255ths."""

LIGHTS = {
    "warm light": (1.0, 0.75, 0.5),
    "candle": (1.0, 0.6, 0.3),
    "red cast": (1.0, 0.7, 0.7),
    "strong red cast": (1.0, 0.5, 0.5),
    "faded to magenta": (1.0, 0.72, 0.85),
}
"""Gains of red, green and blue."""


def mistakable(name: str, pupil_px: float, seed: int = 0) -> Iterator[tuple[str, Image]]:
    """Heads without flash, each with something red about it.

    Args:
        name, pupil_px: see `ageing_flash.sitter`.
        seed: of the noise.

    Yields:
        what is red about it and the picture, float32 (H, W, 3) in 0..1.
    """
    head, eyes = sitter(name, pupil_px)
    yield "nothing", head
    for what, colour in IRISES.items():
        yield f"{what} iris", _irises(head, eyes, colour, 0.45)
        yield f"{what} iris, small pupil", _irises(head, eyes, colour, 0.25)
    for what, gains in LIGHTS.items():
        lit = head * np.array(gains, np.float32)
        yield what, lit
        yield (
            f"{what}, brown iris",
            _irises(head, eyes, IRISES["brown"], 0.35) * np.array(gains, np.float32),
        )
    yield "red glasses", _rims(head, eyes, (190, 25, 35), 0.55)
    yield "narrow red glasses", _rims(head, eyes, (190, 25, 35), 0.25)
    yield "red lenses", _lenses(head, eyes, (1.0, 0.45, 0.45))
    yield "red eye shadow", _shadow(head, eyes, (175, 40, 60), 0.6)
    yield "red lid line", _rims(head, eyes, (150, 30, 40), 0.1)
    yield "bloodshot", _whites(head, eyes, (215, 120, 120))
    yield "red hat", _hat(head, eyes, (190, 20, 30))
    yield "underexposed", np.asarray((head * 0.35) ** 1.2, np.float32)
    random = np.random.default_rng(seed)
    for sigma in (0.03, 0.08):
        grain = random.normal(0, sigma, head.shape).astype(np.float32)
        yield f"noise {sigma}", np.clip(head + grain, 0, 1)
        coarse = cv2.GaussianBlur(grain, (0, 0), 1.5) * 3
        yield f"coarse noise {sigma}", np.clip(head + coarse, 0, 1)
    for quality in (30, 60):
        yield f"JPEG {quality}", _packed(head, quality)


def _irises(head: Image, eyes: tuple[Eye, ...], colour: tuple[int, ...], opened: float) -> Image:
    made = head.copy()
    for eye in eyes:
        made = _blended(made, _lit(made, eye, eye.iris), colour)
        made = _blended(made, _lit(made, eye, eye.iris * opened), (18, 16, 16))
        glint = _ellipse(
            made, eye.x - 0.2 * eye.iris, eye.y - 0.2 * eye.iris, *([0.1 * eye.iris] * 2)
        )
        made = _blended(made, glint, (250, 250, 250))
    return made


def _lit(head: Image, eye: Eye, radius: float) -> NDArray[np.float32]:
    """A disc of the eye as far as its lids are open."""
    rows = np.arange(head.shape[0], dtype=np.float32)[:, None]
    open_ = np.clip(rows - eye.y + eye.above + 0.5, 0, 1) * np.clip(
        eye.y + eye.below - rows + 0.5, 0, 1
    )
    return np.asarray(_ellipse(head, eye.x, eye.y, radius, radius) * open_, np.float32)


def _ellipse(head: Image, x: float, y: float, across: float, down: float) -> NDArray[np.float32]:
    """Share of an ellipse in each px, its rim a px soft: float32 (h, w)."""
    rows, columns = np.mgrid[: head.shape[0], : head.shape[1]].astype(np.float32)
    distance = np.hypot((columns - x) / max(across, 0.3), (rows - y) / max(down, 0.3))
    return np.asarray(np.clip((1 - distance) * min(across, down) + 0.5, 0, 1), np.float32)


def _blended(head: Image, share: NDArray[np.float32], colour: tuple[int, ...]) -> Image:
    paint = np.array(colour, np.float32) / 255
    return np.asarray(head + share[..., None] * (paint - head), np.float32)


def _unit(eyes: tuple[Eye, ...]) -> float:
    return float(np.hypot(eyes[1].x - eyes[0].x, eyes[1].y - eyes[0].y))


def _rims(head: Image, eyes: tuple[Eye, ...], colour: tuple[int, ...], size: float) -> Image:
    """Rings around the eyes, `size` eye distances wide."""
    unit, made = _unit(eyes), head
    for eye in eyes:
        width = size * unit
        outer = _ellipse(head, eye.x, eye.y, width / 2 + 0.05 * unit, width / 2.6 + 0.05 * unit)
        inner = _ellipse(head, eye.x, eye.y, width / 2, width / 2.6)
        made = _blended(made, np.clip(outer - inner, 0, 1), colour)
    return made


def _lenses(head: Image, eyes: tuple[Eye, ...], gains: tuple[float, ...]) -> Image:
    unit, made = _unit(eyes), head
    for eye in eyes:
        share = _ellipse(head, eye.x, eye.y, 0.35 * unit, 0.28 * unit)[..., None]
        made = np.asarray(made * (1 + share * (np.array(gains, np.float32) - 1)), np.float32)
    return made


def _shadow(head: Image, eyes: tuple[Eye, ...], colour: tuple[int, ...], share: float) -> Image:
    """Paint on the upper lids."""
    unit, made = _unit(eyes), head
    for eye in eyes:
        lid = _ellipse(head, eye.x, eye.y - 0.12 * unit, 0.25 * unit, 0.1 * unit)
        made = _blended(made, lid * np.float32(share), colour)
    return made


def _whites(head: Image, eyes: tuple[Eye, ...], colour: tuple[int, ...]) -> Image:
    made = head
    for eye in eyes:
        white = _ellipse(head, eye.x, eye.y, 2.1 * eye.iris, 0.9 * min(eye.above, eye.below))
        white = np.clip(white - _ellipse(head, eye.x, eye.y, eye.iris, eye.iris), 0, 1)
        made = _blended(made, white * np.float32(0.7), colour)
    return made


def _hat(head: Image, eyes: tuple[Eye, ...], colour: tuple[int, ...]) -> Image:
    made, brim = head.copy(), max(1, round(eyes[0].y - 0.45 * _unit(eyes)))
    made[:brim] = np.array(colour, np.float32) / 255
    return made


def _packed(head: Image, quality: int) -> Image:
    eight = np.rint(head[..., ::-1] * 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", eight, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(
        cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255
    )
