"""Row after row, the network gives what it gives in one piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.models import rrdb, rrdb_layers, rrdb_rows
from pipeline.models.load import load_network
from pipeline.models.rrdb import FlowingRrdb
from pipeline.models.rrdb_layers import is_plain_rrdb
from pipeline.models.weights import ResolvedModel

State = Callable[..., Mapping[str, Any]]
SIZES = [(40, 50), (97, 31), (3, 300), (1, 1), (9, 2)]


def network(small_state: State, scale: int = 4) -> nn.Module:
    from spandrel import ModelLoader

    found = ModelLoader("cpu").load_from_state_dict(dict(small_state(scale=scale)))
    return found.model.float().eval().requires_grad_(False)


def picture(height: int, width: int) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(4))


def farthest(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())


@pytest.fixture(autouse=True)
def without_gradients() -> Any:
    with torch.inference_mode():
        yield


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rows", [1, 2, 7, 10**9])
def test_bands_of_any_height_give_the_undivided_result(
    small_state: State, size: tuple[int, int], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rrdb, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(rrdb, "_MOST_ROWS", rows)
    monkeypatch.setattr(rrdb, "_BAND_PX", 10**9)
    monkeypatch.setattr(rrdb_rows, "_TAIL_STRIP_PX", rows)
    module = network(small_state)
    given = picture(*size)
    assert farthest(FlowingRrdb(module, torch.float32)(given), module(given)) < 1e-4


@pytest.mark.parametrize("size", [(40, 50), (41, 33)])
def test_the_network_of_scale_2_is_folded_as_in_the_original(
    small_state: State, size: tuple[int, int]
) -> None:
    module = network(small_state, scale=2)
    given = picture(*size)
    made = FlowingRrdb(module, torch.float32)(given)
    assert made.shape == (1, 3, 2 * size[0], 2 * size[1])
    assert farthest(made, module(given)) < 1e-4


def test_without_fused_primitives_the_result_is_the_same(
    small_state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = network(small_state)
    given = picture(30, 40)
    fused = FlowingRrdb(module, torch.float32)(given)
    monkeypatch.setattr(rrdb_layers, "_packed", lambda *layer: None)
    assert farthest(FlowingRrdb(module, torch.float32)(given), fused) < 1e-4


@pytest.mark.weights
def test_the_real_network_gives_its_own_result_when_rows_flow(x4plus: ResolvedModel) -> None:
    module = load_network(x4plus).module
    given = picture(36, 44)
    whole = module(given)
    assert farthest(FlowingRrdb(module, torch.float32)(given), whole) < 1 / 2550
    quick = FlowingRrdb(module, torch.bfloat16)(given)
    assert float(((quick - whole) ** 2).mean()) < 10**-5


def test_a_network_of_another_shape_is_not_taken_for_one(small_state: State) -> None:
    assert is_plain_rrdb(network(small_state))
    assert is_plain_rrdb(network(small_state, scale=2))
    other = network(small_state)
    other.model[1].sub[0].RDB2.conv5[0] = nn.Conv2d(80, 16, 1)
    assert not is_plain_rrdb(other)
    smooth = network(small_state)
    smooth.model[2].mode = "bilinear"
    assert not is_plain_rrdb(smooth)
    assert not is_plain_rrdb(nn.Sequential(nn.Conv2d(3, 3, 3)))
