"""A face as 128 numbers that stay near each other while it is the same person.

Network: the residual network of dlib, trained by Davis King on some three million faces (its
weights are in the public domain, CC0); the network is after He, Zhang, Ren, Sun 2016
(doi:10.1109/CVPR.2016.90), dlib after King 2009 (doi:10.5555/1577069.1755843). Two photographs
of one person lie some 0.3 to 0.6 apart, of two persons 0.6 and more. The package is an extra;
nothing of it is imported before a network is asked for.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, StageContractBroken, WeightsMissing, WeightsWrong
from pipeline.models.weights import ResolvedModel, read_verified

FACE_PX = 512
"""Side of a face aligned to the FFHQ template."""

NUMBERS = 128
"""Length of an embedding."""

CHIP_PX = 150
"""Side of the picture the network was trained on."""

CHIP = (89, 133, 423, 467)
"""Left, top, right, bottom: what of an aligned face dlib's own alignment would show, px.

The median over 24 faces of the similarity by which dlib's five-point predictor and
`get_face_chip` (padding 0.25) cut a chip out of the aligned face: scale 0.450, turn 0.2 degrees.
One fixed window needs no predictor, and cannot move between before and after.
"""


class DlibFaceEmbedder:
    """Embeds aligned faces; implements `provider.FaceEmbedder`.

    Args:
        resolved: the weights, dlib's serialised network; verified again here.

    Raises:
        WeightsMissing: dlib is not installed, or the file cannot be read.
        WeightsWrong: its digest is wrong, or dlib cannot read it.
    """

    def __init__(self, resolved: ResolvedModel) -> None:
        self.name = resolved.card.name
        data = read_verified(resolved.card, resolved.path)
        try:
            dlib = importlib.import_module("dlib")
        except ImportError as error:
            raise WeightsMissing(
                f"{self.name} needs dlib: {error}", remedy="Install the extra: shoebox[identity]."
            ) from error
        self._network = _loaded(dlib, data, resolved)

    def embed(self, faces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Embed faces; about 80 ms each on one core.

        Args:
            faces: float32 (512, 512, 3) each, RGB, 0..1, aligned to the FFHQ template.

        Returns:
            float32 (N, 128), one row a face, in order. The same face gives the same numbers,
            whatever else is in the batch.

        Raises:
            StageContractBroken: an input is not such a face.
            BadOutput: the network's answer is not finite.
        """
        if not faces:
            return np.zeros((0, NUMBERS), np.float32)
        chips = [chip_of(face) for face in faces]
        found = np.array(self._network.compute_face_descriptor(chips), dtype=np.float32)
        if found.shape != (len(faces), NUMBERS) or not np.isfinite(found).all():
            raise BadOutput(f"{self.name}: the embedding is not finite")
        return found


def chip_of(face: NDArray[np.float32]) -> NDArray[np.uint8]:
    """What the network sees of an aligned face: uint8 (150, 150, 3), RGB.

    Raises:
        StageContractBroken: the input is no float32 (512, 512, 3), or is not finite.
    """
    if face.dtype != np.float32 or face.shape != (FACE_PX, FACE_PX, 3):
        raise StageContractBroken(
            f"the face embedder was given {face.dtype} {face.shape}, not float32 (512, 512, 3)"
        )
    if not np.isfinite(face).all():
        raise StageContractBroken("the face embedder was given NaN or Inf")
    left, top, right, bottom = CHIP
    window = face[top:bottom, left:right]
    chip = cv2.resize(window, (CHIP_PX, CHIP_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(np.clip(chip, 0.0, 1.0) * 255), dtype=np.uint8)


def _loaded(dlib: Any, data: bytes, resolved: ResolvedModel) -> Any:
    """The network out of verified bytes.

    dlib reads nothing but paths. It gets a copy in a folder only this user can enter, so that no
    other file can take the place of the one whose digest was checked.
    """
    with tempfile.TemporaryDirectory(prefix="shoebox-") as folder:
        copy = Path(folder) / "embedder.dat"
        copy.write_bytes(data)
        try:
            return dlib.face_recognition_model_v1(str(copy))
        except RuntimeError as error:
            raise WeightsWrong(f"{resolved.path}: dlib cannot read it: {error}") from error
