"""CenterFace: finds faces and their five landmarks.

Xu, Yan, Yang, Liu: CenterFace: Joint Face Detection and Alignment Using Face as Point,
Scientific Programming 2020, doi:10.1155/2020/7845384. Run by OpenCV's own network module.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, StageContractBroken, WeightsWrong
from pipeline.models.face_boxes import distinct
from pipeline.models.provider import Face
from pipeline.models.weights import ResolvedModel, read_verified

LONGEST_SIDE = 1280
"""px; larger pictures are reduced to this before detection."""

LOWEST_SCORE = 0.08
"""Confidence below which a find is dropped. Low, because a closer look decides, and small tilted
faces begin here while a picture of things gives hardly ten finds per megapixel."""

_STRIDE = 4
_MULTIPLE = 32
_OUTPUTS = ("537", "538", "539", "540")


class CenterFaceDetector:
    """Finds faces; implements `provider.FaceDetector`.

    Args:
        resolved: the CenterFace weights; verified again here.
        lowest_score: finds below this confidence 0..1 are dropped.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: its digest is wrong, or OpenCV cannot read the network.
    """

    def __init__(self, resolved: ResolvedModel, lowest_score: float = LOWEST_SCORE) -> None:
        self.name = resolved.card.name
        self._lowest_score = lowest_score
        data = np.frombuffer(read_verified(resolved.card, resolved.path), np.uint8)
        try:
            self._net = cv2.dnn.readNetFromONNX(data)
        except cv2.error as error:
            raise WeightsWrong(f"{resolved.path}: OpenCV cannot read it: {error.err}") from error

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        """Find every face.

        Args:
            pixels: float32 (H, W, 3), RGB, 0..1; reduced to 1280 px on its long side if larger.

        Returns:
            Faces in px of the given picture, best score first; boxes lie inside the picture.

        Raises:
            StageContractBroken: the input is not such a picture.
            BadOutput: the network's answer is not finite.
        """
        if (
            pixels.dtype != np.float32
            or pixels.ndim != 3
            or pixels.shape[2] != 3
            or not pixels.size
        ):
            raise StageContractBroken(
                f"the face detector was given {pixels.dtype} {pixels.shape}, not float32 (H, W, 3)"
            )
        height, width = pixels.shape[:2]
        canvas, scale_x, scale_y = _canvas(pixels)
        self._net.setInput(cv2.dnn.blobFromImage(canvas))
        outputs = [np.asarray(part, np.float32) for part in self._net.forward(_OUTPUTS)]
        if not all(np.isfinite(part).all() for part in outputs):
            raise BadOutput(f"{self.name}: the answer is not finite")
        scores, boxes, landmarks = _decode(outputs, self._lowest_score)
        boxes /= np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        landmarks /= np.array([scale_x, scale_y], np.float32)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        return [
            Face(float(scores[i]), tuple(float(v) for v in boxes[i]), landmarks[i].copy())  # type: ignore[arg-type]
            for i in distinct(boxes, scores)
        ]


def _canvas(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, float]:
    """(picture as the network wants it, px of it per px given, across and down).

    RGB in 0..255 with sides in multiples of 32; the added margin repeats the border, so it adds
    no edge that could look like a face.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    if scale < 1.0:
        pixels = cv2.resize(pixels, (new_width, new_height), interpolation=cv2.INTER_AREA)
    down, right = -new_height % _MULTIPLE, -new_width % _MULTIPLE
    padded = cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_REPLICATE)
    return padded * np.float32(255), new_width / width, new_height / height


def _decode(
    outputs: list[NDArray[np.float32]], lowest_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Scores (N,), boxes (N, 4) and landmarks (N, 5, 2) in px of the canvas, best first.

    The heat map holds one cell for 4 x 4 px. At a face's cell: the logarithm of its height and
    width in cells, the offset of its centre (y, x) within the cell, and for each landmark its
    (y, x) inside the box in shares of the box.
    """
    heat, size, offset, marks = (part[0] for part in outputs)
    rows, columns = np.nonzero(heat[0] > lowest_score)
    scores = heat[0, rows, columns]
    order = np.argsort(-scores, kind="stable")
    rows, columns, scores = rows[order], columns[order], scores[order]
    extent = np.exp(size[:, rows, columns].T)[:, ::-1] * _STRIDE
    cell = np.stack([columns, rows], axis=1)
    centre = (cell + offset[:, rows, columns].T[:, ::-1] + 0.5) * _STRIDE
    corner = np.maximum(centre - extent / 2, 0)
    boxes = np.concatenate([corner, corner + extent], axis=1).astype(np.float32)
    shares = marks[:, rows, columns].T.reshape(-1, 5, 2)[..., ::-1]
    landmarks = (corner[:, None] + shares * extent[:, None]).astype(np.float32)
    return scores, boxes, landmarks
