"""Restoring aligned faces: by GFPGAN, or by a super-resolution network on reduced faces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, OutOfMemory, ShoeboxError, StageContractBroken
from pipeline.core.progress import Silent
from pipeline.models.engine import NetworkUpscaler
from pipeline.models.load import Network
from pipeline.models.provider import Inference
from pipeline.models.repeatable import repeatable
from pipeline.models.tiles import FLAT, liveliness
from pipeline.models.ways import is_out_of_memory, release

FACE_PX = 512
"""Side of a face aligned to the FFHQ template."""

BATCH = 4
"""Faces an accelerator is given at once."""

ABOVE = 1.7
"""A super-resolution network is given so many times the px that a face really resolves. With
fewer it draws sharper and less like the person, with more it leaves the blur."""

FEWEST_PX, MOST_PX = 160, 240
"""Sides between which a face is reduced. What a small face resolves cannot be measured well, and
drawn at fewer px it becomes another; at the most, two cores need some 2 s."""

_STEP = 8
"""px; sides are multiples of it."""

_ROWS, _COLUMNS = slice(56, FACE_PX), slice(56, FACE_PX - 56)
"""The part of the template that is drawn: the face, and as much around it as it takes to draw it.
Beyond, the face stays as it came."""

_FADE_PX = 24
"""px of the template at the sides and the top of that part over which it fades in."""

Face = NDArray[np.float32]


@cache
def _fade() -> NDArray[np.float32]:
    """Share (h, w, 1) of what was drawn in the part of the template that is drawn."""
    height, width = _ROWS.stop - _ROWS.start, _COLUMNS.stop - _COLUMNS.start
    down = np.minimum(np.arange(1, height + 1) / _FADE_PX, 1.0)
    across = np.minimum(np.arange(1, width + 1) / _FADE_PX, 1.0)
    return (down[:, None, None] * np.minimum(across, across[::-1])[:, None]).astype(np.float32)


class GfpganRestorer:
    """GFPGAN v1.x, clean architecture; implements `provider.FaceRestorer`.

    Wang, Li, Zhang, Shan: Towards Real-World Blind Face Restoration with Generative Facial Prior,
    CVPR 2021, doi:10.1109/CVPR46437.2021.00905. Runs in float32: its style modulation divides by
    norms that half formats do not hold. The noise is the one stored with the weights, so the
    same face always gives the same result. On the CPU faces go one by one, as many cores as there
    are on each; elsewhere always `BATCH` at a time, the last batch filled up, so that a face is
    computed the same way whoever stands beside it.

    Args:
        network: loaded weights of architecture "GFPGAN".
        device: as torch writes it.
    """

    def __init__(self, network: Network, device: str = "cpu") -> None:
        self.name = network.name
        self.device = device
        self._module = network.module.to(device)

    def restore(
        self, faces: Sequence[Face], detail_px: Sequence[float]
    ) -> list[Inference | ShoeboxError]:
        """Restore all faces of a print.

        Args:
            faces: float32 (512, 512, 3), RGB, 0..1 each.
            detail_px: for each, px across it that are real; this network does not ask for them.

        Returns:
            For each face an inference of the same shape and range, its facts the faces `batch`ed;
            or a `BadOutput` where that is NaN, infinite, flat or was not made. A face is never
            given back unrestored.

        Raises:
            StageContractBroken: the input is not such faces.
            OutOfMemory: not even one face fits.
        """
        _require_faces(faces, detail_px)
        size = 1 if self.device == "cpu" else BATCH
        made: list[Inference | ShoeboxError] = []
        while len(made) < len(faces):
            try:
                made += self._restored(faces[len(made) : len(made) + size], size)
            except OutOfMemory:
                if size == 1:
                    raise
                size = 1
                release(self.device)
        return made

    def _restored(self, chunk: Sequence[Face], size: int) -> list[Inference | ShoeboxError]:
        """Some faces in one batch; one by one when that broke, to tell whose fault it was."""
        try:
            return [self._judged(pixels, size) for pixels in self._drawn(chunk, size)]
        except (BadOutput, MemoryError, RuntimeError, ValueError, ArithmeticError) as error:
            failure = _failure(error, self.name, self.device)
        if len(chunk) == 1:
            return [failure]
        return [made for face in chunk for made in self._restored([face], size)]

    def _drawn(self, chunk: Sequence[Face], size: int) -> Sequence[Face]:
        """A batch of `size` faces, of which the given ones are handed back."""
        filled = [*chunk, *[chunk[-1]] * (size - len(chunk))]
        batch = torch.from_numpy(np.stack(filled).transpose(0, 3, 1, 2).copy()).to(self.device)
        with torch.inference_mode(), repeatable(self.device):
            made, _ = self._module(batch * 2 - 1, return_rgb=False, randomize_noise=False)
            pixels: Face = (made.permute(0, 2, 3, 1) * 0.5 + 0.5).cpu().numpy()
        return list(pixels[: len(chunk)])

    def _judged(self, pixels: Face, size: int) -> Inference | ShoeboxError:
        if (problem := _unusable(pixels)) is not None:
            return BadOutput(f"{self.name}: the face is {problem}")
        drawn = np.clip(pixels, 0, 1)
        return Inference(drawn, self.name, self.device, "float32", {"batch": size})


class UpscalerRestorer:
    """A 4x network on faces reduced to what they resolve; implements `provider.FaceRestorer`.

    At that size the network sees features as small as those it was trained on, and draws eyes and
    mouths cleanly without inventing another person. Each face is a picture of its own to the
    engine, which computes it in one piece on all cores: no face has a say in another.

    Args:
        upscaler: the network.
    """

    def __init__(self, upscaler: NetworkUpscaler) -> None:
        self.name = upscaler.name
        self.device = upscaler.device
        self._upscaler = upscaler

    def restore(
        self, faces: Sequence[Face], detail_px: Sequence[float]
    ) -> list[Inference | ShoeboxError]:
        """Restore all faces of a print; all as `GfpganRestorer.restore`, but for the facts.

        Returns:
            The facts are the engine's, and `reduced_to_px`, the side that each face was drawn at.
        """
        _require_faces(faces, detail_px)
        return [self._restored(face, px) for face, px in zip(faces, detail_px, strict=True)]

    def _restored(self, face: Face, detail_px: float) -> Inference | ShoeboxError:
        side = working_px(detail_px)
        window = face[_ROWS, _COLUMNS]
        try:
            made = self._upscaler.run(_reduced(window, side / FACE_PX), Silent())
        except (BadOutput, MemoryError, RuntimeError, ValueError, ArithmeticError) as error:
            return _failure(error, self.name, self.device)
        facts: dict[str, Any] = {**made.facts, "reduced_to_px": side}
        if (problem := _unusable(made.pixels)) is not None:
            return BadOutput(f"{self.name}: the face is {problem}")
        whole = face.copy()
        whole[_ROWS, _COLUMNS] += _fade() * (_sized(made.pixels, window.shape) - window)
        return Inference(np.clip(whole, 0, 1), self.name, made.device, made.dtype, facts)


def working_px(detail_px: float) -> int:
    """The side, px, at which a super-resolution network is given a face.

    Args:
        detail_px: px across the face that are real.
    """
    return int(np.clip(round(ABOVE * detail_px / _STEP) * _STEP, FEWEST_PX, MOST_PX))


def _reduced(window: Face, share: float) -> Face:
    """A part of a face averaged down."""
    height, width = (max(1, round(length * share)) for length in window.shape[:2])
    small = cv2.resize(window, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _sized(made: Face, shape: tuple[int, ...]) -> Face:
    """What was drawn, at the size of the part of the template it is of."""
    how = cv2.INTER_AREA if made.shape[0] > shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(made, (shape[1], shape[0]), interpolation=how), np.float32)


def _require_faces(faces: Sequence[Face], detail_px: Sequence[float]) -> None:
    if len(faces) != len(detail_px):
        raise StageContractBroken(f"{len(faces)} faces, but the detail of {len(detail_px)}")
    for face in faces:
        if face.dtype != np.float32 or face.shape != (FACE_PX, FACE_PX, 3):
            raise StageContractBroken(
                f"the face restorer was given {face.dtype} {face.shape}, not float32 (512, 512, 3)"
            )
        if not np.isfinite(face).all():
            raise StageContractBroken("the face restorer was given NaN or Inf")


def _failure(error: Exception, name: str, device: str) -> BadOutput:
    """What is recorded for a face that a network could not draw.

    Raises:
        OutOfMemory: the error means that memory ran out, which is no fault of the face.
    """
    if isinstance(error, BadOutput):
        return error
    if is_out_of_memory(error):
        raise OutOfMemory(f"{name} on {device}: {error}") from error
    return BadOutput(f"{name} on {device} failed: {type(error).__name__}: {error}")


def _unusable(pixels: Face) -> str | None:
    """What is wrong with a face that was drawn, in words, or None."""
    if not np.isfinite(pixels).all():
        return "not finite"
    return "one flat colour" if liveliness(pixels) < FLAT else None
