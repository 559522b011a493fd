"""From a verified weights file to a network: nothing in the file is ever executed."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import WeightsWrong
from pipeline.models.ncnn import parse_ncnn_rrdbnet
from pipeline.models.weights import ResolvedModel, read_verified

if TYPE_CHECKING:
    from torch import Tensor, nn


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
    """

    name: str
    architecture: str
    scale: int
    sha256: str
    parameters: int
    module: nn.Module


def load_network(resolved: ResolvedModel) -> Network:
    """Verify a weights file once more and load it into its network, strictly.

    `.pth` is read with torch's weights-only unpickler, which refuses every pickle that would run
    code; `.safetensors` holds no code; `.bin` is ncnn's plain numbers. The digest is taken of the
    very bytes that are then loaded.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: wrong length or digest; not a format of these three; code inside; or the
            tensors do not fit the network exactly (missing, left over, another shape, another
            scale or architecture than the catalogue says).
    """
    card = resolved.card
    data = read_verified(card, resolved.path)
    state = _read_state(data, resolved)
    module, architecture, scale, channels = _build(state, resolved)
    if (architecture, scale, channels) != (card.architecture, card.scale, 3):
        raise WeightsWrong(
            f"{resolved.path} holds {architecture} x{scale} for {channels} channels, "
            f"the catalogue says {card.architecture} x{card.scale} for 3"
        )
    module.eval().requires_grad_(False)
    given = sum(tensor.numel() for tensor in state.values())
    taken = sum(tensor.numel() for tensor in module.state_dict().values())
    # spandrel drops names it does not know; a file with more in it is another model.
    if given != taken:
        raise WeightsWrong(f"{resolved.path} holds {given} numbers, {architecture} takes {taken}")
    return Network(card.name, architecture, scale, card.sha256, taken, module)


def _read_state(data: bytes, resolved: ResolvedModel) -> Mapping[str, Tensor]:
    """Parameter name -> tensor."""
    suffix = resolved.path.suffix.lower()
    if suffix == ".bin":
        return parse_ncnn_rrdbnet(data, str(resolved.path))
    if suffix == ".safetensors":
        raw = _read_safetensors(data, resolved)
    elif suffix == ".pth":
        raw = _read_pth(data, resolved)
    else:
        raise WeightsWrong(f"{resolved.path} is neither .pth, .safetensors nor .bin")
    from spandrel import canonicalize_state_dict
    from torch import Tensor

    state: Mapping[str, Tensor] = canonicalize_state_dict(dict(raw))
    if not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsWrong(f"{resolved.path} holds something else than named tensors")
    return state


def _read_safetensors(data: bytes, resolved: ResolvedModel) -> Mapping[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return dict(load(data))
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsWrong(f"{resolved.path} is no safetensors file: {error}") from error


def _read_pth(data: bytes, resolved: ResolvedModel) -> Mapping[str, Any]:
    import torch

    try:
        raw = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, LookupError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsWrong(
            f"{resolved.path} is no plain weights file and was not run: {reason}"
        ) from error
    if not isinstance(raw, dict):
        raise WeightsWrong(f"{resolved.path} holds a {type(raw).__name__}, not named tensors")
    return raw


def _build(state: Mapping[str, Tensor], resolved: ResolvedModel) -> tuple[nn.Module, str, int, int]:
    """(module with weights, architecture, scale, input channels), by spandrel."""
    from spandrel import ImageModelDescriptor, ModelLoader, UnsupportedModelError

    try:
        found = ModelLoader("cpu").load_from_state_dict(dict(state))
    except (UnsupportedModelError, RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsWrong(f"{resolved.path} fits no known network: {reason}") from error
    if not isinstance(found, ImageModelDescriptor):
        raise WeightsWrong(f"{resolved.path} is a network that needs more than a picture")
    module: nn.Module = found.model
    return module.float(), str(found.architecture.id), int(found.scale), int(found.input_channels)
