"""YuNet: a small network that finds faces and their five landmarks.

Wu, Peng, Yu: YuNet: a tiny millisecond-level face detector, Machine Intelligence Research 2023,
doi:10.1007/s11633-023-1423-y. Its official file, `face_detection_yunet_2023mar.onnx` of OpenCV's
model zoo, is run by OpenCV's own network module. What the network answers is read here and not by
`cv2.FaceDetectorYN`, so that pictures of any size and errors are treated as everywhere else.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, WeightsWrong
from pipeline.models.face_canvas import canvas, in_picture, opened, require_picture
from pipeline.models.provider import Face
from pipeline.models.weights import ResolvedModel

LOWEST_SCORE = 0.3
"""Confidence below which a find is dropped."""

STRIDES = (8, 16, 32)
"""px of the picture for one cell of each of the three maps."""

_KINDS = ("cls", "obj", "bbox", "kps")
_OUTPUTS = tuple(f"{kind}_{stride}" for kind in _KINDS for stride in STRIDES)

Array = NDArray[np.float32]


class YunetDetector:
    """Finds faces; implements `provider.FaceDetector`.

    Args:
        resolved: the YuNet weights; verified again here.
        lowest_score: finds below this confidence 0..1 are dropped.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: its digest is wrong, OpenCV cannot read the network, or it is another one.
    """

    def __init__(self, resolved: ResolvedModel, lowest_score: float = LOWEST_SCORE) -> None:
        self.name = resolved.card.name
        self._lowest_score = lowest_score
        self._net = opened(resolved)
        missing = set(_OUTPUTS) - set(self._net.getUnconnectedOutLayersNames())
        if missing:
            raise WeightsWrong(
                f"{resolved.path}: it is no YuNet of 2023, {min(missing)} is missing"
            )

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        """Find every face.

        Args:
            pixels: float32 (H, W, 3), RGB, 0..1; reduced to 1280 px on its long side if larger.

        Returns:
            Faces in px of the given picture, best score first; boxes lie inside the picture.

        Raises:
            StageContractBroken: the input is not such a picture.
            BadOutput: the network's answer is not finite or not of the size asked for.
        """
        require_picture(pixels)
        shown, scale = canvas(pixels)
        # BGR in 0..255, as the network was trained.
        self._net.setInput(cv2.dnn.blobFromImage(shown, swapRB=True))
        answers = [np.asarray(part, np.float32) for part in self._net.forward(_OUTPUTS)]
        if not all(np.isfinite(part).all() for part in answers):
            raise BadOutput(f"{self.name}: the answer is not finite")
        named = dict(zip(_OUTPUTS, answers, strict=True))
        try:
            found = decoded(named, shown.shape[:2], self._lowest_score)
        except ValueError as error:
            raise BadOutput(f"{self.name}: {error}") from error
        return in_picture(*found, scale, pixels.shape)


def decoded(
    answers: dict[str, Array], size: tuple[int, int], lowest_score: float
) -> tuple[Array, Array, Array]:
    """What the network's maps say.

    Each stride has a map with one cell for stride x stride px, row after row. A cell's score is
    the geometric mean of "a face" and "an object"; its box is the offset of the middle in cells
    and the logarithm of width and height in cells; landmarks are offsets in cells.

    Args:
        answers: "cls_8" .. "kps_32": (1, cells, C), with C 1, 1, 4 and 10.
        size: height and width of the canvas, multiples of 32 px.
        lowest_score: cells below are dropped.

    Returns:
        scores (N,), boxes (N, 4) and landmarks (N, 5, 2) in px of the canvas, best first.

    Raises:
        ValueError: a map is not of the size that the canvas asks for.
    """
    scores, boxes, landmarks = [], [], []
    for stride in STRIDES:
        down, across = size[0] // stride, size[1] // stride
        parts = [answers[f"{kind}_{stride}"] for kind in _KINDS]
        for part, channels in zip(parts, (1, 1, 4, 10), strict=True):
            if part.size != down * across * channels:
                raise ValueError(f"a map of stride {stride} has {part.size} numbers")
        face, thing, box, marks = (part.reshape(down * across, -1) for part in parts)
        score = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(thing[:, 0], 0, 1))
        chosen = np.flatnonzero(score > lowest_score)
        corner = np.stack([chosen % across, chosen // across], axis=1).astype(np.float32)
        middle = (corner + box[chosen, :2]) * stride
        half = np.exp(np.clip(box[chosen, 2:], -20, 20)) * stride / 2
        scores.append(score[chosen])
        boxes.append(np.concatenate([middle - half, middle + half], axis=1))
        landmarks.append((corner[:, None] + marks[chosen].reshape(-1, 5, 2)) * stride)
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return (
        np.concatenate(scores)[order],
        np.concatenate(boxes)[order].astype(np.float32),
        np.concatenate(landmarks)[order].astype(np.float32),
    )
