"""Before and after, for the eye: sheets of the aged set, and of a folder of one's own scans.

    make gallery
    make gallery PICTURES=~/scans RECIPE=archive

Each sheet shows whole pictures; beside it lies, for every picture, a strip of crops at 100 %: as
scanned, restored, and the truth where it is known.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ShoeboxError
from pipeline.core.photo import Photo
from pipeline.export.contact_sheet import contact_sheet
from pipeline.export.derivatives import write_photo_file
from pipeline.export.export_story import sheet_said
from pipeline.io.colour import from_lab, srgb_profile, to_lab
from pipeline.io.derivative import DerivativeFormat
from pipeline.io.read import read_scan
from pipeline.stages.base import Outcome
from tests.benchmarks.ageing import aged
from tests.benchmarks.pictures import seeds
from tests.benchmarks.recipe_runs import Bench, bench

Image = NDArray[np.float32]

_ENDINGS = frozenset({".tif", ".tiff", ".png", ".jpg", ".jpeg"})
_CROP = 360
_GAP = 6
_JPEG = DerivativeFormat("jpeg", 8, 95)


@dataclass(frozen=True, eq=False)
class Shown:
    """One picture of the gallery: its name, as scanned, and the truth where it is known."""

    name: str
    scan: Photo
    truth: Photo | None = None


def aged_set(count: int) -> Iterator[Shown]:
    """Aged prints of the held-out half."""
    for seed in seeds("held_out", count):
        print_ = aged(seed)
        profile = srgb_profile()
        scan = Photo.of(print_.picture, (print_.dpi, print_.dpi), profile, bit_depth=8)
        truth = Photo.of(print_.truth, (print_.dpi, print_.dpi), profile, bit_depth=8)
        yield Shown(f"aged-{seed:03d}: {'; '.join(print_.story)}", scan, truth)


def folder_set(folder: Path) -> Iterator[Shown]:
    """The scans in a folder; what cannot be read is told and passed over."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _ENDINGS:
            try:
                yield Shown(path.name, read_scan(path).photo)
            except ShoeboxError as error:
                print(error.line(), file=sys.stderr)


def write_gallery(pictures: Iterator[Shown], ready: Bench, target: Path) -> list[Path]:
    """Restore each picture; write a strip of crops for each, and one sheet of all.

    Args:
        pictures: what to show.
        ready: the recipe.
        target: a folder; made if absent.

    Returns:
        The files written, the sheet last.
    """
    target.mkdir(parents=True, exist_ok=True)
    pairs: list[tuple[str, Photo, Photo]] = []
    written: list[Path] = []
    for number, shown in enumerate(pictures, 1):
        result, outcomes = ready.restored(shown.scan)
        pairs.append((shown.name, shown.scan, result))
        strip = _strip([shown.scan, result, *([shown.truth] if shown.truth else [])])
        path = target / f"{number:03d}-crops.jpg"
        write_photo_file(strip, path, _JPEG, sheet_said(shown.name))
        written.append(path)
        print(f"{path.name}  {shown.name}\n{_told(outcomes)}", flush=True)
    if pairs:
        path = target / "sheet.jpg"
        write_photo_file(contact_sheet(pairs), path, _JPEG, sheet_said("Before and after"))
        written.append(path)
    return written


def _told(outcomes: dict[str, Outcome]) -> str:
    return "\n".join(f"    {name}: {outcome.reason}" for name, outcome in outcomes.items())


def _strip(photos: list[Photo]) -> Photo:
    """The liveliest part of the first photo, and the same of the others, side by side at 100 %."""
    top, left = _liveliest(photos[0])
    crops = [_in_srgb(photo, top, left) for photo in photos]
    gap = np.ones((crops[0].shape[0], _GAP, 3), np.float32)
    laid = [crops[0]]
    for crop in crops[1:]:
        laid += [gap, crop]
    return Photo.of(np.concatenate(laid, axis=1), None, srgb_profile(), bit_depth=8)


def _liveliest(photo: Photo) -> tuple[int, int]:
    """Corner of the crop with the widest spread of tones."""
    places = [
        (top, left)
        for top in range(0, max(1, photo.height - _CROP + 1), _CROP // 2)
        for left in range(0, max(1, photo.width - _CROP + 1), _CROP // 2)
    ]
    return max(places, key=lambda at: float(_cut(photo, *at)[::4, ::4].std()))


def _cut(photo: Photo, top: int, left: int) -> Image:
    rows = slice(top, min(top + _CROP, photo.height))
    return photo.part(rows, slice(left, min(left + _CROP, photo.width)))


def _in_srgb(photo: Photo, top: int, left: int) -> Image:
    crop = _cut(photo, top, left)
    return crop if photo.icc is None else np.asarray(from_lab(to_lab(crop, photo.icc), None))


def main() -> None:
    """Read the command line and write the gallery."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=Path("data/gallery"))
    parser.add_argument("--pictures", type=Path, help="a folder of scans; the aged set when absent")
    parser.add_argument("--recipe", default="archive")
    parser.add_argument("--count", type=int, default=12, help="pictures of the aged set")
    asked = parser.parse_args()
    shown = folder_set(asked.pictures) if asked.pictures else aged_set(asked.count)
    for path in write_gallery(shown, bench(asked.recipe), asked.to):
        print(path)


if __name__ == "__main__":
    main()
