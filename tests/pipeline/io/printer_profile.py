"""A photo printer's profile of known behaviour: tables, a grey black, less colour than sRGB."""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.io.colour import from_lab, srgb_profile, to_lab
from pipeline.io.icc_tags import assembled

BLACK_L = 15.0
COLOURFULNESS = 0.6
_RGB_GRID = 17
_LAB_GRID = 33
_CMYK_GRID = 9


@cache
def printer_profile(name: str = "Test printer, glossy", kind: bytes = b"prtr") -> bytes:
    """A version 2 RGB profile of lookup tables.

    Its paper shows sRGB's Lab with L from 15 to 100 and 0.6 of the chroma. The relative table goes
    back exactly and clips what there is not; the perceptual one squeezes everything in.
    """
    shown = _on_paper(to_lab(_grid(3, _RGB_GRID), None))
    tags = {b"A2B0": _lut16(_encoded(shown), 3, _RGB_GRID)}
    for name_, device in ((b"B2A0", _squeezed()), (b"B2A1", _clipped())):
        tags[name_] = _lut16(device * 65535, 3, _LAB_GRID)
    return _profile(name, kind, b"RGB ", tags | {b"A2B1": tags[b"A2B0"]})


@cache
def press_profile() -> bytes:
    """A version 2 CMYK profile of the same paper, which mixes every colour without black ink."""
    inks = _grid(4, _CMYK_GRID)
    shown = _on_paper(to_lab((1 - inks[..., :3]) * (1 - inks[..., 3:]), None))
    tags = {b"A2B0": _lut16(_encoded(shown), 4, _CMYK_GRID)}
    for name, device in ((b"B2A0", _squeezed()), (b"B2A1", _clipped())):
        ink = np.concatenate([1 - device, np.zeros_like(device[..., :1])], axis=-1)
        tags[name] = _lut16(ink * 65535, 3, _LAB_GRID)
    return _profile("Test press", b"prtr", b"CMYK", tags | {b"A2B1": tags[b"A2B0"]})


def _profile(name: str, kind: bytes, space: bytes, tables: dict[bytes, bytes]) -> bytes:
    tags = {
        b"desc": _desc(name),
        b"cprt": b"text" + bytes(4) + b"none\x00",
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 58000, 60000, 48000),
    }
    model = bytearray(srgb_profile())
    model[8:12], model[12:16] = b"\x02\x10\x00\x00", kind
    model[16:20], model[20:24] = space, b"Lab "
    return assembled(bytes(model), tags | tables)


def _grid(channels: int, nodes: int) -> NDArray[np.float32]:
    axes = np.meshgrid(*[np.linspace(0, 1, nodes)] * channels, indexing="ij")
    return np.stack(axes, axis=-1).reshape(1, -1, channels).astype(np.float32)


def _on_paper(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the paper shows of sRGB's Lab."""
    squeezed = lab * np.float32(COLOURFULNESS)
    squeezed[..., 0] = BLACK_L + (100 - BLACK_L) * lab[..., 0] / 100
    return squeezed


@cache
def _clipped() -> NDArray[np.float32]:
    """RGB that shows each Lab of the grid exactly, or the nearest the paper has."""
    lab = _decoded(_grid(3, _LAB_GRID) * 65535)
    lab[..., 0] = np.clip((lab[..., 0] - BLACK_L) / (100 - BLACK_L), 0, 1) * 100
    lab[..., 1:] /= COLOURFULNESS
    return from_lab(lab, None)


@cache
def _squeezed() -> NDArray[np.float32]:
    """RGB that shows the whole of sRGB with less contrast and chroma."""
    lab = _decoded(_grid(3, _LAB_GRID) * 65535)
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    return from_lab(lab, None)


def changed(icc: bytes, at: int, to: bytes) -> bytes:
    """A profile with some of its header's bytes replaced."""
    return icc[:at] + to + icc[at + len(to) :]


def _lut16(values: NDArray[np.float32], channels: int, nodes: int) -> bytes:
    """A lut16Type (ICC.1:2001-04, 6.5.7) with straight curves; values (1, N, C) in 0..65535."""
    made = values.shape[-1]
    identity = struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).ravel())
    clut = np.rint(np.clip(values, 0, 65535)).astype(">u2").tobytes()
    head = b"mft2" + bytes(4) + bytes([channels, made, nodes, 0])
    ramps = [struct.pack(f">{2 * count}H", *[0, 65535] * count) for count in (channels, made)]
    return head + identity + struct.pack(">2H", 2, 2) + ramps[0] + clut + ramps[1]


def _encoded(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lab in the 16-bit encoding of version 2 (ICC.1:2001-04, 6.5.11)."""
    return np.stack([lab[..., 0] * 652.8, *(np.moveaxis(lab[..., 1:], -1, 0) + 128) * 256], axis=-1)


def _decoded(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack(
        [codes[..., 0] / 652.8, *np.moveaxis(codes[..., 1:], -1, 0) / 256 - 128], axis=-1
    )


def _desc(name: str) -> bytes:
    text = name.encode("ascii") + b"\x00"
    return b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78)
