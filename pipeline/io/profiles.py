"""The ICC profiles that pictures leave in: three by name, or a print shop's own file."""

from __future__ import annotations

import stat
import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ProfileRefused
from pipeline.io.colour import profile_fault, profile_name, profile_space, srgb_profile
from pipeline.io.icc_tags import HEADER_BYTES, assembled, description, tags_of

PROFILE_NAMES = ("srgb", "adobe-rgb", "display-p3")
MAX_PROFILE_BYTES = 16 * 1024 * 1024
"""What a JPEG can hold at most; printers' profiles have 0.5 to 4 MB."""

_D50 = (0.9642, 1.0, 0.8249)
_D65_XY = (0.3127, 0.3290)
_P3_XY = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_ADOBE_COMPATIBLE = "Compatible with Adobe RGB (1998)"
_CLASSES_REFUSED = {
    b"scnr": "it describes a scanner or camera, not a printer or a screen",
    b"link": "it is a device link, which joins two devices for good and is no profile of either",
    b"abst": "it is an effect (abstract profile), not a device",
    b"nmcl": "it is a list of named ink colours, not a device",
}
_SPACES_REFUSED = {
    b"CMYK": "it is for CMYK, the four inks of a printing press, and the picture is RGB",
    b"Lab ": "it is for Lab, a space to compute in, and no printer's",
    b"XYZ ": "it is for XYZ, a space to compute in, and no printer's",
}
_CMYK_REMEDY = (
    "Send the picture as srgb or adobe-rgb, or ask the shop for its RGB profile; what the CMYK "
    "profile does to the colours can be seen with a soft proof."
)


def output_profile(profile: str | Path) -> bytes:
    """The profile a picture shall be encoded in, checked.

    Args:
        profile: "srgb", "adobe-rgb", "display-p3", or the path of an .icc or .icm file.

    Returns:
        ICC bytes for RGB or grey; for the names the same bytes on every day.

    Raises:
        ProfileRefused: no such name or file, damaged, too large, or not for RGB or grey pictures
            (CMYK, Lab, a scanner's, a device link).
    """
    named = named_profile(str(profile))
    return named if named is not None else _checked(Path(profile), proof=False)


def proof_profile(profile: str | Path) -> bytes:
    """The profile of the device a soft proof is made for: as `output_profile`, or CMYK.

    Raises:
        ProfileRefused: as `output_profile`.
    """
    named = named_profile(str(profile))
    return named if named is not None else _checked(Path(profile), proof=True)


def named_profile(name: str) -> bytes | None:
    """One of `PROFILE_NAMES`, in any case, as ICC bytes; None for any other name."""
    name = name.lower()
    if name == "srgb":
        return srgb_profile()
    if name == "adobe-rgb":
        return adobe_rgb_profile()
    return display_p3_profile() if name == "display-p3" else None


@cache
def adobe_rgb_profile() -> bytes:
    """A version 2 profile with the primaries, white and gamma of Adobe RGB (1998).

    The numbers are those of the specification (Adobe, 2005-05); the name says "compatible",
    because only Adobe's own file may bear the bare name.
    """
    from imagecodecs import cms_profile

    icc = bytes(cms_profile("adobergb"))
    return assembled(icc, {**tags_of(icc), b"desc": description(_ADOBE_COMPATIBLE, 2)})


@cache
def display_p3_profile() -> bytes:
    """Display P3 as a version 4 profile: SMPTE RP 431-2 primaries, D65, the tone curve of sRGB."""
    base = srgb_profile()
    tags = tags_of(base)
    tags.pop(b"chrm", None)
    columns = _adapted_primaries(_P3_XY, _D65_XY)
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True):
        tags[name] = b"XYZ " + bytes(4) + struct.pack(">3i", *np.rint(column * 65536).astype(int))
    return assembled(base, {**tags, b"desc": description("Display P3", 4)})


def _adapted_primaries(
    primaries: tuple[tuple[float, float], ...], white: tuple[float, float]
) -> NDArray[np.float64]:
    """XYZ of the primaries under D50 as columns, adapted by Bradford (ICC.1:2022, annex E)."""
    xyz = np.array([_xyz(xy) for xy in primaries]).T
    source = np.array(_xyz(white))
    matrix = xyz * np.linalg.solve(xyz, source)
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ source)
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD @ matrix
    return adapted


def _xyz(xy: tuple[float, float]) -> tuple[float, float, float]:
    x, y = xy
    return x / y, 1.0, (1 - x - y) / y


def _checked(path: Path, *, proof: bool) -> bytes:
    icc = _read(path)
    fault, remedy = _fault(icc, proof=proof)
    if fault:
        named = profile_name(icc) if icc[36:40] == b"acsp" else None
        shown = "".join(c if c.isprintable() else "?" for c in named or "")[:80]
        raise ProfileRefused(f"{path}{f' ({shown})' if shown else ''}: {fault}", remedy=remedy)
    # What follows the profile in its file would be embedded in every picture.
    return icc[: struct.unpack_from(">I", icc)[0]]


def _read(path: Path) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ProfileRefused(f"{path}: it is not a file")
        if found.st_size > MAX_PROFILE_BYTES:
            raise ProfileRefused(
                f"{path}: it has {found.st_size:,} bytes; a profile has {MAX_PROFILE_BYTES:,} at "
                "most, or pictures could not hold it"
            )
        with path.open("rb") as file:
            return file.read(MAX_PROFILE_BYTES)
    except FileNotFoundError as error:
        names = ", ".join(PROFILE_NAMES)
        raise ProfileRefused(
            f"{path}: there is no such file, nor a profile of that name",
            remedy=f"Give {names}, or the path of an .icc or .icm file.",
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProfileRefused(f"{path}: it cannot be read ({reason})") from error


def _fault(icc: bytes, *, proof: bool) -> tuple[str | None, str | None]:
    """Why a profile is refused, and what to do instead when that is not the usual advice."""
    if len(icc) < HEADER_BYTES + 4 or icc[36:40] != b"acsp":
        return "it is not an ICC profile", None
    if icc[12:16] in _CLASSES_REFUSED:
        return _CLASSES_REFUSED[icc[12:16]], None
    space = profile_space(icc)
    if space == "CMYK":
        fault = _cmyk_fault(icc)
        if fault or proof:
            return fault, None
        return _SPACES_REFUSED[b"CMYK"], _CMYK_REMEDY
    if space is None:
        kind = icc[16:20].decode("latin-1").strip()
        return _SPACES_REFUSED.get(icc[16:20], f"it is for {kind!r}, and the picture is RGB"), None
    return profile_fault(icc, space), None


def _cmyk_fault(icc: bytes) -> str | None:
    """Why a CMYK profile cannot be used in a soft proof: one px is sent there and back."""
    from imagecodecs import CmsError, cms_profile_validate, cms_transform

    size, count = struct.unpack_from(">I", icc)[0], struct.unpack_from(">I", icc, 128)[0]
    if size > len(icc):
        return f"it is cut: {len(icc)} bytes of {size} are there"
    if HEADER_BYTES + 4 + 12 * count > size:
        return "its table of contents is damaged"
    probe = np.full((1, 1, 3), 32768, np.uint16)
    try:
        cms_profile_validate(icc)
        inks = cms_transform(
            probe, srgb_profile(), icc, colorspace="rgb", outcolorspace="cmyk", outdtype="u2"
        )
        cms_transform(
            inks, icc, srgb_profile(), colorspace="cmyk", outcolorspace="rgb", outdtype="u2"
        )
    except (CmsError, ValueError, RuntimeError) as error:
        return f"it cannot be used ({error})"
    return None
