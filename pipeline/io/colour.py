"""Colour through ICC profiles: to CIE Lab and back, and what a profile says of itself.

The transforms are Little CMS's, by way of imagecodecs; relative colorimetric, D50.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.io.icc_tags import (
    HEADER_BYTES,
    MAX_TAGS,
    assembled,
    description,
    tags_of,
    undated,
)

ProfileSpace = Literal["RGB", "GRAY", "CMYK"]

_SPACES: dict[bytes, ProfileSpace] = {b"RGB ": "RGB", b"GRAY": "GRAY", b"CMYK": "CMYK"}
_PICTURE_CLASSES = (b"scnr", b"mntr", b"prtr", b"spac")
_RELATIVE_COLORIMETRIC = 1


@cache
def srgb_profile() -> bytes:
    """The sRGB profile (IEC 61966-2-1) as ICC bytes: the same bytes on every call and day."""
    from imagecodecs import cms_profile

    return undated(cms_profile("srgb"))


@cache
def lab_profile() -> bytes:
    """CIE Lab (D50) as a version 4 profile."""
    from imagecodecs import cms_profile

    return bytes(cms_profile("lab4"))


def to_lab(pixels: NDArray[Any], icc: bytes | None) -> NDArray[np.float32]:
    """CIE Lab (D50) of pixels in the encoding of a profile.

    Args:
        pixels: float32 (H, W, 3) in 0..1, RGB; for a grey profile the green channel is used.
        icc: an RGB or grey profile; None means sRGB.

    Returns:
        float32 (H, W, 3): L in 0..100, a and b in about -128..127.

    Raises:
        StageContractBroken: wrong shape, or a profile for neither RGB nor grey.
    """
    from imagecodecs import cms_transform

    source, space = _usable(icc)
    _check_shape(pixels)
    data = np.ascontiguousarray(pixels if space == "rgb" else pixels[..., 1], dtype=np.float32)
    lab: NDArray[np.float32] = cms_transform(
        data,
        source,
        lab_profile(),
        colorspace=space,
        outcolorspace="lab",
        outdtype="f4",
        intent=_RELATIVE_COLORIMETRIC,
    )
    return lab


def from_lab(lab: NDArray[Any], icc: bytes | None) -> NDArray[np.float32]:
    """Pixels in the encoding of a profile from CIE Lab (D50); what is out of gamut is clipped.

    Args:
        lab: float32 (H, W, 3), L in 0..100.
        icc: an RGB or grey profile; None means sRGB. Grey gives three equal channels.

    Returns:
        float32 (H, W, 3) in 0..1.

    Raises:
        StageContractBroken: wrong shape, or a profile for neither RGB nor grey.
    """
    from imagecodecs import cms_transform

    target, space = _usable(icc)
    _check_shape(lab)
    out: NDArray[np.float32] = cms_transform(
        np.ascontiguousarray(lab, dtype=np.float32),
        lab_profile(),
        target,
        colorspace="lab",
        outcolorspace=space,
        outdtype="f4",
        intent=_RELATIVE_COLORIMETRIC,
    )
    if space == "gray":
        out = np.repeat(out.reshape(*lab.shape[:2], 1), 3, axis=2)
    return np.clip(out, 0.0, 1.0)


def _check_shape(array: NDArray[Any]) -> None:
    if array.ndim != 3 or array.shape[2] != 3:
        raise StageContractBroken(f"an (H, W, 3) array was expected, not {array.shape}")


def _usable(icc: bytes | None) -> tuple[bytes, Literal["rgb", "gray"]]:
    if icc is None:
        return srgb_profile(), "rgb"
    space = profile_space(icc)
    if space == "RGB":
        return icc, "rgb"
    if space == "GRAY":
        return icc, "gray"
    raise StageContractBroken(f"pixels cannot be in the colour space of this profile: {space}")


def profile_space(icc: bytes | None) -> ProfileSpace | None:
    """The kind of pixel a profile is for; None when there is none or it is of another kind."""
    return _SPACES.get(icc[16:20]) if icc else None


def profile_name(icc: bytes | None) -> str | None:
    """The description inside a profile, or None when there is no profile or no description."""
    if icc is None:
        return None
    try:
        return _description(tags_of(icc).get(b"desc", b"")) or None
    except (struct.error, UnicodeDecodeError):
        return None


def _description(data: bytes) -> str:
    if data[:4] == b"desc":  # ICC version 2: counted ASCII
        length = struct.unpack_from(">I", data, 8)[0]
        return data[12 : 12 + length].split(b"\x00")[0].decode("latin-1").strip()
    if data[:4] == b"mluc":  # version 4: UTF-16 per language; the first one is taken
        length, offset = struct.unpack_from(">II", data, 20)
        return data[offset : offset + length].decode("utf-16-be").strip("\x00 ")
    return ""


def profile_fault(icc: bytes, space: ProfileSpace) -> str | None:
    """Why a profile cannot stand for pixels of a kind, in a few words; None when it can."""
    if len(icc) < HEADER_BYTES + 4 or icc[36:40] != b"acsp":
        return "it is not an ICC profile"
    size, count = struct.unpack_from(">I", icc)[0], struct.unpack_from(">I", icc, 128)[0]
    kind = icc[16:20].decode("latin-1").strip()
    category = icc[12:16].decode("latin-1")
    faults = (
        (size > len(icc), f"it is cut: {len(icc)} bytes of {size} are there"),
        (profile_space(icc) != space, f"it is for {kind}, but the pixels are {space}"),
        (icc[12:16] not in _PICTURE_CLASSES, f"it is of class {category}, not for pictures"),
        (count > MAX_TAGS, "its table of contents is damaged"),
        (HEADER_BYTES + 4 + 12 * count > size, "its table of contents is damaged"),
    )
    for wrong, words in faults:
        if wrong:
            return words
    return _fault_in_use(icc[:size])


def _fault_in_use(icc: bytes) -> str | None:
    """Send one grey pixel through and back: a profile may open and yet not convert."""
    from imagecodecs import CmsError, cms_profile_validate

    probe = np.full((1, 1, 3), 0.5, np.float32)
    try:
        cms_profile_validate(icc)
        if not np.isfinite(from_lab(to_lab(probe, icc), icc)).all():
            return "it gives no colours"
    except (CmsError, ValueError, RuntimeError) as error:
        return f"it cannot be used ({error})"
    return None


@cache
def grey_profile(icc: bytes | None) -> bytes | None:
    """The grey profile with the tone curve of an RGB profile, for writing monochrome pictures.

    Args:
        icc: an RGB profile whose three tone curves are alike (sRGB, Adobe RGB ...), None for
            sRGB, or a grey profile, which is returned as it is.

    Returns:
        a grey ICC profile, or None when the RGB profile has no single tone curve.
    """
    source = srgb_profile() if icc is None else icc
    space = profile_space(source)
    if space != "RGB":
        return source if space == "GRAY" else None
    tags = tags_of(source)
    curves = {tags.get(name) for name in (b"rTRC", b"gTRC", b"bTRC")}
    curve = next(iter(curves))
    if len(curves) != 1 or curve is None or b"A2B0" in tags or b"wtpt" not in tags:
        return None
    name = f"Grey with the tone curve of {profile_name(source) or 'the colour profile'}"
    return _assembled_grey(source[:HEADER_BYTES], name, tags, curve)


def _assembled_grey(header: bytes, name: str, tags: dict[bytes, bytes], curve: bytes) -> bytes:
    grey = header[:16] + b"GRAY" + header[20:]
    return assembled(
        grey,
        {
            b"desc": description(name, header[8]),
            b"cprt": tags.get(b"cprt", b""),
            b"wtpt": tags[b"wtpt"],
            b"kTRC": curve,
        },
    )
