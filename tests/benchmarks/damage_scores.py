"""How well a mask meets the truth, px by px with a tolerance and defect by defect."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

FOUND_WITHIN = 1
"""px: a damaged px counts as found when the mask comes this near."""

RIGHT_WITHIN = 2
"""px: a px of the mask is right when damage lies this near, for the soft edge and the rim that a
filling needs."""

_OBJECT_FOUND = 0.5
_OBJECT_RIGHT = 0.3


@dataclass(frozen=True)
class Counts:
    """What adds up over pictures.

    Args:
        found, damaged: px of the truth that were found, and all of them.
        right, marked: px of the mask that are right, and all of them.
        objects_found, objects: defects of which half was found, and all.
        objects_right, objects_marked: connected parts of the mask that lie on damage by at least
            0.3 of their px, and all.
    """

    found: int = 0
    damaged: int = 0
    right: int = 0
    marked: int = 0
    objects_found: int = 0
    objects: int = 0
    objects_right: int = 0
    objects_marked: int = 0

    def __add__(self, other: Counts) -> Counts:
        sums = {name: getattr(self, name) + getattr(other, name) for name in self.__annotations__}
        return Counts(**sums)

    @property
    def precision(self) -> float:
        """Share of the mask that is right; 1 of an empty one."""
        return self.right / self.marked if self.marked else 1.0

    @property
    def recall(self) -> float:
        """Share of the damage that was found; 1 where there is none."""
        return self.found / self.damaged if self.damaged else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def as_json(self) -> dict[str, float]:
        """The shares, rounded."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "object_precision": round(self.objects_right / max(self.objects_marked, 1), 4),
            "object_recall": round(self.objects_found / max(self.objects, 1), 4),
        }


def counted(mask: Mask, truth: Mask, ignored: Mask) -> Counts:
    """Compare a mask with the truth.

    Args:
        mask, truth: bool (h, w).
        ignored: bool (h, w): px of the mask here are neither right nor wrong.
    """
    judged = mask & ~(ignored & ~near(truth, RIGHT_WITHIN))
    right, found = judged & near(truth, RIGHT_WITHIN), truth & near(mask, FOUND_WITHIN)
    objects, shares = _shares(truth, found)
    marked, sound = _shares(judged, right)
    return Counts(
        int(found.sum()),
        int(truth.sum()),
        int(right.sum()),
        int(judged.sum()),
        int((shares >= _OBJECT_FOUND).sum()),
        objects,
        int((sound >= _OBJECT_RIGHT).sum()),
        marked,
    )


def near(mask: Mask, reach: int) -> Mask:
    """A mask grown by some px all round."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc) > 0)


def _shares(whole: Mask, part: Mask) -> tuple[int, NDArray[np.float64]]:
    """How many connected things there are, and which share of each lies in a part of them."""
    count, labels = cv2.connectedComponents(whole.astype(np.uint8), connectivity=8)
    sizes = np.bincount(labels.ravel(), minlength=count)[1:]
    inside = np.bincount(labels[part], minlength=count)[1:]
    return count - 1, inside / np.maximum(sizes, 1)
