from __future__ import annotations

import dataclasses
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from pipeline.core.errors import WeightsWrong
from pipeline.models.load import load_network
from pipeline.models.ncnn import read_ncnn_rrdbnet
from pipeline.models.weights import ResolvedModel

Carded = Callable[..., ResolvedModel]
State = Callable[..., Mapping[str, Any]]


class Payload:
    """Unpickled without care, it makes a directory: harmless, but seen."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.weights
def test_every_number_of_x4plus_is_loaded(x4plus: ResolvedModel) -> None:
    network = load_network(x4plus)
    assert (network.architecture, network.scale, network.parameters) == ("ESRGAN", 4, 16_697_987)
    assert network.sha256 == x4plus.card.sha256
    assert not network.module.training
    loaded = sorted(float(tensor.double().sum()) for tensor in network.module.state_dict().values())
    read = read_ncnn_rrdbnet(x4plus.path)
    assert loaded == sorted(float(tensor.double().sum()) for tensor in read.values())


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("scale", [2, 4])
def test_both_kinds_of_weights_files_load(
    tmp_path: Path, carded: Carded, small_state: State, suffix: str, scale: int
) -> None:
    path = tmp_path / f"small{suffix}"
    state = dict(small_state(scale=scale))
    if suffix == ".pth":
        torch.save({"params_ema": state}, path)
    else:
        save_file(state, path)
    network = load_network(carded(path, scale=scale))
    assert network.scale == scale
    made = network.module(torch.zeros(1, 3, 6, 5))
    assert tuple(made.shape) == (1, 3, 6 * scale, 5 * scale)


@pytest.mark.parametrize("zipped", [False, True])
def test_code_in_a_pth_is_never_run(tmp_path: Path, carded: Carded, zipped: bool) -> None:
    trace = tmp_path / "it-ran"
    path = tmp_path / "evil.pth"
    evil = {"conv_first.weight": Payload(trace)}
    if zipped:
        torch.save(evil, path)
    else:
        path.write_bytes(pickle.dumps(evil, protocol=2))
    with pytest.raises(WeightsWrong, match="was not run"):
        load_network(carded(path))
    assert not trace.exists()
    # The same file does run its code when it is read without care, so the test can fail.
    if zipped:
        torch.load(path, weights_only=False)
    else:
        pickle.loads(path.read_bytes())  # noqa: S301
    assert trace.exists()


def test_the_digest_is_checked_before_anything_is_parsed(tmp_path: Path, carded: Carded) -> None:
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Payload(tmp_path / "it-ran")))
    pinned = carded(path)
    other = dataclasses.replace(pinned.card, sha256="0" * 64)
    with pytest.raises(WeightsWrong, match="digest"):
        load_network(dataclasses.replace(pinned, card=other))


@pytest.mark.parametrize("damage", ["missing", "extra", "shape", "scale", "architecture"])
def test_weights_that_do_not_fit_exactly_are_refused(
    tmp_path: Path, carded: Carded, small_state: State, damage: str
) -> None:
    state = dict(small_state())
    key = "model.1.sub.0.RDB2.conv3.0.weight"
    if damage == "missing":
        del state[key]
    elif damage == "extra":
        state["one.more"] = torch.ones(3)
    elif damage == "shape":
        state[key] = state[key][:, :-1]
    path = tmp_path / "odd.pth"
    torch.save(state, path)
    resolved = carded(
        path,
        scale=2 if damage == "scale" else 4,
        architecture="GFPGAN" if damage == "architecture" else "ESRGAN",
    )
    with pytest.raises(WeightsWrong, match=r"odd\.pth"):
        load_network(resolved)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.pth", b"these are not weights"),
        ("empty.pth", b""),
        ("text.safetensors", b"these are not weights"),
        ("text.onnx", b"these are not weights"),
    ],
)
def test_a_file_that_is_no_weights_file_is_refused(
    tmp_path: Path, carded: Carded, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(WeightsWrong, match=name):
        load_network(carded(path))


def test_a_cut_pth_is_refused(tmp_path: Path, carded: Carded, small_state: State) -> None:
    path = tmp_path / "cut.pth"
    torch.save(dict(small_state()), path)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(WeightsWrong, match=r"cut\.pth"):
        load_network(carded(path))


def test_something_else_than_tensors_is_refused(tmp_path: Path, carded: Carded) -> None:
    path = tmp_path / "list.pth"
    torch.save([1, 2, 3], path)
    with pytest.raises(WeightsWrong, match="holds a list"):
        load_network(carded(path))
