"""From a verified weights file to a network: nothing in the file is ever executed."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import WeightsWrong
from pipeline.models.ncnn import parse_ncnn_rrdbnet
from pipeline.models.weights import ResolvedModel, read_verified

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor
    from torch import Tensor, nn


_QUICK = frozenset({"bfloat16", "float16"})

_FACES_ONLY = frozenset({"GFPGAN"})
"""Networks that are only ever given the one size they take."""

_IN_ORDER = frozenset({"ESRGAN", "Compact"})
"""Networks whose first and last convolution are known, as `precision` needs it."""


@dataclass(frozen=True)
class Network:
    """A network with its weights, and what is known about it.

    Args:
        name: catalogue name.
        architecture: such as "ESRGAN" or "GFPGAN".
        scale: output px per input px.
        sha256: digest of the weights file it was loaded from.
        parameters: how many numbers were loaded.
        module: the torch module, on the CPU, float32, in evaluation mode, without gradients.
            Takes (1, 3, H, W).
        quick_formats: names of the number formats beside float32 that it can compute in.
    """

    name: str
    architecture: str
    scale: int
    sha256: str
    parameters: int
    module: nn.Module
    quick_formats: frozenset[str] = _QUICK


@dataclass(frozen=True)
class Identity:
    """What a weights file holds: architecture, output px per input px, how many numbers."""

    architecture: str
    scale: int
    parameters: int


def load_network(resolved: ResolvedModel) -> Network:
    """Verify a weights file once more and load it into its network, strictly.

    `.pth` is read with torch's weights-only unpickler, which refuses every pickle that would run
    code; `.safetensors` holds no code; `.bin` is ncnn's plain numbers. The digest is taken of the
    very bytes that are then loaded.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: wrong length or digest; not a format of these three; code inside; or the
            tensors do not fit the network exactly (missing, left over, another shape, not for
            colour pictures, another scale or architecture than the catalogue says).
    """
    card = resolved.card
    from pipeline.models.sized import fitted

    found, taken = _network_in(read_verified(card, resolved.path), resolved.path)
    architecture, scale = str(found.architecture.id), int(found.scale)
    if (architecture, scale) != (card.architecture, card.scale):
        raise WeightsWrong(
            f"{resolved.path} holds {architecture} x{scale}, "
            f"the catalogue says {card.architecture} x{card.scale}"
        )
    module = found.model.float().eval().requires_grad_(False)
    return Network(
        card.name,
        architecture,
        scale,
        card.sha256,
        taken,
        module if architecture in _FACES_ONLY else fitted(module, found.size_requirements),
        _QUICK if architecture in _IN_ORDER else frozenset(),
    )


def identified(data: bytes, path: Path) -> Identity:
    """Tell what the bytes of a weights file hold, by loading them as `load_network` does.

    Raises:
        WeightsWrong: as for `load_network`.
    """
    found, taken = _network_in(data, path)
    return Identity(str(found.architecture.id), int(found.scale), taken)


def _network_in(data: bytes, path: Path) -> tuple[ImageModelDescriptor[Any], int]:
    """The network that a file's bytes hold, and how many numbers it took of them."""
    state = _read_state(data, path)
    found = _build(state, path)
    if (found.input_channels, found.output_channels) != (3, 3):
        raise WeightsWrong(
            f"{path} is for {found.input_channels} channels in and {found.output_channels} out, "
            "not for colour pictures"
        )
    given = sum(tensor.numel() for tensor in state.values())
    taken = sum(tensor.numel() for tensor in found.model.state_dict().values())
    # spandrel drops names it does not know; a file with more in it is another model.
    if given != taken:
        raise WeightsWrong(f"{path} holds {given} numbers, {found.architecture.id} takes {taken}")
    return found, taken


def _read_state(data: bytes, path: Path) -> Mapping[str, Tensor]:
    """Parameter name -> tensor."""
    suffix = path.suffix.lower()
    if suffix == ".bin":
        return parse_ncnn_rrdbnet(data, str(path))
    if suffix == ".safetensors":
        raw = _read_safetensors(data, path)
    elif suffix == ".pth":
        raw = _read_pth(data, path)
    else:
        raise WeightsWrong(f"{path} is neither .pth, .safetensors nor .bin")
    from spandrel import canonicalize_state_dict
    from torch import Tensor

    state: Mapping[str, Tensor] = canonicalize_state_dict(dict(raw))
    if not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsWrong(f"{path} holds something else than named tensors")
    return state


def _read_safetensors(data: bytes, path: Path) -> Mapping[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return dict(load(data))
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsWrong(f"{path} is no safetensors file: {error}") from error


def _read_pth(data: bytes, path: Path) -> Mapping[str, Any]:
    import torch

    try:
        raw = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, LookupError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsWrong(f"{path} is no plain weights file and was not run: {reason}") from error
    if not isinstance(raw, dict):
        raise WeightsWrong(f"{path} holds a {type(raw).__name__}, not named tensors")
    return raw


def _build(state: Mapping[str, Tensor], path: Path) -> ImageModelDescriptor[Any]:
    """The network with its weights, by spandrel."""
    from spandrel import ImageModelDescriptor, ModelLoader, UnsupportedModelError

    try:
        found = ModelLoader("cpu").load_from_state_dict(dict(state))
    except (UnsupportedModelError, RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsWrong(f"{path} fits no known network: {reason}") from error
    if not isinstance(found, ImageModelDescriptor):
        raise WeightsWrong(f"{path} is a network that needs more than a picture")
    return found
