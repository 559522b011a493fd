"""Restoring one aligned face: by GFPGAN, or by a super-resolution network on a reduced face."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, OutOfMemory, StageContractBroken
from pipeline.core.progress import Silent
from pipeline.models.engine import NetworkUpscaler
from pipeline.models.load import Network
from pipeline.models.provider import Inference
from pipeline.models.tiles import FLAT, liveliness
from pipeline.models.ways import is_out_of_memory

FACE_PX = 512
"""Side of a face aligned to the FFHQ template."""


class GfpganRestorer:
    """GFPGAN v1.x, clean architecture; implements `provider.FaceRestorer`.

    Wang, Li, Zhang, Shan: Towards Real-World Blind Face Restoration with Generative Facial Prior,
    CVPR 2021, doi:10.1109/CVPR46437.2021.00905. Runs in float32: its style modulation divides by
    norms that half formats do not hold. The noise is the one stored with the weights, so the
    same face always gives the same result.

    Args:
        network: loaded weights of architecture "GFPGAN".
        device: as torch writes it.
    """

    def __init__(self, network: Network, device: str = "cpu") -> None:
        self.name = network.name
        self.device = device
        self._module = network.module.to(device)

    def run(self, face: NDArray[np.float32]) -> Inference:
        """Restore a face.

        Args:
            face: float32 (512, 512, 3), RGB, 0..1.

        Returns:
            The same shape and range.

        Raises:
            StageContractBroken: the input is not such a face.
            BadOutput: the result is NaN, infinite or flat; the input is never given back instead.
            OutOfMemory: the network does not fit.
        """
        _require_face(face)
        batch = torch.from_numpy(face.transpose(2, 0, 1)[None].copy()).to(self.device)
        try:
            with torch.inference_mode():
                made, _ = self._module(batch * 2 - 1, return_rgb=False, randomize_noise=False)
                pixels = (made[0].permute(1, 2, 0) * 0.5 + 0.5).cpu().numpy()
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(f"{self.name} on {self.device}: {error}") from error
        return Inference(_sound(pixels, self.name), self.name, self.device, "float32")


class UpscalerRestorer:
    """A 4x network on the face reduced to 128 px; implements `provider.FaceRestorer`.

    At that size the network sees features as small as those it was trained on, and draws eyes and
    mouths cleanly without inventing another person.

    Args:
        upscaler: the network; a face fits into one of its tiles.
    """

    def __init__(self, upscaler: NetworkUpscaler) -> None:
        self.name = upscaler.name
        self.device = upscaler.device
        self._upscaler = upscaler

    def run(self, face: NDArray[np.float32]) -> Inference:
        """Restore a face; arguments, result and errors as for `GfpganRestorer.run`."""
        _require_face(face)
        side = FACE_PX // self._upscaler.scale
        small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        made = self._upscaler.run(small, Silent())
        facts = {**made.facts, "reduced_to_px": side}
        return Inference(_sound(made.pixels, self.name), self.name, made.device, made.dtype, facts)


def _require_face(face: NDArray[np.float32]) -> None:
    if face.dtype != np.float32 or face.shape != (FACE_PX, FACE_PX, 3):
        raise StageContractBroken(
            f"the face restorer was given {face.dtype} {face.shape}, not float32 (512, 512, 3)"
        )
    if not np.isfinite(face).all():
        raise StageContractBroken("the face restorer was given NaN or Inf")


def _sound(pixels: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    if not np.isfinite(pixels).all():
        raise BadOutput(f"{name}: the face is not finite")
    if liveliness(pixels) < FLAT:
        raise BadOutput(f"{name}: the face is one flat colour")
    return np.clip(pixels, 0.0, 1.0).astype(np.float32, copy=False)
