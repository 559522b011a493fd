from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage import data

from pipeline.core.errors import BadOutput, StageContractBroken, WeightsWrong
from pipeline.models.engine import NetworkUpscaler
from pipeline.models.face_detector import CenterFaceDetector
from pipeline.models.face_restorer import GfpganRestorer, UpscalerRestorer
from pipeline.models.load import load_network
from pipeline.models.weights import ResolvedModel

Carded = Callable[..., ResolvedModel]

# Where the eyes, nose and mouth corners are in skimage's astronaut, read off by eye; px.
LANDMARKS = np.array([[206, 108], [243, 111], [222, 133], [206, 148], [239, 150]], np.float32)


@pytest.fixture(scope="module")
def detector(centerface: ResolvedModel) -> CenterFaceDetector:
    return CenterFaceDetector(centerface)


def astronaut() -> NDArray[np.float32]:
    return (data.astronaut() / 255).astype(np.float32)


def test_the_face_and_its_landmarks_are_found_where_they_are(detector: CenterFaceDetector) -> None:
    (face,) = detector.detect(astronaut())
    assert face.score > 0.8
    left, top, right, bottom = face.box
    assert left < LANDMARKS[:, 0].min() and LANDMARKS[:, 0].max() < right
    assert top < LANDMARKS[:, 1].min() and LANDMARKS[:, 1].max() < bottom
    assert face.landmarks.dtype == np.float32
    assert np.abs(face.landmarks - LANDMARKS).max() < 9


def test_pictures_without_people_give_no_face(detector: CenterFaceDetector) -> None:
    for picture in (data.coffee(), data.chelsea()):
        assert detector.detect((picture / 255).astype(np.float32)) == []


def test_a_large_picture_gives_the_same_face_in_its_own_px(detector: CenterFaceDetector) -> None:
    large = cv2.resize(astronaut(), (2000, 2000), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    (face,) = detector.detect(large)
    assert np.abs(face.landmarks / 2000 * 512 - LANDMARKS).max() < 9


def test_every_face_of_a_group_is_found_best_first(detector: CenterFaceDetector) -> None:
    face = astronaut()[20:220, 120:340]
    dim = (face * 0.6 + 0.2).astype(np.float32)
    group = np.concatenate([dim, face[:, ::-1], face], axis=1)
    found = detector.detect(np.ascontiguousarray(group))
    assert len(found) == 3
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    assert sorted(int(f.landmarks[2, 0] // 220) for f in found) == [0, 1, 2]


@pytest.mark.parametrize("size", [(1, 1), (5, 300), (33, 31)])
def test_pictures_of_any_size_are_taken(
    detector: CenterFaceDetector, size: tuple[int, int]
) -> None:
    assert detector.detect(np.full((*size, 3), 0.5, np.float32)) == []


def test_detection_is_the_same_every_time(detector: CenterFaceDetector) -> None:
    first, again = detector.detect(astronaut()), detector.detect(astronaut())
    assert [f.box for f in first] == [f.box for f in again]


def test_a_picture_of_another_kind_is_refused(detector: CenterFaceDetector) -> None:
    with pytest.raises(StageContractBroken):
        detector.detect(data.astronaut())


def test_a_file_that_is_no_onnx_network_is_refused(tmp_path: Path, carded: Carded) -> None:
    path = tmp_path / "centerface.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(WeightsWrong, match="OpenCV cannot read it"):
        CenterFaceDetector(carded(path))


def aligned() -> NDArray[np.float32]:
    face = astronaut()[20:200, 130:310]
    return cv2.resize(face, (512, 512), interpolation=cv2.INTER_CUBIC).clip(0, 1)


@pytest.mark.weights
@pytest.mark.slow
def test_x4plus_draws_an_aligned_face_at_128_px_and_keeps_the_person(
    x4plus: ResolvedModel, detector: CenterFaceDetector
) -> None:
    face = aligned()
    made = UpscalerRestorer(NetworkUpscaler(load_network(x4plus))).run(face)
    assert made.pixels.shape == face.shape
    assert made.facts["reduced_to_px"] == 128
    assert np.abs(made.pixels.mean(axis=(0, 1)) - face.mean(axis=(0, 1))).max() < 0.02
    (before,), (after,) = detector.detect(face), detector.detect(made.pixels)
    assert np.abs(before.landmarks - after.landmarks).max() < 10


@pytest.fixture(scope="module")
def gfpgan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GFPGAN's own network with seeded weights: its real ones are too large to ship with tests."""
    from spandrel.architectures.GFPGAN import GFPGAN

    torch.manual_seed(4)
    path = tmp_path_factory.mktemp("gfpgan") / "gfpgan.pth"
    torch.save({"params_ema": GFPGAN().state_dict()}, path)
    return path


@pytest.mark.slow
def test_gfpgan_gives_the_same_face_every_time(gfpgan_file: Path, carded: Carded) -> None:
    network = load_network(carded(gfpgan_file, architecture="GFPGAN", scale=1))
    # The noise has strengths of 0 in untrained weights; with 1, any fresh noise shows.
    for weight in network.module.parameters():
        if weight.numel() == 1:
            weight.fill_(1.0)
    restorer = GfpganRestorer(network)
    torch.manual_seed(1)
    first = restorer.run(aligned())
    torch.manual_seed(2)
    again = restorer.run(aligned())
    assert first.pixels.shape == (512, 512, 3)
    assert (first.model, first.dtype) == ("gfpgan", "float32")
    assert first.pixels.tobytes() == again.pixels.tobytes()
    with torch.inference_mode():
        batch = torch.from_numpy(aligned().transpose(2, 0, 1)[None].copy()) * 2 - 1
        noisy, other = (network.module(batch, return_rgb=False)[0] for _ in range(2))
    assert not torch.equal(noisy, other), "without the switch this network is not repeatable"


def broken(restorer: GfpganRestorer, value: float) -> None:
    restorer._module.stylegan_decoder.to_rgbs[-1].bias.fill_(value)


@pytest.mark.slow
def test_a_face_that_is_not_finite_fails_and_is_never_given_back_unrestored(
    gfpgan_file: Path, carded: Carded
) -> None:
    network = load_network(carded(gfpgan_file, architecture="GFPGAN", scale=1))
    restorer = GfpganRestorer(network)
    broken(restorer, float("nan"))
    with pytest.raises(BadOutput, match="not finite"):
        restorer.run(aligned())


@pytest.mark.weights
@pytest.mark.parametrize(
    "wrong", [np.zeros((256, 256, 3), np.float32), np.full((512, 512, 3), np.nan, np.float32)]
)
def test_a_face_that_is_not_aligned_to_512_px_is_refused(
    x4plus: ResolvedModel, wrong: NDArray[Any]
) -> None:
    with pytest.raises(StageContractBroken):
        UpscalerRestorer(NetworkUpscaler(load_network(x4plus))).run(wrong)
