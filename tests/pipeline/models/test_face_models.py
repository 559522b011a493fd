from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage import data

from pipeline.core.errors import BadOutput, OutOfMemory, StageContractBroken, WeightsWrong
from pipeline.core.progress import Progress
from pipeline.models.engine import NetworkUpscaler
from pipeline.models.face_detector import CenterFaceDetector
from pipeline.models.face_restorer import GfpganRestorer, UpscalerRestorer, working_px
from pipeline.models.load import load_network
from pipeline.models.provider import Inference
from pipeline.models.weights import ResolvedModel
from tests.benchmarks.upstream import stand_in

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


@pytest.fixture(scope="module")
def upscaler(x4plus: ResolvedModel) -> NetworkUpscaler:
    return NetworkUpscaler(load_network(x4plus))


@pytest.mark.weights
@pytest.mark.slow
def test_x4plus_draws_an_aligned_face_and_keeps_the_person(
    upscaler: NetworkUpscaler, detector: CenterFaceDetector
) -> None:
    face = aligned()
    (made,) = UpscalerRestorer(upscaler).restore([face], [100.0])
    assert isinstance(made, Inference)
    assert made.pixels.shape == face.shape
    assert made.facts["reduced_to_px"] == working_px(100.0)
    assert np.abs(made.pixels.mean(axis=(0, 1)) - face.mean(axis=(0, 1))).max() < 0.02
    (before,), (after,) = detector.detect(face), detector.detect(made.pixels)
    assert np.abs(before.landmarks - after.landmarks).max() < 10


@pytest.mark.parametrize(
    ("detail", "least", "most"), [(5, 100, 200), (110, 110, 240), (512, 200, 300)]
)
def test_a_face_is_drawn_at_its_own_scale_within_bounds(
    detail: float, least: int, most: int
) -> None:
    assert least <= working_px(detail) <= most
    assert working_px(detail) % 8 == 0


class Draws:
    """Enlarges by repeating px, or does what it is told for a face of a certain tone."""

    name, device, scale = "draws", "cpu", 4

    def __init__(self, broken: float | Exception | None = None) -> None:
        self.broken = broken

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        made = np.repeat(np.repeat(pixels, 4, axis=0), 4, axis=1)
        if pixels.mean() > 0.6 and self.broken is not None:
            if isinstance(self.broken, Exception):
                raise self.broken
            made = np.full_like(made, self.broken)
        return Inference(made, self.name, "cpu", "float32", {"tiles": 1})


def three_faces() -> list[NDArray[np.float32]]:
    """The second is much lighter than the others."""
    light = (aligned() * 0.3 + 0.7).astype(np.float32)
    return [aligned(), light, np.ascontiguousarray(aligned()[:, ::-1])]


@pytest.mark.parametrize(
    "broken", [np.nan, np.inf, 0.5, BadOutput("a tile"), RuntimeError("shape"), ValueError("no")]
)
def test_a_face_that_cannot_be_drawn_is_an_error_and_the_others_are_drawn(
    broken: float | Exception,
) -> None:
    restorer = UpscalerRestorer(Draws(broken))  # type: ignore[arg-type]
    first, second, third = restorer.restore(three_faces(), [120.0] * 3)
    assert isinstance(second, BadOutput)
    assert isinstance(first, Inference) and isinstance(third, Inference)
    assert np.abs(first.pixels - aligned()).mean() < 0.02


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA out of memory"), MemoryError(), OutOfMemory("no room")]
)
def test_running_out_of_memory_is_no_fault_of_a_face(error: Exception) -> None:
    with pytest.raises(OutOfMemory):
        UpscalerRestorer(Draws(error)).restore(three_faces(), [120.0] * 3)  # type: ignore[arg-type]


def test_no_face_has_a_say_in_another() -> None:
    restorer = UpscalerRestorer(Draws())  # type: ignore[arg-type]
    faces, detail = three_faces(), [60.0, 150.0, 300.0]
    together = restorer.restore(faces, detail)
    for face, px, made in zip(faces, detail, together, strict=True):
        (alone,) = restorer.restore([face], [px])
        assert isinstance(alone, Inference) and isinstance(made, Inference)
        assert alone.pixels.tobytes() == made.pixels.tobytes()


@pytest.fixture(scope="module")
def gfpgan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GFPGAN's own network with seeded weights: its real ones are too large to ship with tests.

    In the layout of the official checkpoint. The strengths of the noise, 0 in untrained weights,
    are not, so that fresh noise would show.
    """
    from spandrel.architectures.GFPGAN import GFPGAN

    torch.manual_seed(4)
    network = GFPGAN()
    for weight in network.parameters():
        if weight.numel() == 1:
            weight.data.fill_(0.3)
    path = tmp_path_factory.mktemp("gfpgan") / "gfpgan.pth"
    torch.save({"params_ema": network.state_dict()}, path)
    return path


@pytest.fixture
def gfpgan(gfpgan_file: Path, carded: Carded) -> GfpganRestorer:
    return GfpganRestorer(load_network(carded(gfpgan_file, architecture="GFPGAN", scale=1)))


@pytest.mark.slow
def test_gfpgan_gives_the_same_face_every_time_and_whoever_is_beside_it(
    gfpgan: GfpganRestorer,
) -> None:
    torch.manual_seed(1)
    first, second = gfpgan.restore(three_faces()[:2], [512.0] * 2)
    torch.manual_seed(2)
    (again,) = gfpgan.restore([three_faces()[1]], [512.0])
    assert isinstance(first, Inference) and isinstance(again, Inference)
    assert isinstance(second, Inference)
    assert (second.model, second.dtype) == ("gfpgan", "float32")
    assert second.pixels.tobytes() == again.pixels.tobytes()
    assert first.pixels.tobytes() != second.pixels.tobytes()
    assert second.pixels.std() > 0.1, "a lively picture, not a flat one"
    with torch.inference_mode():
        batch = torch.from_numpy(aligned().transpose(2, 0, 1)[None].copy()) * 2 - 1
        noisy, other = (gfpgan._module(batch, return_rgb=False)[0] for _ in range(2))
    assert not torch.equal(noisy, other), "without the switch this network is not repeatable"


@pytest.mark.slow
def test_a_face_that_is_not_finite_fails_and_is_never_given_back_unrestored(
    gfpgan: GfpganRestorer,
) -> None:
    gfpgan._module.stylegan_decoder.to_rgbs[-1].bias.fill_(float("nan"))
    (made,) = gfpgan.restore([aligned()], [512.0])
    assert isinstance(made, BadOutput)
    assert "not finite" in made.detail


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("gfpgan") is None, reason="the extra [upstream] is not installed"
)
def test_our_gfpgan_equals_the_network_of_the_gfpgan_package(
    tmp_path: Path, carded: Carded
) -> None:
    """The official network as GFPGANer builds it, its weights in the official layout."""
    stand_in()
    from gfpgan.archs.gfpganv1_clean_arch import GFPGANv1Clean

    torch.manual_seed(6)
    theirs = GFPGANv1Clean(
        out_size=512,
        num_style_feat=512,
        channel_multiplier=2,
        decoder_load_path=None,
        fix_decoder=False,
        num_mlp=8,
        input_is_latent=True,
        different_w=True,
        narrow=1,
        sft_half=True,
    ).eval()
    for name, weight in theirs.named_parameters():
        if weight.numel() == 1 or name.endswith("final_conv.weight"):
            weight.data.fill_(0.1)
    path = tmp_path / "official.pth"
    torch.save({"params_ema": theirs.state_dict()}, path)
    with torch.inference_mode():
        batch = torch.from_numpy(aligned().transpose(2, 0, 1)[None].copy()) * 2 - 1
        wanted, _ = theirs(batch, return_rgb=False, randomize_noise=False)
    reference = (wanted[0].permute(1, 2, 0).numpy() * 0.5 + 0.5).clip(0, 1)
    assert reference.std() > 0.1
    network = load_network(carded(path, architecture="GFPGAN", scale=1))
    (made,) = GfpganRestorer(network).restore([aligned()], [512.0])
    assert isinstance(made, Inference)
    assert np.abs(made.pixels - reference).max() < 1e-4


@pytest.mark.parametrize(
    "wrong", [np.zeros((256, 256, 3), np.float32), np.full((512, 512, 3), np.nan, np.float32)]
)
def test_a_face_that_is_not_aligned_to_512_px_is_refused(wrong: NDArray[Any]) -> None:
    with pytest.raises(StageContractBroken):
        UpscalerRestorer(Draws()).restore([wrong], [100.0])  # type: ignore[arg-type]


def test_every_face_needs_its_own_detail() -> None:
    with pytest.raises(StageContractBroken, match="detail"):
        UpscalerRestorer(Draws()).restore([aligned()], [])  # type: ignore[arg-type]
