"""CenterFace: finds faces and their five landmarks.

Xu, Yan, Yang, Liu: CenterFace: Joint Face Detection and Alignment Using Face as Point,
Scientific Programming 2020, doi:10.1155/2020/7845384. Run by OpenCV's own network module.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput
from pipeline.models.face_canvas import canvas, in_picture, opened, require_picture
from pipeline.models.provider import Face
from pipeline.models.weights import ResolvedModel

LOWEST_SCORE = 0.08
"""Confidence below which a find is dropped. Low, because a closer look decides, and small tilted
faces begin here while a picture of things gives hardly ten finds per megapixel."""

_STRIDE = 4
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
        self._net = opened(resolved)

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
        require_picture(pixels)
        shown, scale = canvas(pixels)
        self._net.setInput(cv2.dnn.blobFromImage(shown))
        outputs = [np.asarray(part, np.float32) for part in self._net.forward(_OUTPUTS)]
        if not all(np.isfinite(part).all() for part in outputs):
            raise BadOutput(f"{self.name}: the answer is not finite")
        return in_picture(*_decode(outputs, self._lowest_score), scale, pixels.shape)


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
