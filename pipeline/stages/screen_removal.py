"""Taking a printing screen or a paper's texture out of a print, in the frequency domain.

In overlapping windows every wave of the screen, and where waves of it add up, is lowered to what
stands around it in the spectrum, and no further: what the picture itself holds at these
frequencies stays (soft notches, Sur, Grediac 2015, doi:10.1109/TIP.2015.2405343). Dots of ink are
averaged by the eye as light, so a halftone is worked on in linear light; gloss of paper is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter

from pipeline.core.photo import Photo, Pixels
from pipeline.core.progress import Progress
from pipeline.stages.measure.screen import Peak, Screen
from pipeline.stages.pieces import SIDE, Piece, work_in_pieces

Plane = NDArray[np.float32]
Frequencies = NDArray[np.floating]

WINDOW = 128
_HOP = WINDOW // 2
_GAMMA = 2.2
_WIDTH = {"halftone": 3.0, "texture": 2.5}
"""Radius of a notch in the spectrum of a window, bins: dots are modulated by the picture."""
_BACKGROUND = 0.7
"""Share of the power around a notch that is left in it: the ring holds some of the screen too."""
_SURPLUS = 1.3
"""How much more of a wave of paper than its mean is taken away at most: gloss varies."""
_DOTS = (0.45, 0.65)
"""Frequencies over the screen's between which the picture ends and dots begin."""
_MODEL = 0.4
"""Frequency over the screen's that tells what the picture may hold beyond."""
_SLOPE = 5.0
"""How fast a picture's power falls with frequency there, the soft spot of a dot counted in."""
_COARSEST = 5.0
"""Bins from frequency 0 within which nothing is touched."""


@dataclass(frozen=True)
class _Notch:
    """Where a window's half spectrum is lowered.

    `inside` are the bins (flat), `share` how far each is lowered, `ring` the bins around that tell
    how far down; `most` is the amplitude that is taken away at most.
    """

    inside: NDArray[np.intp]
    share: NDArray[np.float32]
    ring: NDArray[np.intp]
    most: float


def without_screen(
    photo: Photo, screen: Screen, *, side: int = SIDE, progress: Progress | None = None
) -> Photo:
    """A photo without its screen.

    Args:
        photo: any photo.
        screen: as found on it; not "none".
        side: px of a piece, a multiple of 64.
        progress: told of each piece.
    """
    notches, beyond = _notches(screen), _beyond(screen)
    gamma = _GAMMA if screen.kind == "halftone" else 1.0

    def work(part: Pixels, piece: Piece) -> Pixels:
        del piece
        planes = part[..., 1:2] if photo.monochrome else part
        light = np.clip(planes, 0, 1) ** np.float32(gamma)
        made = [_notched(light[..., c], notches, beyond) for c in range(light.shape[2])]
        result = np.clip(np.stack(made, axis=2), 0, 1) ** np.float32(1 / gamma)
        return np.broadcast_to(result, part.shape)

    return work_in_pieces(photo, work, margin=WINDOW, side=side, progress=progress, label="screen")


def _notches(screen: Screen) -> list[_Notch]:
    width = _WIDTH[screen.kind]
    down = (np.fft.fftfreq(WINDOW) * WINDOW)[:, None]
    across = np.arange(WINDOW // 2 + 1)[None, :]
    coarse = np.hypot(down, across)
    waves = _waves(screen)
    places = [(wave[0] * WINDOW, wave[1] * WINDOW) for wave in waves]
    apart = [
        np.minimum(
            _around(down - y, across - x),
            _around(down + y, across + x),
        )
        for x, y in places
    ]
    nearest = np.min(apart, axis=0)
    notches = []
    for (_, _, strength), distance in zip(waves, apart, strict=True):
        share = np.exp(-((distance / width) ** 4)).astype(np.float32)
        share *= np.clip((coarse - _COARSEST) / _COARSEST, 0, 1)
        inside = np.flatnonzero(share > 0.02)
        ring = np.flatnonzero(
            (distance > 1.3 * width)
            & (distance < 2.6 * width)
            & (nearest > 1.3 * width)
            & (coarse > 2)
        )
        if len(inside) and len(ring) >= 8:
            notches.append(_Notch(inside, share.ravel()[inside], ring, _most(screen, strength)))
    return notches


def _most(screen: Screen, strength: float) -> float:
    """Amplitude in a window's spectrum that a wave of paper can have; dots may have any."""
    if screen.kind == "halftone":
        return float("inf")
    # A wave's rms times sqrt(2) is its amplitude, half of which goes to either frequency.
    return _SURPLUS * strength / float(np.sqrt(2)) * float(_window().sum())


def _window() -> Plane:
    slope = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW).astype(np.float32)
    return np.outer(slope, slope)


def _around(down: Frequencies, across: Frequencies) -> Frequencies:
    """Distance in bins, where frequencies beyond the Nyquist frequency come back."""
    down, across = (np.abs((d + WINDOW / 2) % WINDOW - WINDOW / 2) for d in (down, across))
    return np.asarray(np.hypot(down, across))


def _waves(screen: Screen) -> list[tuple[float, float, float]]:
    """(across, down) in cycles a px and rms of the waves found and of what dots make together."""
    best = screen.peaks[0]
    first = [p for p in screen.peaks if p.frequency < 1.5 * best.frequency][:6]
    waves = [(peak.across, peak.down, peak.strength) for peak in screen.peaks]
    if screen.kind == "texture":
        return waves
    sums = [
        (i * one.across + j * other.across, i * one.down + j * other.down)
        for one, other in _pairs(first)
        for i, j in ((1, 1), (1, -1), (2, 0), (0, 2), (2, 1), (2, -1), (1, 2), (1, -2))
    ]
    coarsest = 0.45 * min(peak.frequency for peak in first)
    for x, y in [((x + 0.5) % 1 - 0.5, (y + 0.5) % 1 - 0.5) for x, y in sums]:
        if np.hypot(x, y) > coarsest and all(
            min(np.hypot(x - a, y - b), np.hypot(x + a, y + b)) > 1.5 / WINDOW for a, b, _ in waves
        ):
            waves.append((x, y, 0.0))
    return waves


def _pairs(peaks: list[Peak]) -> list[tuple[Peak, Peak]]:
    return [(a, b) for (m, a), (n, b) in product(enumerate(peaks), repeat=2) if m < n]


def _notched(plane: Plane, notches: list[_Notch], finer: _Beyond | None) -> Plane:
    height, width = plane.shape
    rows, columns = (-(-side // _HOP) + 1 for side in (height, width))
    beyond = (
        (_HOP, (rows - 1) * _HOP - height + _HOP),
        (_HOP, (columns - 1) * _HOP - width + _HOP),
    )
    padded = np.pad(plane, beyond, mode="symmetric")
    window = _window()
    total = np.zeros_like(padded)
    for row in range(rows):
        lines = slice(row * _HOP, row * _HOP + WINDOW)
        cut = np.stack(
            [padded[lines, c * _HOP : c * _HOP + WINDOW] * window for c in range(columns)]
        )
        spectrum = fft.rfft2(cut)
        _lower(spectrum.reshape(columns, -1), notches)
        if finer is not None:
            _lower_beyond(spectrum.reshape(columns, -1), finer)
        made = fft.irfft2(spectrum, s=(WINDOW, WINDOW)) * window
        for c in range(columns):
            total[lines, c * _HOP : c * _HOP + WINDOW] += made[c]
    return total[_HOP : _HOP + height, _HOP : _HOP + width]


@dataclass(frozen=True)
class _Beyond:
    """Where a halftone holds dots and no picture: what a bin may hold is told by a coarser one.

    `inside` are the bins (flat), `share` how far each is lowered, `model` a coarser bin in the
    same direction, `fall` how much less power a picture holds at the finer one.
    """

    inside: NDArray[np.intp]
    share: NDArray[np.float32]
    model: NDArray[np.intp]
    fall: NDArray[np.float32]


def _beyond(screen: Screen) -> _Beyond | None:
    """For dots of ink, None for paper."""
    if screen.kind != "halftone":
        return None
    lines = WINDOW / screen.period_px
    down = (np.fft.fftfreq(WINDOW) * WINDOW)[:, None] + np.zeros((1, WINDOW // 2 + 1))
    across = np.arange(WINDOW // 2 + 1)[None, :] + np.zeros((WINDOW, 1))
    fine = np.hypot(down, across)
    start, full = (part * lines for part in _DOTS)
    share = np.clip((fine - start) / (full - start), 0, 1).astype(np.float32)
    factor = _MODEL * lines / np.maximum(fine, 1)
    rows = np.rint(down * factor).astype(int) % WINDOW
    model = rows * (WINDOW // 2 + 1) + np.rint(across * factor).astype(int)
    inside = np.flatnonzero(share > 0)
    fall = np.minimum(1, factor) ** _SLOPE
    return _Beyond(
        inside,
        share.ravel()[inside],
        model.ravel()[inside],
        fall.astype(np.float32).ravel()[inside],
    )


def _lower_beyond(spectra: NDArray[np.complex64], beyond: _Beyond) -> None:
    power = (spectra.real**2 + spectra.imag**2).reshape(len(spectra), WINDOW, -1)
    usual = uniform_filter(power, (0, 3, 3), mode="wrap").reshape(len(spectra), -1)
    usual = usual[:, beyond.model] * beyond.fall
    inside = power.reshape(len(spectra), -1)[:, beyond.inside]
    gain = np.sqrt(np.minimum(1, usual / np.maximum(inside, 1e-20)))
    spectra[:, beyond.inside] *= 1 - beyond.share * (1 - gain)


def _lower(spectra: NDArray[np.complex64], notches: list[_Notch]) -> None:
    """Every wave lowered to what stands around it, in place."""
    power = spectra.real**2 + spectra.imag**2
    for notch in notches:
        # The median of an exponential distribution is ln 2 of its mean.
        usual = np.median(power[:, notch.ring], axis=1) * np.float32(_BACKGROUND / np.log(2))
        inside = power[:, notch.inside]
        inside = np.maximum(inside, 1e-20)
        gain = np.sqrt(np.minimum(1, usual[:, None] / inside))
        gain = np.maximum(gain, 1 - notch.most / np.sqrt(inside))
        lowered = 1 - notch.share * (1 - gain)
        spectra[:, notch.inside] *= lowered
        power[:, notch.inside] *= lowered**2
