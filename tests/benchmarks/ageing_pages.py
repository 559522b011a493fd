"""Flatbed pages as families scan them, generated, with the true outline of every print.

The model, in physical order: paper prints (`page_prints`) lie on the glass, or are mounted on an
album's sheet; the lid (foam, white, grey or black, never perfectly even) or the sheet is behind
them. The lamp shines along the carriage, so that a print's thickness throws a soft shadow on one
side, and the lid that stands off near its edges darkens all around it. Then dust and hairs on the
glass, a lamp weaker at its ends, the optics' blur, the sensor's noise. Rectangles in millimetres,
angles in degrees; everything comes from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.demo.flatbed import LID_COLOURS, Laid, LidKind, covered, scan_page
from tests.benchmarks.page_layout import Place, laid_apart, laid_touching
from tests.benchmarks.page_prints import Border, Edge, paper_print, paper_tone

Image = NDArray[np.float32]
Points = NDArray[np.float64]

Kind = Literal["apart", "white_on_white", "touching", "album", "no_margin"]
KINDS: tuple[Kind, ...] = (
    "apart", "apart", "apart", "white_on_white", "touching",
    "apart", "album", "white_on_white", "touching", "no_margin",
)  # fmt: skip
"""What the pages are in turn: 4 of 10 with prints apart on any lid, 2 white-bordered on white, 2
touching, 1 of an album, 1 a single picture that fills the scan."""

STRIP_MM = 10.0
"""Beside an album's sheet the lid shows no wider than this, and no photo reaches over it."""


@dataclass(frozen=True, eq=False)
class Page:
    """One generated scan.

    Args:
        pixels: float32 (h, w, 3) in 0..1.
        dpi: scan px per inch of paper.
        kind: what it shows.
        lid: the lid's kind, or "album" for a sheet.
        quads: the true corners (4, 2) of each print in continuous px, clockwise from the top
            left; of deckle-edged paper the outermost. Empty where there is nothing to cut.
        angles: how far each is turned clockwise, degrees.
    """

    pixels: Image
    dpi: float
    kind: Kind
    lid: str
    quads: tuple[Points, ...]
    angles: tuple[float, ...]


def page(seed: int) -> Page:
    """The page of a seed; odd seeds show held-out pictures only."""
    random = np.random.default_rng([seed, 417])
    kind = KINDS[(seed // 2) % len(KINDS)]
    if kind == "no_margin":
        return _no_margin(seed, random)
    dpi, bed = _bed(random)
    size = (round(bed[0] * dpi / 25.4), round(bed[1] * dpi / 25.4))
    per_mm = dpi / 25.4
    places = _places(kind, bed, random)
    if kind == "album":
        return _album(seed, random, size, per_mm, places)
    lid: LidKind = "white"
    if kind != "white_on_white":
        lid = ("white", "black", "grey")[int(random.choice(3, p=(0.5, 0.3, 0.2)))]
    bordered = kind == "white_on_white"
    laid = [
        _one_print(seed + 1000 * number, place, per_mm, random, white_border=bordered)
        for number, place in enumerate(places)
    ]
    colour = np.array(LID_COLOURS[lid], np.float32) + np.float32(random.uniform(-0.02, 0.02))
    ground = np.broadcast_to(colour, (size[1], size[0], 3)).astype(np.float32)
    if lid != "black":
        ground = _shadowed(ground, laid, per_mm, random)
    pixels = _scanned(ground, laid, per_mm, seed, random)
    return Page(pixels, dpi, kind, lid, *_truth(laid))


def _bed(random: np.random.Generator) -> tuple[float, tuple[float, float]]:
    """(dpi, (width, height) mm): the whole bed, or a part of it at a finer setting."""
    chance = random.random()
    if chance < 0.12:
        return 300.0, (float(random.uniform(115, 130)), float(random.uniform(140, 152)))
    if chance < 0.20:
        return 600.0, (float(random.uniform(55, 68)), float(random.uniform(64, 76)))
    return float(random.choice([100, 120, 150])), (215.9, 297.0)


def _places(kind: Kind, bed: tuple[float, float], random: np.random.Generator) -> list[Place]:
    small = bed[1] < 160
    if kind == "touching":
        return laid_touching(bed, random)
    most = 1 if bed[1] < 100 else 2 if small else 5 if kind == "album" else 8
    count = int(random.integers(1, most + 1))
    if kind == "album":
        return laid_apart((bed[0] - STRIP_MM, bed[1]), count, random, 4.0)
    return laid_apart(bed, count, random, 20.0)


def _one_print(
    seed: int,
    place: Place,
    per_mm: float,
    random: np.random.Generator,
    *,
    white_border: bool = False,
) -> Laid:
    border: Border = "white"
    if not white_border:
        border = ("none", "white", "instant")[int(random.choice(3, p=(0.5, 0.42, 0.08)))]
    edge: Edge = ("straight", "deckle", "rounded")[int(random.choice(3, p=(0.7, 0.15, 0.15)))]
    if edge == "deckle":
        border = "white"
    size = (round(place.size[0] * per_mm), round(place.size[1] * per_mm))
    tone = paper_tone(random, white=white_border)
    pixels, cover = paper_print(seed, size, per_mm, random, border=border, edge=edge, tone=tone)
    centre = (place.centre[0] * per_mm, place.centre[1] * per_mm)
    return Laid(pixels, centre, place.angle, cover)


def _truth(laid: list[Laid]) -> tuple[tuple[Points, ...], tuple[float, ...]]:
    return tuple(one.quad for one in laid), tuple(one.angle for one in laid)


def _shadowed(ground: Image, laid: list[Laid], per_mm: float, random: np.random.Generator) -> Image:
    """The lid with the shadows of the prints: thrown by the lamp, and where the foam stands off."""
    size = (ground.shape[1], ground.shape[0])
    paper = np.zeros(size[::-1], np.float32)
    for one in laid:
        paper = np.maximum(paper, covered(one, size))
    thickness = random.uniform(0.2, 0.45) * per_mm
    shift = np.array([[1, 0, 0.35 * thickness], [0, 1, thickness]])
    thrown = cv2.GaussianBlur(cv2.warpAffine(paper, shift, size), (0, 0), 0.6 * thickness)
    around = cv2.GaussianBlur(paper, (0, 0), 1.8 * thickness)
    darker = random.uniform(0.03, 0.18) * thrown + random.uniform(0.01, 0.06) * around
    shaded: Image = np.ascontiguousarray(ground * (1 - darker[..., None]), dtype=np.float32)
    return shaded


def _scanned(
    ground: Image, laid: list[Laid], per_mm: float, seed: int, random: np.random.Generator
) -> Image:
    """What the scanner makes of it: dust, hairs, uneven lamp, blur, noise."""
    size = (ground.shape[1], ground.shape[0])
    specks = int(random.integers(5, 60))
    pixels = scan_page(size, laid, noise=0.0, specks=specks, seed=seed, ground=ground)
    for _ in range(int(random.integers(0, 5))):
        _hair(pixels, per_mm, random)
    across = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    falloff = np.float32(random.uniform(0, 0.035)) * across**2
    falloff = falloff + np.float32(random.uniform(-0.01, 0.01)) * across
    pixels *= (1 - falloff)[..., None]
    pixels = cv2.GaussianBlur(pixels, (0, 0), float(random.uniform(0.3, 0.7)))
    noise = random.standard_normal(pixels.shape, dtype=np.float32)
    pixels += noise * np.float32(random.uniform(0.002, 0.008))
    scanned: Image = np.round(np.clip(pixels, 0, 1) * 255) / np.float32(255)
    return scanned


def _hair(pixels: Image, per_mm: float, random: np.random.Generator) -> None:
    start = random.uniform(0, 1, 2) * pixels.shape[1::-1]
    turn = np.cumsum(random.normal(0, 0.25, 14)) + random.uniform(0, 6.3)
    steps = np.stack([np.cos(turn), np.sin(turn)], 1) * random.uniform(0.2, 0.8) * per_mm
    path = np.round(start + np.cumsum(steps, axis=0)).astype(np.int32)
    shade = float(random.uniform(0.3, 0.8))
    cv2.polylines(pixels, [path], False, (shade,) * 3, 1, cv2.LINE_AA)


def _no_margin(seed: int, random: np.random.Generator) -> Page:
    """A single print scanned to its edge: the picture alone, or with its even white border."""
    dpi = float(random.choice([150.0, 300.0, 600.0]))
    width, height = (int(v) for v in random.integers(700, 1200, 2))
    border: Border = "white" if random.random() < 0.3 else "none"
    tone = paper_tone(random)
    per_mm = dpi / 25.4 if border == "none" else width / 120.0
    pixels, _ = paper_print(
        seed, (width, height), per_mm, random, border=border, edge="straight", tone=tone
    )
    scanned = _scanned(pixels, [], dpi / 25.4, seed, random)
    return Page(scanned, dpi, "no_margin", "none", (), ())


def _album(
    seed: int,
    random: np.random.Generator,
    size: tuple[int, int],
    per_mm: float,
    places: list[Place],
) -> Page:
    """Photos mounted on a sheet, with photo corners and captions; the lid may show beside it."""
    dark = random.random() < 0.6
    level = random.uniform(0.08, 0.25) if dark else random.uniform(0.72, 0.86)
    warm = random.uniform(0.0, 0.35 if dark else 0.18)
    colour = level * np.array([1.0, 1 - 0.45 * warm, 1 - warm], np.float32)
    shape = (size[1], size[0], 3)
    ground = np.broadcast_to(colour, shape).astype(np.float32) * _fibres(size, per_mm, random)
    if random.random() < 0.4:
        strip = round(random.uniform(0.3, 1.0) * STRIP_MM * per_mm)
        ground[:, -strip:] = LID_COLOURS["white"]
        ground[:, -strip - max(1, round(0.4 * per_mm)) : -strip] *= np.float32(0.7)
    laid = [
        _one_print(seed + 1000 * number, place, per_mm, random)
        for number, place in enumerate(places)
    ]
    ground = _shadowed(ground, laid, per_mm, random)
    _captions(ground, laid, per_mm, random, dark)
    mounts = "corners" if random.random() < 0.6 else "glue"
    mounted = [_with_corners(one, per_mm, random) if mounts == "corners" else one for one in laid]
    pixels = _scanned(ground, mounted, per_mm, seed, random)
    return Page(pixels, per_mm * 25.4, "album", "album", *_truth(laid))


def _fibres(size: tuple[int, int], per_mm: float, random: np.random.Generator) -> Image:
    """The sheet's unevenness, (h, w, 1) around 1: fibres of half a millimetre, slow blotches."""
    noise = random.standard_normal((size[1], size[0]), dtype=np.float32)
    fine = cv2.GaussianBlur(noise, (0, 0), 0.25 * per_mm)
    coarse = cv2.GaussianBlur(noise, (0, 0), 6.0 * per_mm)
    amount = random.uniform(0.005, 0.03)
    uneven = 1 + amount * (fine / fine.std() + 0.6 * coarse / coarse.std())
    result: Image = uneven[..., None].astype(np.float32)
    return result


def _captions(
    ground: Image, laid: list[Laid], per_mm: float, random: np.random.Generator, dark: bool
) -> None:
    """A line of handwriting under some photos."""
    shade = (0.85,) * 3 if dark else (0.2, 0.2, 0.3)
    for one in laid:
        if random.random() < 0.5:
            continue
        low = one.quad[:, 1].max() + 5 * per_mm
        left = one.quad[:, 0].mean() - 15 * per_mm
        steps = np.arange(60) / 2.0
        x = left + steps * per_mm
        y = low + 1.2 * per_mm * np.sin(steps * 2.2 + random.uniform(0, 6, 60) * 0.3)
        path = np.round(np.stack([x, y], 1)).astype(np.int32)
        cv2.polylines(ground, [path], False, shade, max(1, round(0.35 * per_mm)), cv2.LINE_AA)


def _with_corners(one: Laid, per_mm: float, random: np.random.Generator) -> Laid:
    """The print with photo corners stuck over it, 6 to 12 mm along each side."""
    height, width = one.pixels.shape[:2]
    leg = min(random.uniform(6, 12) * per_mm, 0.2 * min(width, height))
    x = np.arange(width, dtype=np.float32)[None, :] + 0.5
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5
    into = np.minimum(x, width - x) + np.minimum(y, height - y)
    cover = np.clip(leg - into + 0.5, 0, 1)[..., None].astype(np.float32)
    shade = np.float32(random.choice([0.06, 0.2, 0.9]))
    return Laid(one.pixels * (1 - cover) + shade * cover, one.centre, one.angle, one.cover)
