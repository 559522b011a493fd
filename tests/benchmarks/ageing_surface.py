"""What lies over a picture that is no picture: film grain, scanner noise, screens, paper texture.

Each function takes a clean picture, float32 (h, w, 3) in 0..1, and gives the aged one; all that
falls at random comes from the generator it is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

_FINE = 4
"""Samples a side for each px of a screened print, so that the dots' edges are seen."""

_INK_TURNS = (15.0, 75.0, 0.0, 45.0)
"""Degrees of the cyan, magenta, yellow and black screens: the usual angles of offset printing."""


def grained(
    picture: Image, sigma: float, size_px: float, random: np.random.Generator, *, dyes: float = 0.5
) -> Image:
    """Film grain: correlated, and strongest in the middle tones.

    Grains are opaque and few: the variance of transmission is that of a share t of clear film,
    t (1 - t), times the area of a grain (Selwyn's law); a grain's blur in enlarging gives it its
    size. Colour film has three layers whose grains fall independently.

    Args:
        picture: clean.
        sigma: standard deviation at middle grey, 0..1.
        size_px: sigma of a grain's spot, px; 0 gives grains of one px.
        random: where grains fall.
        dyes: 0..1, how independent the three layers' grains are; a grey picture's are one.
    """
    shape = picture.shape[:2]
    grain = _spots(shape, size_px, random)[..., None]
    if dyes > 0 and not is_grey(picture):
        layers = np.stack([_spots(shape, size_px, random) for _ in range(3)], axis=2)
        grain = np.sqrt(1 - dyes**2) * grain + dyes * layers
    clear = np.clip(picture, 0.02, 0.98)
    amount = 2 * np.sqrt(clear * (1 - clear))
    aged: Image = np.clip(picture + np.float32(sigma) * amount * grain, 0, 1).astype(np.float32)
    return aged


def scanned_noisily(picture: Image, sigma: float, random: np.random.Generator) -> Image:
    """A scanner's sensor: white noise, its variance rising with light (shot) over a floor (read).

    Args:
        picture: clean.
        sigma: standard deviation at middle grey, 0..1, in the encoded picture.
        random: the noise.
    """
    noise = random.standard_normal(picture.shape).astype(np.float32)
    if is_grey(picture):
        noise = noise[..., :1]
    # Encoding with a gamma of 2.2 raises what is dark by more than what is light.
    light = np.clip(picture, 0.02, 1) ** 2.2
    amount = np.sqrt(0.3 + 0.7 * light / 0.218) * (np.clip(picture, 0.15, 1) / 0.5) ** -1.2
    aged: Image = np.clip(picture + np.float32(sigma) * amount * noise, 0, 1).astype(np.float32)
    return aged


def noisy(picture: Image, sigma: float, random: np.random.Generator) -> Image:
    """White Gaussian noise of standard deviation `sigma` (0..1), independent in each channel."""
    noise = random.standard_normal(picture.shape).astype(np.float32)
    aged: Image = picture + np.float32(sigma) * (noise[..., :1] if is_grey(picture) else noise)
    return np.clip(aged, 0, 1)


@dataclass(frozen=True)
class Halftone:
    """How a picture was printed and scanned.

    Args:
        lines_inch: lines of dots an inch of the screen, 85 (newspaper) to 150 (magazine).
        dpi: samples an inch of the scan.
        aperture_px: sigma of the scanner's spot, px: how far dots run into each other.
        turn: degrees the print lies askew on the glass.
        gain: how much dots spread in the paper, 0..1 (0.15: coated paper).
    """

    lines_inch: float
    dpi: float
    aperture_px: float = 0.6
    turn: float = 0.0
    gain: float = 0.15

    @property
    def period_px(self) -> float:
        """px of the scan from one line of dots to the next."""
        return self.dpi / self.lines_inch


def halftoned(picture: Image, screen: Halftone) -> Image:
    """Print a picture with amplitude-modulated screens and scan it.

    A colour picture is parted into cyan, magenta, yellow and black (grey component replacement of
    a half), each screened at its own angle with round dots by thresholding against a cosine spot
    function, laid over each other with ideal inks (Demichel's equations hold by construction) and
    seen through the scanner's spot. A grey one is printed in black at 45 degrees.

    Args:
        picture: clean, encoded with about sRGB's curve.
        screen: see `Halftone`.
    """
    height, width = picture.shape[:2]
    size = (width * _FINE, height * _FINE)
    fine = cv2.resize(np.clip(picture, 0, 1), size, interpolation=cv2.INTER_CUBIC)
    light = np.clip(fine, 0, 1) ** 2.2
    period = screen.period_px * _FINE
    if is_grey(picture):
        cover = _dots(1 - light[..., 0], period, 45.0 + screen.turn, screen.gain)
        paper = np.repeat((1 - 0.97 * cover)[..., None], 3, axis=2)
    else:
        paper = _four_inks(light, period, screen)
    seen = cv2.GaussianBlur(paper, (0, 0), max(0.3, screen.aperture_px) * _FINE)
    seen = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA)
    printed: Image = np.clip(seen, 0, 1) ** np.float32(1 / 2.2)
    return printed


def unscreened(picture: Image, screen: Halftone) -> Image:
    """The same print with inks of continuous tone: what removing a screen ideally gives back."""
    fine = np.clip(picture, 0, 1) ** np.float32(2.2)
    if is_grey(picture):
        shown = 1 - 0.97 * _spread_cover(1 - fine, screen.gain)
    else:
        inks, black = _parted(fine)
        shown = np.prod([1 - 0.97 * _spread_cover(black, screen.gain)[..., None]], axis=0)
        shown = shown * (1 - _INK * _spread_cover(inks, screen.gain))
    seen = cv2.GaussianBlur(shown.astype(np.float32), (0, 0), max(0.3, screen.aperture_px))
    made: Image = np.clip(seen, 0, 1) ** np.float32(1 / 2.2)
    return made


def silken(
    picture: Image,
    period_px: float,
    strength: float,
    random: np.random.Generator,
    *,
    turn: float = 0.0,
    honeycomb: bool = True,
) -> Image:
    """Silk or lustre paper: a surface of small bumps, lit from one side by the scanner's lamp.

    The lamp of a flatbed stands on one side of the slit, so slopes towards it shine and slopes
    away are dark: brightness follows the derivative of the height along the carriage's way. The
    gloss is added light, a little stronger where the print is dark.

    Args:
        picture: clean.
        period_px: px from bump to bump.
        strength: standard deviation of the added brightness at middle grey, 0..1.
        random: the small irregularity of the embossing.
        turn: degrees of the pattern.
        honeycomb: bumps in a hexagonal lattice (silk); else in a square one (linen, lustre).
    """
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wander = [cv2.GaussianBlur(_spots((height, width), 12.0, random), (0, 0), 8) for _ in range(2)]
    x, y = x + 0.12 * period_px * wander[0], y + 0.12 * period_px * wander[1]
    turns = (0.0, 60.0, 120.0) if honeycomb else (0.0, 90.0)
    bumps = np.zeros((height, width), np.float32)
    for own in turns:
        angle = np.radians(own + turn)
        wave = 2 * np.pi / period_px * (np.cos(angle) * x + np.sin(angle) * y)
        bumps += np.cos(wave).astype(np.float32)
    bumps = np.exp(0.7 * bumps)  # domes with creases between them: harmonics as paper has
    slope = cv2.Sobel(bumps, cv2.CV_32F, 0, 1) + 0.35 * cv2.Sobel(bumps, cv2.CV_32F, 1, 0)
    slope = (slope - slope.mean()) / slope.std()
    gloss = np.float32(strength) * (1.25 - 0.5 * np.clip(picture, 0, 1))
    aged: Image = np.clip(picture + gloss * slope[..., None], 0, 1).astype(np.float32)
    return aged


_INK = np.array([0.95, 0.92, 0.88], np.float32)
"""How much of its own third of the spectrum a solid of cyan, magenta and yellow takes away."""


def is_grey(picture: Image) -> bool:
    """Whether the three channels are one."""
    return bool(np.array_equal(picture[..., 0], picture[..., 2]))


def _parted(light: Image) -> tuple[Image, Image]:
    """Cover of cyan, magenta, yellow (h, w, 3) and of black (h, w), for linear light."""
    wanted = 1 - light
    black = 0.5 * wanted.min(axis=2)
    inks = np.clip((wanted - black[..., None]) / (1 - black[..., None]), 0, 1)
    return inks, black


def _four_inks(light: Image, period: float, screen: Halftone) -> Image:
    inks, black = _parted(light)
    turns = [turn + screen.turn for turn in _INK_TURNS]
    covers = [_dots(inks[..., i], period, turns[i], screen.gain) for i in range(3)]
    dark = _dots(black, period, turns[3], screen.gain)
    paper = np.stack(covers, axis=2)
    made: Image = (1 - _INK * paper) * (1 - 0.97 * dark[..., None])
    return made


def _spread_cover(cover: Image, gain: float) -> Image:
    spread: Image = np.clip(cover + 4 * np.float32(gain) * cover * (1 - cover) * 0.5, 0, 1)
    return spread


def _dots(cover: Image, period: float, turn: float, gain: float) -> Image:
    """Round dots of a share of the area: 1 where there is ink, with edges a sample soft."""
    height, width = cover.shape
    angle = np.radians(turn)
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    pace = np.float32(2 * np.pi / period)
    along = np.cos(pace * (np.cos(angle) * x + np.sin(angle) * y))
    across = np.cos(pace * (-np.sin(angle) * x + np.cos(angle) * y))
    spot = (along + across) / 4 + 0.5
    # The spot function's own distribution makes a threshold of a tone cover just its share.
    ranked = spot[:: max(1, height // 400), :: max(1, width // 400)].ravel()
    table = np.quantile(ranked, np.linspace(1, 0, 1024)).astype(np.float32)
    level = table[np.rint(_spread_cover(cover, gain) * 1023).astype(np.int16)]
    soft = np.float32(period / 4)
    inked: Image = np.clip((spot - level) * soft + 0.5, 0, 1)
    return inked.astype(np.float32)


def _spots(shape: tuple[int, ...], size_px: float, random: np.random.Generator) -> Image:
    """Noise of unit variance, correlated like spots of a Gaussian of `size_px`."""
    noise = random.standard_normal(shape[:2]).astype(np.float32)
    if size_px <= 0:
        return noise
    wide: Image = cv2.GaussianBlur(noise, (0, 0), size_px, borderType=cv2.BORDER_REFLECT)
    return wide / np.float32(wide.std())
