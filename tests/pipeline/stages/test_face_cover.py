"""What hides a face is told from what belongs to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.stages.face_alignment import Alignment, align, cut_out
from pipeline.stages.face_cover import MOSTLY, covered_share

# Eyes, tip of the nose and corners of the mouth of skimage's astronaut, read off by eye; px.
LANDMARKS = np.array([[203.5, 101], [246.5, 103], [222.5, 127], [203, 140], [245, 141]], np.float32)
Image = NDArray[np.float32]
MASK = [(150, 292), (362, 292), (345, 455), (167, 455)]
GLASSES = [(140, 205), (372, 205), (372, 270), (140, 270)]


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    found = align(LANDMARKS)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def face(alignment: Alignment) -> Image:
    return cut_out((data.astronaut() / 255).astype(np.float32), alignment)


def painted(face: Image, corners: list[tuple[int, int]], colour: tuple[float, ...]) -> Image:
    made = face.copy()
    cv2.fillPoly(made, [np.array(corners, np.int32)], colour)
    return made


def test_a_bare_face_is_not_covered(face: Image, alignment: Alignment) -> None:
    assert covered_share(face, alignment, (512, 512)) < 0.05


@pytest.mark.parametrize("colour", [(0.1, 0.1, 0.1), (0.4, 0.7, 0.9), (0.2, 0.6, 0.5), (0.6,) * 3])
def test_a_mask_from_nose_to_chin_covers_most_of_it(
    face: Image, alignment: Alignment, colour: tuple[float, ...]
) -> None:
    assert covered_share(painted(face, MASK, colour), alignment, (512, 512)) > MOSTLY


def test_what_covers_a_quarter_counts_for_a_quarter(face: Image, alignment: Alignment) -> None:
    corner = [(256, 300), (460, 300), (460, 511), (256, 511)]
    share = covered_share(painted(face, corner, (0.2, 0.3, 0.2)), alignment, (512, 512))
    assert 0.15 < share < 0.4


def test_dark_glasses_do_not_cover_a_face(face: Image, alignment: Alignment) -> None:
    dark = painted(face, GLASSES, (0.06, 0.06, 0.06))
    assert covered_share(dark, alignment, (512, 512)) < 0.1


@pytest.mark.parametrize("contrast", [0.3, 1.0])
def test_a_faded_or_grey_face_is_not_covered(
    face: Image, alignment: Alignment, contrast: float
) -> None:
    faded = 0.6 + contrast * (face - 0.6)
    grey = np.repeat(faded.mean(axis=2, keepdims=True), 3, axis=2)
    for picture in (faded, grey, grey * np.array([1.0, 0.85, 0.65], np.float32)):
        assert covered_share(picture.astype(np.float32), alignment, (512, 512)) < 0.1


def test_what_lies_beyond_the_edge_of_the_print_cannot_be_seen(alignment: Alignment) -> None:
    print_cut_off = (data.astronaut()[:, 222:] / 255).astype(np.float32)
    moved = align(LANDMARKS - np.array([222, 0], np.float32))
    assert moved is not None
    share = covered_share(cut_out(print_cut_off, moved), moved, print_cut_off.shape)
    assert 0.4 < share < 0.6
    whole = data.astronaut().shape
    assert covered_share(np.full((512, 512, 3), 0.5, np.float32), alignment, whole) == 0.0
