"""The embedding of a face: verified weights, one fixed window, the same numbers each time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.errors import StageContractBroken, WeightsMissing, WeightsWrong
from pipeline.io.digest import sha256_bytes
from pipeline.models import face_embedder
from pipeline.models.catalog import load_catalog
from pipeline.models.face_embedder import CHIP_PX, NUMBERS, DlibFaceEmbedder, chip_of
from pipeline.models.weights import ResolvedModel, find
from pipeline.stages.face_alignment import align, cut_out

Image = NDArray[np.float32]

NAME = "dlib-face-recognition"


def face_of_the_astronaut(width: float = 88.0) -> Image:
    """Her aligned face, from the picture shrunk so that her face is so many px wide."""
    share = width / 88.0
    whole = data.astronaut().astype(np.float32) / np.float32(255)
    side = round(512 * share)
    small = cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA)
    marks = np.array([[204, 108], [244, 108], [225, 134], [207, 151], [244, 151]], np.float32)
    alignment = align((marks + 0.5) * np.float32(share) - 0.5)
    assert alignment is not None
    return cut_out(small, alignment)


@pytest.fixture(scope="module")
def resolved() -> ResolvedModel:
    pytest.importorskip("dlib", reason="the extra `identity` is not installed")
    card = load_catalog().card(NAME)
    path = find(card, [])
    if path is None:
        pytest.skip("the weights are not installed")
    return ResolvedModel("face_embedding", card, path)


@pytest.fixture(scope="module")
def embedder(resolved: ResolvedModel) -> DlibFaceEmbedder:
    return DlibFaceEmbedder(resolved)


def test_a_face_gets_the_same_numbers_each_time_and_in_any_batch(
    embedder: DlibFaceEmbedder,
) -> None:
    face = face_of_the_astronaut()
    other = np.ascontiguousarray(face[:, ::-1])
    alone = embedder.embed([face])
    assert alone.shape == (1, NUMBERS)
    assert alone.dtype == np.float32
    assert np.array_equal(embedder.embed([other, face])[1], alone[0])
    assert np.linalg.norm(embedder.embed([other]) - alone) > 0.01


def test_a_smaller_copy_of_a_face_is_nearer_than_a_face_of_another_shape(
    embedder: DlibFaceEmbedder,
) -> None:
    face, smaller = face_of_the_astronaut(), face_of_the_astronaut(50.0)
    # Narrower, and the mouth elsewhere: nobody else of whom there is a free picture is needed.
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    squeezed = np.clip(256 + (x - 256) * 1.25, 0, 511)
    moved = np.where(y > 300, y - 26, y).astype(np.float32)
    changed = cv2.remap(face, squeezed, moved, cv2.INTER_LINEAR)
    own, small, other = embedder.embed([face, smaller, np.asarray(changed, np.float32)])
    assert np.linalg.norm(own - small) < 0.25
    assert np.linalg.norm(own - other) > np.linalg.norm(own - small) + 0.1


def test_no_faces_give_no_numbers(embedder: DlibFaceEmbedder) -> None:
    assert embedder.embed([]).shape == (0, NUMBERS)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda face: face[:256],
        lambda face: face.astype(np.float64),
        lambda face: face[..., 0],
        lambda face: np.where(face > 2, face, np.nan).astype(np.float32),
    ],
)
def test_anything_but_an_aligned_face_is_refused(wrong: Callable[[Image], Image]) -> None:
    with pytest.raises(StageContractBroken):
        chip_of(wrong(face_of_the_astronaut()))


def test_the_window_is_centred_and_keeps_the_faces_shape() -> None:
    left, top, right, bottom = face_embedder.CHIP
    assert right - left == bottom - top
    assert left + right == 512
    ramp = np.repeat(np.linspace(0, 1, 512, dtype=np.float32)[:, None, None], 512, axis=1)
    chip = chip_of(np.repeat(ramp, 3, axis=2))
    assert chip.shape == (CHIP_PX, CHIP_PX, 3)
    assert chip[0, 0, 0] == pytest.approx(255 * top / 511, abs=2)
    assert chip[-1, 0, 0] == pytest.approx(255 * bottom / 511, abs=2)


def test_weights_with_one_other_bit_are_refused(resolved: ResolvedModel, tmp_path: Path) -> None:
    bad = bytearray(resolved.path.read_bytes())
    bad[12345] ^= 1
    path = tmp_path / resolved.card.file
    path.write_bytes(bad)
    with pytest.raises(WeightsWrong):
        DlibFaceEmbedder(replace(resolved, path=path))


def test_a_file_that_dlib_cannot_read_is_refused_and_leaves_nothing_behind(
    resolved: ResolvedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    junk = b"no network" * 100
    path = tmp_path / "junk.dat"
    path.write_bytes(junk)
    card = replace(resolved.card, sha256=sha256_bytes(junk), bytes=len(junk))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with pytest.raises(WeightsWrong, match="cannot read"):
        DlibFaceEmbedder(replace(resolved, card=card, path=path))
    assert list(temporary.iterdir()) == []


def test_without_dlib_the_extra_is_named(
    resolved: ResolvedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(WeightsMissing) as caught:
        DlibFaceEmbedder(resolved)
    assert "identity" in caught.value.advice


def test_nothing_of_dlib_is_imported_before_a_network_is_asked_for() -> None:
    code = (
        "import sys, pipeline.models.face_embedder\n"
        "sys.exit('dlib' in sys.modules or 'face_recognition_models' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
