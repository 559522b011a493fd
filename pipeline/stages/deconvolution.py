"""Taking a known blur back, without haloes: deconvolution under total variation.

The picture looked for has few strong gradients (total variation, Rudin, Osher, Fatemi 1992,
doi:10.1016/0167-2789(92)90242-F) and, blurred again, is the one that is there. Splitting the
gradients off turns that into a handful of Fourier transforms (Wang, Yang, Yin, Zhang 2008,
doi:10.1137/080724265). Nothing is drawn that the blurred picture does not speak for; what
overshoots its surroundings is cut back.
"""

from __future__ import annotations

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

_FINE = 8
"""Point spread functions are drawn so many times finer than the px, then averaged."""

_SPLITS = (3.0, 8.5, 24.0, 68.0)
"""How firmly the gradients of picture and prior are tied to each other, round by round."""

_NEAR = 5
"""px around a px whose values bound what it may become."""

_OVERSHOOT = 0.1
"""How far beyond those it may go, as a share of their range."""

_SOFT_RIM = 0.3
"""Standard deviation that softens a disc's rim, as a share of its radius: no lens draws a hard
disc, and a hard one has zeros where noise would be raised without limit."""

_GRAIN = 0.25
"""Share of what the blur does not explain, mostly grain, that is given back."""


def defocus_psf(radius: float) -> Plane:
    """What a lens out of focus makes of a point: a disc with a soft rim.

    Args:
        radius: px, above 0.

    Returns:
        float32 (n, n), n odd, sum 1.
    """
    reach = int(np.ceil(radius * (1 + 3 * _SOFT_RIM)))
    side = 2 * reach + 1
    across = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    disc = (np.hypot(across[:, None], across[None, :]) <= radius).astype(np.float32)
    soft = cv2.GaussianBlur(
        disc, (0, 0), _SOFT_RIM * radius * _FINE, borderType=cv2.BORDER_CONSTANT
    )
    return _averaged(soft, side)


def motion_psf(length: float, angle: float) -> Plane:
    """What a camera that moved evenly along a line makes of a point.

    Args:
        length: px, above 0.
        angle: degrees from the x axis towards the y axis: clockwise as the picture is seen.

    Returns:
        float32 (n, n), n odd, sum 1.
    """
    side = 2 * int(np.ceil(length / 2)) + 3
    across = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    x, y = across[None, :], across[:, None]
    turn = np.radians(angle)
    along, off = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    # As wide as a px: a line of no width would be drawn by chance.
    line = (np.abs(along) <= length / 2) & (np.abs(off) <= 0.5)
    return _averaged(line.astype(np.float32), side)


def deconvolved(plane: Plane, psf: Plane, fidelity: float) -> Plane:
    """A plane with a known blur taken back.

    Args:
        plane: float32 (h, w), 0..1, with surroundings: within twice the psf's side of its edges
            the result is a guess.
        psf: float32 (n, n), n odd and not larger than the plane, sum 1.
        fidelity: weight of agreeing with what is there over having few gradients; about 100
            (noisy) to 1000 (clean).

    Returns:
        float32 (h, w).
    """
    rim = psf.shape[0]
    wide = cv2.copyMakeBorder(plane, rim, rim, rim, rim, cv2.BORDER_REFLECT_101)
    shape = _quick_shape(wide.shape)
    wide = cv2.copyMakeBorder(
        wide, 0, shape[0] - wide.shape[0], 0, shape[1] - wide.shape[1], cv2.BORDER_REFLECT_101
    )
    blur = _transfer(psf, shape)
    wide = _tapered(wide, blur, rim)
    sharp, grain = _few_gradients(wide, blur, fidelity)
    bounded = _within_neighbours(sharp, wide) + np.float32(_GRAIN) * grain
    return np.ascontiguousarray(bounded[rim : rim + plane.shape[0], rim : rim + plane.shape[1]])


def _tapered(plane: Plane, blur: Spectrum, rim: int) -> Plane:
    """The plane, running over into its own blur at the edges, where its ends meet.

    Fourier transforms take a picture for one tile of an endless pattern; where its ends do not fit
    each other a deconvolution would ring far into it (Reeves 2005, doi:10.1109/TIP.2005.854474).
    """
    blurred = scipy.fft.irfft2(blur * scipy.fft.rfft2(plane), plane.shape)
    down, across = (_ramp(length, rim) for length in plane.shape)
    inside = down[:, None] * across[None, :]
    return np.asarray(blurred + inside * (plane - blurred), np.float32)


def _ramp(length: int, rim: int) -> Plane:
    """0 at both ends, 1 from `rim` px on inwards."""
    from_edge = np.minimum(np.arange(length) + 0.5, length - np.arange(length) - 0.5)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(from_edge / rim, 1.0)), np.float32)


def _few_gradients(plane: Plane, blur: Spectrum, fidelity: float) -> tuple[Plane, Plane]:
    """The picture of least total variation that the blur turns into the plane; and what is left."""
    shape = plane.shape
    across = _transfer(np.array([[0, -1, 1]], np.float32), shape)
    down = _transfer(np.array([[0], [-1], [1]], np.float32), shape)
    seen = scipy.fft.rfft2(plane)
    wanted = np.float32(fidelity) * np.conj(blur) * seen
    explained = np.float32(fidelity) * (np.abs(blur) ** 2)
    rough = np.abs(across) ** 2 + np.abs(down) ** 2
    found = seen
    for tie in _SPLITS:
        gx = scipy.fft.irfft2(across * found, shape)
        gy = scipy.fft.irfft2(down * found, shape)
        size = np.hypot(gx, gy)
        keep = np.maximum(size - np.float32(1 / tie), 0) / np.maximum(size, np.float32(1e-9))
        smooth = np.conj(across) * scipy.fft.rfft2(gx * keep)
        smooth += np.conj(down) * scipy.fft.rfft2(gy * keep)
        found = (wanted + np.float32(tie) * smooth) / (explained + np.float32(tie) * rough)
    left = scipy.fft.irfft2(seen - blur * found, shape)
    return np.asarray(scipy.fft.irfft2(found, shape), np.float32), np.asarray(left, np.float32)


def _within_neighbours(sharp: Plane, plane: Plane) -> Plane:
    """Cut back what overshoots the values that were there nearby: that is a halo."""
    near = np.ones((_NEAR, _NEAR), np.uint8)
    low, high = cv2.erode(plane, near), cv2.dilate(plane, near)
    room = np.float32(_OVERSHOOT) * (high - low)
    return np.asarray(np.clip(sharp, low - room, high + room), np.float32)


def _transfer(psf: Plane, shape: tuple[int, ...]) -> Spectrum:
    """What a psf does to each frequency of a plane of that shape."""
    laid = np.zeros(shape, np.float32)
    height, width = psf.shape
    laid[:height, :width] = psf
    centred = np.roll(laid, (-(height // 2), -(width // 2)), (0, 1))
    return np.asarray(scipy.fft.rfft2(centred), np.complex64)


def _averaged(fine: Plane, side: int) -> Plane:
    psf = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(psf / psf.sum(), np.float32)


def _quick_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    height, width = (scipy.fft.next_fast_len(px, real=True) for px in shape)
    return height, width
