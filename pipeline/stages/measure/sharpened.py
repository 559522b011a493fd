"""Whether a scanner's driver sharpened the picture: the haloes it leaves beside edges.

An edge that optics soften rises steadily from one side to the other. An unsharp mask makes it dip
before it rises and overshoot after. The edges that run between two even sides are laid over each
other, and what their typical profile has outside the two levels is the halo. Grain that was
sharpened too grows towards the finest frequencies, as no grain does by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.blur_scales import SCALES, FitAt, fits_of
from pipeline.stages.measure.blur_spectrum import ANGLES, grid
from pipeline.stages.measure.dct import BLOCK, of_blocks
from pipeline.stages.measure.jpeg_quality import jpeg_quality_in
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles
from pipeline.stages.measure.sharpened_rule import chance

Plane = NDArray[np.float32]
Profile = NDArray[np.float64]

_REACH = 9  # px looked at on either side of an edge
_FAR = 4  # of them, those that tell the level of a side
_ALONG = (-5.0, -2.5, 0.0, 2.5, 5.0)  # px along an edge over which it must be straight
_MOST_EDGES = 6000
_FEWEST_EDGES = 8
_UNEVEN = 0.07  # of the edge's height, within a side
_CROOKED = 0.10  # the same, along the edge
_LEAST_STEP = 0.05
_LEAST_SLOPE = 0.006
_MOST_NOISE = 0.03
_CLIPPED = 0.004
_AT_ONCE = 8000
_HALO_SIGNS = 16
_RADII = (0.03, 0.06, 0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.35, 0.4, 0.44)  # cycles a px
_ORDERS = (5, 6, 7, 8, 9, 10, 12)
_CALM = 0.02
_MOST_BLOCKS = 40_000
_FEWEST_BLOCKS = 24
_MAD = 0.67448975
_LIKELY = 0.85
"""Chance from which a picture is said to be sharpened: a false alarm sends people scanning anew. On
tuning pictures about one false alarm in a hundred."""


@dataclass(frozen=True)
class Sharpened:
    """What edges say of sharpening.

    Args:
        found: the picture was sharpened.
        ratio: height of the halo over the edge's own, 0 when there is none; None when the picture
            has too few clear edges to tell.
    """

    found: bool
    ratio: float | None

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "found": self.found,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
        }


def sharpened_of(photo: Photo, *, most_px: int = MOST_PX) -> Sharpened:
    """Look for the haloes of sharpening in a photo.

    Args:
        photo: any photo.
        most_px: px looked at of a larger picture.
    """
    planes = luma_tiles(photo, most_px=most_px)
    fits = fits_of(photo, most_px=most_px, scales=SCALES[:1])
    return sharpened_in(planes, noise_in(planes).sigma, fits, jpeg_quality_in(planes))


def sharpened_in(
    planes: Sequence[Plane], noise: float, fits: Sequence[FitAt], quality: int | None
) -> Sharpened:
    """The same from what was measured already.

    Args:
        planes: encoded lightness of tiles of the photo, float32 (H, W), 0..1 each.
        noise: their noise, 0..1.
        fits: the kernels fitted to the photo, in full first.
        quality: at which it was saved as JPEG, or None.
    """
    if not fits or fits[0].scale != 1:
        return Sharpened(False, None)
    edges = edge_profiles(planes, noise)
    halo = halo_signs(edges) if len(edges) >= _FEWEST_EDGES else np.zeros(_HALO_SIGNS)
    signs = signs_of(halo, len(edges), calm_noise(planes), fits[0], quality)
    ratio = None if len(edges) < _FEWEST_EDGES else max(0.0, float(halo[1:5].max()))
    return Sharpened(chance(signs) > _LIKELY, ratio)


def signs_of(
    halo: NDArray[np.float64],
    edges: int,
    calm: NDArray[np.float64],
    full: FitAt,
    quality: int | None,
) -> NDArray[np.float64]:
    """All that speaks for or against sharpening, float64 (40,), for `sharpened_rule.chance`.

    Args:
        halo: see `halo_signs`; zeros when there are too few edges.
        edges: how many there are.
        calm: see `calm_noise`.
        full: spectrum and kernels of the photo in full.
        quality: of JPEG, or None.
    """
    fit, spectrum = full.fit, full.spectrum
    radial = spectrum.power.reshape(ANGLES, -1).mean(axis=0)
    radii = grid(spectrum.tile).radius[: len(radial)]
    curve = np.interp(_RADII, radii, radial)
    return np.concatenate(
        [
            np.clip(halo, -0.4, 1.5),
            [np.log(edges + 5.0)],
            np.diff(calm),
            calm[-1:],
            np.diff(curve),
            curve[-1:],
            [(fit.plain - fit.mask) / 20.0, fit.softness, fit.slope, fit.plain / 30.0],
            [(100 if quality is None else quality) / 30.0],
        ]
    )


def calm_noise(planes: Sequence[Plane]) -> NDArray[np.float64]:
    """ln of noise (255ths) in the calmest blocks, from middle to the finest frequencies.

    Noise does not grow towards the finest frequencies by itself; sharpened noise does.

    Returns:
        float64 (7,), for u + v of 5 to 10 and 12 of the DCT.
    """
    blocks = np.concatenate([_blocks(plane) for plane in planes])
    if len(blocks) > _MOST_BLOCKS:
        blocks = blocks[:: len(blocks) // _MOST_BLOCKS]
    blocks = blocks[~((blocks < 0.002) | (blocks > 0.998)).any(axis=(1, 2))]
    if len(blocks) < _FEWEST_BLOCKS:
        return np.full(len(_ORDERS), np.log(0.05))
    spectra = of_blocks(blocks)
    order = np.add.outer(np.arange(BLOCK), np.arange(BLOCK))
    energy = (spectra[:, (order > 0) & (order <= 4)] ** 2).sum(axis=1)
    calm = np.argsort(energy, kind="stable")[: max(_FEWEST_BLOCKS, int(_CALM * len(energy)))]
    size = np.median(np.abs(spectra[calm]), axis=0) / _MAD * 255.0
    levels = [np.sqrt((size[order == each] ** 2).mean()) for each in _ORDERS]
    return np.asarray(np.log(np.array(levels) + 0.05), np.float64)


def _blocks(plane: Plane) -> Plane:
    """(N, 8, 8): blocks that straddle the grid of JPEG, whose steps would hide the noise."""
    inner = plane[BLOCK // 2 :, BLOCK // 2 :]
    rows, columns = inner.shape[0] // BLOCK, inner.shape[1] // BLOCK
    if rows < 1 or columns < 1:
        return np.zeros((0, BLOCK, BLOCK), np.float32)
    whole = inner[: rows * BLOCK, : columns * BLOCK]
    return whole.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def halo_signs(edges: Profile) -> NDArray[np.float64]:
    """What the sharpest edges show.

    Args:
        edges: (n, 19), see `edge_profiles`, n >= 3.

    Returns:
        float64 (16,): slope in the middle of the sharpest third of the edges; their median halo
        at 1..6 px (over- and undershoot halved), its lower quartile at 1..4 px; quartiles of
        each edge's highest halo; the quartiles of the lower of over- and undershoot.
    """
    slope = edges[:, _REACH + 1] - edges[:, _REACH - 1]
    sharpest = edges[np.argsort(-slope, kind="stable")[: max(3, len(edges) // 3)]]
    over, under = sharpest[:, _REACH + 1 : _REACH + 7] - 1.0, -sharpest[:, _REACH - 1 : 2 : -1]
    halo = (over + under) / 2
    both = np.minimum(over.max(axis=1), under.max(axis=1))
    return np.concatenate(
        [
            [float(np.median(slope[np.argsort(-slope)[: len(sharpest)]]))],
            np.median(halo, axis=0),
            np.quantile(halo[:, :4], 0.25, axis=0),
            np.quantile(halo.max(axis=1), (0.25, 0.5)),
            np.quantile(both, (0.25, 0.5, 0.75)),
        ]
    )


def edge_profiles(planes: Sequence[Plane], noise: float) -> Profile:
    """Profiles across straight, clear edges between two even sides.

    Args:
        planes: float32 (H, W), 0..1 each.
        noise: their noise, 0..1.

    Returns:
        float64 (n, 19): levels at -9..9 px across each edge, from 0 on its dark side to 1.
    """
    most = max(300, _MOST_EDGES // len(planes))
    return np.concatenate([_edges(plane, min(noise, _MOST_NOISE), most) for plane in planes])


def _edges(plane: Plane, noise: float, most: int) -> Profile:
    if min(plane.shape) < 6 * _REACH:
        return np.zeros((0, 2 * _REACH + 1))
    x, y, across, down = _crests(plane, noise, most)
    if len(x) == 0:
        return np.zeros((0, 2 * _REACH + 1))
    along = np.array(_ALONG, np.float32)[None, :, None]
    away = np.arange(-_REACH, _REACH + 1, dtype=np.float32)[None, None]
    at_x = x[:, None, None] + across[:, None, None] * away - down[:, None, None] * along
    at_y = y[:, None, None] + down[:, None, None] * away + across[:, None, None] * along
    seen = _sampled(plane, at_x, at_y)
    typical = seen.mean(axis=1)
    dark, light = seen[..., :_FAR], seen[..., -_FAR:]
    step = light.mean(axis=(1, 2)) - dark.mean(axis=(1, 2))
    uneven = np.maximum(dark.std(axis=(1, 2)), light.std(axis=(1, 2)))
    crooked = np.sqrt(((seen - typical[:, None]) ** 2).mean(axis=(1, 2)))
    clear = step > max(_LEAST_STEP, 6 * noise)
    clear &= (uneven < _UNEVEN * step + 1.3 * noise) & (crooked < _CROOKED * step + 1.3 * noise)
    clear &= (seen.min(axis=(1, 2)) > _CLIPPED) & (seen.max(axis=(1, 2)) < 1 - _CLIPPED)
    level = dark.mean(axis=(1, 2))[clear]
    return np.asarray((typical[clear] - level[:, None]) / step[clear, None], np.float64)


def _crests(plane: Plane, noise: float, most: int) -> tuple[Plane, Plane, Plane, Plane]:
    """Places (x, y) of the steepest crests, and the unit vectors across them."""
    soft = cv2.GaussianBlur(plane, (0, 0), 1.2)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    steep = cv2.magnitude(across, down)
    thick = cv2.dilate(steep, np.ones((5, 5), np.uint8))
    crest = (steep >= thick) & (steep > max(_LEAST_SLOPE, 1.2 * noise))
    rim = _REACH + 6
    crest[:rim], crest[-rim:], crest[:, :rim], crest[:, -rim:] = False, False, False, False
    rows, columns = np.nonzero(crest)
    kept = np.argsort(-steep[rows, columns], kind="stable")[:most]
    rows, columns = rows[kept], columns[kept]
    size = steep[rows, columns]
    return (
        columns.astype(np.float32),
        rows.astype(np.float32),
        np.asarray(across[rows, columns] / size, np.float32),
        np.asarray(down[rows, columns] / size, np.float32),
    )


def _sampled(plane: Plane, x: Plane, y: Plane) -> Plane:
    """A plane at places between px; in parts, because remap takes 32767 rows at most."""
    shape = x.shape
    x, y = (place.reshape(len(place), -1).astype(np.float32) for place in (x, y))
    seen = np.empty(x.shape, np.float32)
    for top in range(0, len(x), _AT_ONCE):
        part = slice(top, top + _AT_ONCE)
        seen[part] = cv2.remap(plane, x[part], y[part], cv2.INTER_LINEAR)
    return seen.reshape(shape)
