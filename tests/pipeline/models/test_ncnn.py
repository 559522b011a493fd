from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import WeightsMissing, WeightsWrong
from pipeline.models.ncnn import parse_ncnn_rrdbnet, read_ncnn_rrdbnet, rrdbnet_layers
from pipeline.models.weights import ResolvedModel


def test_the_shipped_file_holds_351_convolutions_and_16697987_numbers(
    x4plus: ResolvedModel,
) -> None:
    state = read_ncnn_rrdbnet(x4plus.path)
    assert len(state) == 2 * 351
    assert sum(tensor.numel() for tensor in state.values()) == 16_697_987
    assert tuple(state["body.22.rdb3.conv5.weight"].shape) == (64, 192, 3, 3)
    assert tuple(state["conv_last.bias"].shape) == (3,)


def test_the_layer_order_is_that_of_the_param_file(x4plus: ResolvedModel) -> None:
    """The text file beside the weights gives each layer's outputs and its count of numbers."""
    param = x4plus.path.with_suffix(".param").read_text(encoding="ascii").splitlines()
    convolutions = [line.split() for line in param if line.startswith("Convolution")]
    told = []
    for words in convolutions:
        keys = dict(word.split("=") for word in words if "=" in word)
        told.append((int(keys["0"]), int(keys["6"])))
    assert [(outs, outs * ins * 9) for _, outs, ins in rrdbnet_layers()] == told


@pytest.mark.parametrize("at", [0, 3, 1000, 1_000_000, 33_424_519])
def test_a_cut_file_is_refused(x4plus: ResolvedModel, at: int) -> None:
    with pytest.raises(WeightsWrong, match="is cut"):
        parse_ncnn_rrdbnet(x4plus.path.read_bytes()[:at], "cut.bin")


def test_bytes_left_over_are_refused(x4plus: ResolvedModel) -> None:
    with pytest.raises(WeightsWrong, match="4 bytes after the last layer"):
        parse_ncnn_rrdbnet(x4plus.path.read_bytes() + b"\0\0\0\0", "long.bin")


def test_a_shifted_file_is_seen_by_its_tags(x4plus: ResolvedModel) -> None:
    data = x4plus.path.read_bytes()
    with pytest.raises(WeightsWrong, match="tag"):
        parse_ncnn_rrdbnet(data[:400] + data[404:] + b"\0\0\0\0", "shifted.bin")


def test_a_number_that_is_not_finite_is_refused(x4plus: ResolvedModel) -> None:
    data = bytearray(x4plus.path.read_bytes())
    data[4:6] = b"\x00\x7e"  # NaN as fp16
    with pytest.raises(WeightsWrong, match="conv_first holds a number that is not finite"):
        parse_ncnn_rrdbnet(bytes(data), "nan.bin")


def test_an_absent_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        read_ncnn_rrdbnet(tmp_path / "none.bin")
