"""What face detectors run by OpenCV share: opening them, what they are shown, their boxes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken, WeightsWrong
from pipeline.models.face_boxes import distinct
from pipeline.models.provider import Face
from pipeline.models.weights import ResolvedModel, read_verified

LONGEST_SIDE = 1280
"""px; larger pictures are reduced to this before detection."""

_MULTIPLE = 32

Array = NDArray[np.float32]


def opened(resolved: ResolvedModel) -> cv2.dnn.Net:
    """The network of an ONNX file, verified again.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: its digest is wrong, or OpenCV cannot read the network.
    """
    data = np.frombuffer(read_verified(resolved.card, resolved.path), np.uint8)
    try:
        return cv2.dnn.readNetFromONNX(data)
    except cv2.error as error:
        raise WeightsWrong(f"{resolved.path}: OpenCV cannot read it: {error.err}") from error


def require_picture(pixels: Array) -> None:
    """Raise StageContractBroken unless the input is float32 (H, W, 3)."""
    if pixels.dtype != np.float32 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise StageContractBroken(
            f"the face detector was given {pixels.dtype} {pixels.shape}, not float32 (H, W, 3)"
        )


def canvas(pixels: Array) -> tuple[Array, Array]:
    """A picture as detectors are shown it, and px of that per px given (x, y).

    RGB in 0..255 with sides in multiples of 32; the added margin repeats the border, so it adds
    no edge that could look like a face.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if scale < 1.0:
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    down, right = -size[1] % _MULTIPLE, -size[0] % _MULTIPLE
    padded = cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_REPLICATE)
    scales = np.array([size[0] / width, size[1] / height], np.float32)
    return np.asarray(padded, np.float32) * np.float32(255), scales


def in_picture(
    scores: Array, boxes: Array, landmarks: Array, scale: Array, size: tuple[int, ...]
) -> list[Face]:
    """Faces in px of the picture that was given, one for each place.

    Args:
        scores: (N,), best first.
        boxes: (N, 4) left, top, right, bottom, px of the canvas.
        landmarks: (N, 5, 2), px of the canvas.
        scale: px of the canvas per px given (x, y).
        size: (H, W, ...) of the picture; boxes are cut off there.
    """
    boxes = np.asarray(boxes / np.concatenate([scale, scale]), np.float32)
    boxes[:, 0::2] = boxes[:, 0::2].clip(0, size[1])
    boxes[:, 1::2] = boxes[:, 1::2].clip(0, size[0])
    found = []
    for index in distinct(boxes, scores):
        left, top, right, bottom = (float(value) for value in boxes[index])
        marks = (landmarks[index] / scale).astype(np.float32)
        found.append(Face(float(scores[index]), (left, top, right, bottom), marks))
    return found
