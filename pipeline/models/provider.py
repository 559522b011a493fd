"""What stages may ask of models; the implementation is injected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ShoeboxError
from pipeline.core.progress import Progress


@dataclass(frozen=True)
class Inference:
    """Pixels a network made, and how.

    Args:
        pixels: float32 (H, W, 3) in 0..1.
        model: catalogue name.
        device: such as "cpu" or "cuda:0".
        dtype: such as "float32" or "bfloat16".
        facts: JSON facts worth recording (tile px, overlap px, tiles redone in float32).
    """

    pixels: NDArray[np.float32]
    model: str
    device: str
    dtype: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Face:
    """A face found in a picture, in px of that picture.

    Args:
        score: detector confidence 0..1.
        box: (left, top, right, bottom).
        landmarks: float32 (5, 2) x, y of left eye, right eye, nose tip, left and right mouth
            corner, left and right as seen in the picture.
    """

    score: float
    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32]


Rows = Callable[[int, int], NDArray[np.float32]]
"""Gives rows start .. stop of a picture: float32 (stop - start, W, 3) in 0..1."""


class Upscaler(Protocol):
    """A network that draws pictures anew, of any size; one of scale 1 at the same size."""

    name: str
    scale: int

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        """Enlarge float32 (H, W, 3) in 0..1 to (scale H, scale W, 3)."""

    def bands(self, rows: Rows, height: int, width: int, progress: Progress) -> Iterator[Inference]:
        """Enlarge a picture that is never whole in memory.

        Args:
            rows: the picture, asked for from top to bottom, some rows more than once.
            height, width: its px.
            progress: hears of its px.

        Yields:
            Bands (n, scale W, 3) from top to bottom, n a multiple of scale; together scale H rows.
            The facts are those of all bands so far.
        """


class FaceDetector(Protocol):
    """Finds faces."""

    name: str

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        """Faces in float32 (H, W, 3) RGB 0..1, best score first."""


class FaceRestorer(Protocol):
    """Restores faces aligned to the 512 px FFHQ template."""

    name: str

    def restore(
        self, faces: Sequence[NDArray[np.float32]], detail_px: Sequence[float]
    ) -> list[Inference | ShoeboxError]:
        """Restore all faces of a print in one batch.

        Args:
            faces: float32 (512, 512, 3) RGB 0..1 each.
            detail_px: for each, how many px across it are real; 512 is all that the template holds.

        Returns:
            For each face, in order, the same shape; or the error that its result is unusable.

        Raises:
            OutOfMemory: not even one face fits.
        """


class FaceEmbedder(Protocol):
    """Says in numbers whose face it is."""

    name: str

    def embed(self, faces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One vector a face, float32 (N, 128), of aligned faces float32 (512, 512, 3) RGB 0..1."""


class ModelSource(Protocol):
    """Loads a role's model on first use and keeps it."""

    device: str

    def upscaler(self, role: str) -> Upscaler:
        """The network chosen for `artifacts`, `deblur` or `enlarge`."""

    def face_detector(self) -> FaceDetector:
        """The network chosen for `face_detector`."""

    def second_face_detector(self) -> FaceDetector | None:
        """The network for `second_face_detector`, or None when its weights are not there."""

    def face_restorer(self, name: str | None = None) -> FaceRestorer:
        """The network chosen for `faces`, or the one that a person chose for a face by name."""

    def face_embedder(self) -> FaceEmbedder | None:
        """The network for `face_embedding`, or None when it is not installed."""
