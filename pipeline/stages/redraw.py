"""Having a super-resolution network draw a picture anew, from its real resolution.

Run on all pixels of an oversampled scan, such a network is slow and leaves the blur in place: it
was trained on pictures sharp to the pixel. So the picture is first reduced to what it really
resolves, then drawn, then brought to the size wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput
from pipeline.core.photo import Pixels
from pipeline.core.progress import Progress
from pipeline.models.provider import Inference, Upscaler
from pipeline.stages.fidelity import keep_single_tone, keep_tonality
from pipeline.stages.resample import Box, resample

_COARSE = 12.0
"""Blur, in real px, above which the print's tones are kept."""

_BAND_PX = 4_000_000
"""Real px given to the network at once; its output takes 192 bytes for each of them."""

_MARGIN = 48
"""Real px of surroundings a band is given on either side and that are then cut off."""


def redraw(
    pixels: Pixels,
    size: tuple[int, int],
    fraction: float,
    upscaler: Upscaler,
    progress: Progress,
    *,
    single_tone: bool,
    box: Box | None = None,
    band_px: int = _BAND_PX,
) -> tuple[Pixels, dict[str, Any]]:
    """A picture drawn anew at another or the same size.

    Args:
        pixels: float32 (H, W, 3) in 0..1.
        size: (width, height) wanted, px.
        fraction: how much of its size the picture really resolves, 0..1 (0 excluded).
        upscaler: the network.
        progress: told of each tile.
        single_tone: take lightness alone from the network.
        box: the part of the picture wanted, (left, top, right, bottom) px; all when None.
        band_px: real px handled at once; bounds memory.

    Returns:
        float32 (height, width, 3) in 0..1, and JSON facts about the inference.

    Raises:
        BadOutput: the network gave NaN, infinity, another size, or one flat colour for a
            picture that is not flat.
    """
    height, width = pixels.shape[:2]
    small = resample(pixels, max(1, round(width * fraction)), max(1, round(height * fraction)))
    small = np.clip(small, 0.0, 1.0)
    part = _scaled(box or (0.0, 0.0, float(width), float(height)), pixels.shape, small.shape)
    drawn = np.empty((size[1], size[0], 3), dtype=np.float32)
    facts: dict[str, Any] = {}
    for rows, out_rows in _bands(small.shape, part, size[1], band_px):
        inference = upscaler.run(np.ascontiguousarray(small[rows]), progress)
        _check(inference, small[rows], upscaler)
        made = inference.pixels
        step = (part[3] - part[1]) / size[1]
        top = part[1] + out_rows.start * step - rows.start
        bottom = part[1] + out_rows.stop * step - rows.start
        cut = _cut(made.shape, (part[0], top, part[2], bottom), upscaler.scale)
        drawn[out_rows] = resample(made, size[0], out_rows.stop - out_rows.start, cut)
        facts = _facts(inference, small.shape)
    own = np.clip(resample(pixels, *size, box), 0.0, 1.0)
    real_px = size[0] / (part[2] - part[0])
    if single_tone:
        drawn = keep_single_tone(drawn, own, chroma_px=1.5 * real_px)
    drawn = keep_tonality(drawn, own, _COARSE * real_px)
    return np.clip(drawn, 0.0, 1.0, out=drawn), facts


def _scaled(box: Box, whole: tuple[int, ...], small: tuple[int, ...]) -> Box:
    """A part of the picture in px of the reduced picture."""
    across, down = small[1] / whole[1], small[0] / whole[0]
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down


def _bands(
    small: tuple[int, ...], part: Box, out_height: int, band_px: int
) -> Iterator[tuple[slice, slice]]:
    """Rows of the small picture with their margin, and the rows of the result they make."""
    height, width = small[:2]
    count = min(out_height, max(1, -(-height * width // band_px)))
    step = (part[3] - part[1]) / out_height
    for number in range(count):
        out = slice(out_height * number // count, out_height * (number + 1) // count)
        first = int(part[1] + out.start * step) - _MARGIN
        last = int(np.ceil(part[1] + out.stop * step)) + _MARGIN
        yield slice(max(0, first), min(height, last)), out


def _cut(made: tuple[int, ...], part: Box, scale: int) -> Box:
    """A part of what the network was given, in px of what it made."""
    left, top = max(0.0, part[0] * scale), max(0.0, part[1] * scale)
    return left, top, min(float(made[1]), part[2] * scale), min(float(made[0]), part[3] * scale)


def _check(inference: Inference, given: NDArray[np.float32], upscaler: Upscaler) -> None:
    made = inference.pixels
    wanted = (given.shape[0] * upscaler.scale, given.shape[1] * upscaler.scale, 3)
    if made.shape != wanted:
        raise BadOutput(f"{upscaler.name} gave {made.shape} where {wanted} was due")
    if not np.isfinite(made).all():
        raise BadOutput(f"{upscaler.name} gave NaN or infinity")
    if float(np.ptp(made)) == 0.0 and float(np.ptp(given)) > 2 / 255:
        raise BadOutput(f"{upscaler.name} gave one flat colour")


def _facts(inference: Inference, small: tuple[int, ...]) -> dict[str, Any]:
    return {
        "model": inference.model,
        "device": inference.device,
        "dtype": inference.dtype,
        "network_input_px": [small[1], small[0]],
        **dict(inference.facts),
    }
