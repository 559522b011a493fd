from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage import data
from torch import Tensor

from pipeline.core.errors import BadOutput, StageContractBroken
from pipeline.core.progress import Silent
from pipeline.models.engine import OVERLAP, NetworkUpscaler
from pipeline.models.kernels import Kernels
from pipeline.models.load import Network, load_network
from pipeline.models.ways import (
    FIRST_TILE,
    SMALLEST_TILE,
    UNCUT,
    Way,
    is_out_of_memory,
    smaller_way,
)
from pipeline.models.weights import ResolvedModel

State = Callable[..., Mapping[str, Any]]
Carded = Callable[..., ResolvedModel]


class Heard:
    """A Progress that remembers."""

    def __init__(self) -> None:
        self.total = 0.0
        self.done = 0.0
        self.unit = ""

    def begin(self, label: str, total: float, unit: str) -> None:
        self.total, self.done, self.unit = total, 0.0, unit

    def advance(self, units: float = 1.0) -> None:
        self.done += units


@pytest.fixture(scope="module")
def real(x4plus: ResolvedModel) -> Network:
    return load_network(x4plus)


@pytest.fixture
def small(tmp_path: Path, carded: Carded, small_state: State) -> Network:
    path = tmp_path / "small.pth"
    torch.save(dict(small_state()), path)
    return load_network(carded(path))


def portrait(side: int) -> NDArray[np.float32]:
    face = data.astronaut()[20:200, 130:310]
    reduced = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return (reduced / 255).astype(np.float32)


def psnr(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(-10 * np.log10(np.mean((one.astype(np.float64) - other) ** 2)))


@pytest.mark.weights
def test_the_real_network_restores_detail_that_plain_enlargement_does_not(real: Network) -> None:
    truth = portrait(176)
    reduced = cv2.resize(truth, (44, 44), interpolation=cv2.INTER_AREA)
    made = NetworkUpscaler(real).run(reduced, Silent())
    plain = np.clip(cv2.resize(reduced, (176, 176), interpolation=cv2.INTER_CUBIC), 0, 1)
    assert made.pixels.shape == truth.shape

    def detail(picture: NDArray[np.float32]) -> float:
        return float(np.abs(cv2.Laplacian(picture, cv2.CV_32F)).mean())

    assert psnr(made.pixels, truth) > 24
    assert abs(float(made.pixels.mean() - truth.mean())) < 0.02
    assert detail(made.pixels) > 1.5 * detail(plain)


@pytest.mark.weights
def test_the_quick_number_format_stays_close_to_float32(real: Network) -> None:
    picture = portrait(40)
    exact = NetworkUpscaler(real, dtype=torch.float32).run(picture, Silent())
    quick = NetworkUpscaler(real, dtype=torch.bfloat16).run(picture, Silent())
    assert (exact.dtype, quick.dtype) == ("float32", "bfloat16")
    assert psnr(exact.pixels, quick.pixels) > 45


@pytest.mark.weights
def test_a_16_bit_gradient_keeps_its_levels_in_the_quick_format(real: Network) -> None:
    """bfloat16 alone knows 128 values between 0.5 and 1; the ends in float32 know them all."""
    ramp = np.linspace(0.55, 0.95, 48, dtype=np.float32)
    picture = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (12, 48, 3)))
    made = NetworkUpscaler(real, dtype=torch.bfloat16).run(picture, Silent()).pixels
    assert np.unique(np.round(made * 65535)).size > 1000


@pytest.mark.weights
@pytest.mark.slow
def test_tiles_of_the_real_network_are_the_undivided_picture_to_a_255th(real: Network) -> None:
    picture = np.ascontiguousarray(cv2.resize(portrait(176), (300, 176))[60:84])
    whole = NetworkUpscaler(real, dtype=torch.float32).run(picture, Silent())
    tiled = NetworkUpscaler(real, dtype=torch.float32, tile=264).run(picture, Silent())
    assert (whole.facts["tile_px"], tiled.facts["tile_px"]) == (UNCUT, 264)
    assert (whole.facts["tiles"], tiled.facts["tiles"]) == (1, 2)
    assert tiled.facts["overlap_px"] == OVERLAP
    assert np.abs(tiled.pixels - whole.pixels).max() < 1 / 255


def test_tiles_whose_context_holds_all_the_network_sees_join_exactly(small: Network) -> None:
    """A small network sees few px, so tiling must not change a single value beyond rounding."""
    picture = np.random.default_rng(3).random((150, 149, 3), np.float32)
    whole = NetworkUpscaler(small, dtype=torch.float32, overlap=40).run(picture, Silent())
    heard = Heard()
    tiled = NetworkUpscaler(small, dtype=torch.float32, tile=160, overlap=40).run(picture, heard)
    assert (whole.facts["tiles"], tiled.facts["tiles"]) == (1, 6)
    assert heard.total == heard.done == 150 * 149
    assert heard.unit == "px"
    inner = slice(160, -160)
    np.testing.assert_allclose(tiled.pixels[inner, inner], whole.pixels[inner, inner], atol=2e-3)


@pytest.mark.parametrize("tile", [UNCUT, 96])
def test_bands_are_the_picture_from_top_to_bottom(small: Network, tile: int) -> None:
    picture = np.random.default_rng(3).random((600, 40, 3), np.float32)
    upscaler = NetworkUpscaler(small, dtype=torch.float32, tile=tile)
    whole = upscaler.run(picture, Silent()).pixels
    bands = list(upscaler.bands(lambda a, b: picture[a:b], 600, 40, Silent()))
    assert len(bands) > 2
    assert all(len(band.pixels) % upscaler.scale == 0 for band in bands)
    assert np.array_equal(np.concatenate([band.pixels for band in bands]), whole)
    assert whole.shape == (2400, 160, 3)


def test_when_memory_runs_out_in_the_middle_what_is_done_stays_and_the_rest_goes_on(
    small: Network,
) -> None:
    """A small network sees few px, so the seam between the two ways must not show at all."""
    picture = np.random.default_rng(3).random((1500, 24, 3), np.float32)
    whole = NetworkUpscaler(small, dtype=torch.float32).run(picture, Silent())
    failures = iter([MemoryError()])

    def rows(start: int, stop: int) -> NDArray[np.float32]:
        if start > 1300:
            for failure in failures:
                raise failure
        return picture[start:stop]

    heard = Heard()
    bands = list(NetworkUpscaler(small, dtype=torch.float32).bands(rows, 1500, 24, heard))
    made = np.concatenate([band.pixels for band in bands])
    assert bands[0].facts["out_of_memory"] == []
    assert bands[-1].facts["out_of_memory_at_tile_px"] == [UNCUT]
    assert bands[-1].facts["tile_px"] == FIRST_TILE
    assert heard.done == 1500 * 24
    np.testing.assert_allclose(made, whole.pixels, atol=2e-3)


def test_tiles_are_halved_until_they_fit_and_no_tile_is_missing(
    small: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.random.default_rng(3).random((300, 200, 3), np.float32)
    whole = NetworkUpscaler(small, dtype=torch.float32).run(picture, Silent())
    of = Kernels.of

    def tight(self: Kernels, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        kernel = of(self, dtype)

        def call(batch: Tensor) -> Tensor:
            if batch.shape[2] > 130:
                raise torch.OutOfMemoryError("out of memory")
            return kernel(batch)

        return call

    monkeypatch.setattr(Kernels, "of", tight)
    made = NetworkUpscaler(small, dtype=torch.float32, tile=512).run(picture, Silent())
    assert made.facts["out_of_memory_at_tile_px"] == [512, 256]
    assert made.facts["tile_px"] == 128
    assert [way["dtype"] for way in made.facts["out_of_memory"]] == ["float32", "float32"]
    inner = slice(80, -80)
    np.testing.assert_allclose(made.pixels[inner, inner], whole.pixels[inner, inner], atol=2e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 2), (64, 5), (130, 1)])
@pytest.mark.parametrize("scale", [2, 4])
def test_pictures_of_any_size_come_out_exactly_scaled(
    tmp_path: Path, carded: Carded, small_state: State, size: tuple[int, int], scale: int
) -> None:
    path = tmp_path / "any.pth"
    torch.save(dict(small_state(scale=scale)), path)
    network = load_network(carded(path, scale=scale))
    for tile in (UNCUT, 64):
        upscaler = NetworkUpscaler(network, tile=tile)
        made = upscaler.run(np.full((*size, 3), 0.5, np.float32), Silent())
        assert made.pixels.shape == (size[0] * scale, size[1] * scale, 3)
        assert made.pixels.dtype == np.float32
        assert 0 <= made.pixels.min() <= made.pixels.max() <= 1


def test_the_same_input_gives_the_same_bytes(small: Network) -> None:
    picture = np.random.default_rng(5).random((90, 80, 3), np.float32)
    for tile in (UNCUT, 64):
        first = NetworkUpscaler(small, tile=tile).run(picture, Silent())
        again = NetworkUpscaler(small, tile=tile).run(picture, Silent())
        assert first.pixels.tobytes() == again.pixels.tobytes()
        assert first.facts == again.facts


def test_a_tile_that_overflows_in_float16_is_redone_in_float32(small: Network) -> None:
    """The features leave float16's range (65504) and come back into float32's without harm."""
    first, second = small.module.model[0], small.module.model[-3]
    first.weight.mul_(1e6)
    first.bias.mul_(1e6)
    second.weight.div_(1e6)
    picture = np.random.default_rng(7).random((24, 90, 3), np.float32)
    made = NetworkUpscaler(small, dtype=torch.float16, tile=64).run(picture, Silent())
    exact = NetworkUpscaler(small, dtype=torch.float32, tile=64).run(picture, Silent())
    assert made.facts["tiles_redone_in_float32"] == made.facts["tiles"] > 1
    assert np.array_equal(made.pixels, exact.pixels)


def test_a_band_that_is_not_finite_is_redone_and_the_next_ones_are_not_harmed(
    small: Network,
) -> None:
    """One bright row leaves float16's range; what flows after it must be as if it had not."""
    first, second = small.module.model[0], small.module.model[-3]
    picture = np.random.default_rng(7).random((1500, 24, 3), np.float32) * np.float32(0.02)
    picture[700] = 1.0
    first.bias.zero_()
    brightest = first(torch.from_numpy(picture).permute(2, 0, 1)[None]).abs().max()
    first.weight.mul_(3 * 65504 / brightest)
    second.weight.div_(3 * 65504 / brightest)
    made = NetworkUpscaler(small, dtype=torch.float16).run(picture, Silent())
    exact = NetworkUpscaler(small, dtype=torch.float32).run(picture, Silent())
    assert 1 <= made.facts["tiles_redone_in_float32"] <= 3  # of 24; the next sees it as context
    assert np.abs(made.pixels - exact.pixels).max() < 0.02


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_result_that_is_not_finite_fails_and_names_the_tile(small: Network, value: float) -> None:
    small.module.model[-1].bias[1] = value
    with pytest.raises(BadOutput, match=r"small: what was made of px x 0\.\..* is not finite"):
        NetworkUpscaler(small).run(np.full((20, 20, 3), 0.5, np.float32), Silent())


def test_one_flat_colour_from_a_picture_that_is_not_flat_fails(small: Network) -> None:
    small.module.model[-1].weight.zero_()
    with pytest.raises(BadOutput, match="one flat colour"):
        NetworkUpscaler(small).run(
            np.random.default_rng(1).random((20, 20, 3), np.float32), Silent()
        )


def test_a_flat_picture_may_come_out_flat(small: Network) -> None:
    small.module.model[-1].weight.zero_()
    made = NetworkUpscaler(small).run(np.full((20, 20, 3), 0.25, np.float32), Silent())
    assert np.ptp(made.pixels[..., 0]) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4, 3), np.float64),
        np.zeros((4, 4), np.float32),
        np.zeros((0, 4, 3), np.float32),
        np.full((4, 4, 3), np.nan, np.float32),
    ],
)
def test_an_input_that_is_no_picture_is_refused(small: Network, wrong: NDArray[Any]) -> None:
    with pytest.raises(StageContractBroken):
        NetworkUpscaler(small).run(wrong, Silent())


LIMITED = """
import resource, sys
import numpy as np, torch
from spandrel.architectures.ESRGAN import ESRGAN
torch.set_num_threads(1)
torch.manual_seed(0)
from pipeline.core.errors import OutOfMemory
from pipeline.core.progress import Silent
from pipeline.models.engine import NetworkUpscaler
from pipeline.models.load import Network

module = ESRGAN(num_filters=16, num_blocks=1).eval().requires_grad_(False)
network = Network("small", "ESRGAN", 4, "0" * 64, 0, module)
upscaler = NetworkUpscaler(network, "cpu", dtype=torch.float32, tile=512)
upscaler.run(np.zeros((1, 1, 3), np.float32), Silent())
picture = np.random.default_rng(0).random((480, 480, 3), np.float32)
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    made = upscaler.run(picture, Silent())
except OutOfMemory as error:
    print("OutOfMemory", error.detail)
else:
    print(made.facts["out_of_memory_at_tile_px"], made.facts["tile_px"], made.pixels.shape)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS and /proc are Linux")
@pytest.mark.parametrize(
    ("mebibytes", "said"),
    [
        (400, "[] 512 (1920, 1920, 3)"),
        (80, "OutOfMemory small on cpu: a tile of 64 px of a picture of 480 x 480 px"),
        (10, "OutOfMemory a picture of 480 x 480 px, enlarged"),
    ],
)
def test_a_process_without_memory_ends_with_one_line(mebibytes: int, said: str) -> None:
    """In how few a picture just fits depends on what oneDNN keeps, so only the ends are looked at.

    One arena: each further one takes 64 MiB of addresses, and a thread that gets none dies.
    """
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(mebibytes)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
    )
    assert said in done.stdout, done.stdout + done.stderr[-2000:]


def test_after_the_smallest_tile_comes_the_cpu_and_then_the_quick_format(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.models.ways.choose_dtype", lambda device: torch.bfloat16)
    assert smaller_way(Way("cpu", torch.bfloat16, UNCUT)) == Way("cpu", torch.bfloat16, FIRST_TILE)
    assert smaller_way(Way("cuda:0", torch.float16, 512)) == Way("cuda:0", torch.float16, 256)
    moved = smaller_way(Way("cuda:0", torch.float16, SMALLEST_TILE))
    assert moved is not None
    assert (moved.device, moved.dtype) == ("cpu", torch.bfloat16)
    halved = smaller_way(Way("cpu", torch.float32, SMALLEST_TILE))
    assert halved == Way("cpu", torch.bfloat16, SMALLEST_TILE)
    assert smaller_way(Way("cpu", torch.bfloat16, SMALLEST_TILE)) is None


def test_out_of_memory_is_told_from_other_failures() -> None:
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50)
    assert is_out_of_memory(caught.value)
    with pytest.raises(RuntimeError) as other:
        torch.zeros(2) + torch.zeros(3)
    assert not is_out_of_memory(other.value)


def test_a_network_that_ends_too_early_fails_and_does_not_begin_for_ever(
    small: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(*given: Any) -> Iterator[NDArray[np.float32]]:
        if given[2] == 0:
            yield np.random.default_rng(0).random((400, 160, 3), np.float32)

    monkeypatch.setattr("pipeline.models.engine.flowing_bands", half)
    picture = np.random.default_rng(3).random((300, 40, 3), np.float32)
    with pytest.raises(BadOutput, match="gave nothing from row 100 of 300 on"):
        NetworkUpscaler(small, dtype=torch.float32).run(picture, Silent())
