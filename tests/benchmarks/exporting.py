"""What a large export takes: seconds, megabytes and the most memory, of every format.

    python -m tests.benchmarks.exporting [--json] [--only png-16 ...] [--size print master]
                                         [--picture photograph noise] [--folder DIR]

Two sizes: a 24x36 in print at 300 dpi (78 MP) and a master of 115 MP, both 16-bit RGB. Two
pictures: `photograph` has the spectrum of one (amplitude falling with frequency) and the grain of
film, no part of it twice; `noise` is uniform and packs to nothing, the worst there can be.

Each export is a process of its own, which makes the picture band by band, writes the file as an
export does (to a part, read back, renamed) and tells the most memory it ever held (VmHWM), the
picture itself and the interpreter included. The files are deleted. Lossless WebP is refused for the
master, which is told.

Nothing here is a test: how long it takes depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UsageError
from pipeline.core.photo import Photo
from pipeline.io.atomic import publish
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.output_colour import output_colour
from pipeline.io.said import Said
from pipeline.io.xmp import ENHANCED

LIMIT_GB = 3.0
"""The most any export may hold."""

SIZES = {"print": (10_800, 7_200), "master": (9_600, 12_000)}
PICTURES = ("photograph", "noise")
_BAND = 120
_TEXTURE = 1024
_GRAIN = 600.0  # of 65535, one standard deviation


@dataclass(frozen=True)
class Case:
    """A format, and the profiles its picture comes in and leaves in (None: sRGB, as it came)."""

    form: DerivativeFormat
    source: str | None = None
    target: str | None = None


CASES: Mapping[str, Case] = {
    "tiff-16-deflate": Case(DerivativeFormat("tiff")),
    "tiff-16-lzw": Case(DerivativeFormat("tiff", compression="lzw")),
    "tiff-8-lzw": Case(DerivativeFormat("tiff", 8, compression="lzw")),
    "tiff-16-to-adobe-rgb": Case(DerivativeFormat("tiff"), None, "adobe-rgb"),
    "jpeg-95": Case(DerivativeFormat("jpeg")),
    "jpeg-95-to-adobe-rgb": Case(DerivativeFormat("jpeg"), None, "adobe-rgb"),
    "png-16": Case(DerivativeFormat("png")),
    "png-8": Case(DerivativeFormat("png", 8)),
    "webp-95": Case(DerivativeFormat("webp")),
    "webp-95-from-adobe-rgb": Case(DerivativeFormat("webp"), "adobe-rgb"),
    "webp-lossless": Case(DerivativeFormat("webp", lossless=True)),
    "jxl-8": Case(DerivativeFormat("jxl")),
    "jxl-16": Case(DerivativeFormat("jxl", 16)),
    "jxl-16-lossless": Case(DerivativeFormat("jxl", 16, lossless=True)),
    "jxl-16-lossless-from-adobe-rgb": Case(DerivativeFormat("jxl", 16, lossless=True), "adobe-rgb"),
    "pdf-95": Case(DerivativeFormat("pdf")),
    "pdf-16": Case(DerivativeFormat("pdf", 16)),
}


def picture(kind: str, height: int, width: int) -> NDArray[np.uint16]:
    """uint16 (height, width, 3), made band by band."""
    generator = np.random.default_rng(7)
    out = np.empty((height, width, 3), np.uint16)
    texture = _texture(generator) if kind == "photograph" else None
    for top in range(0, height, _BAND):
        rows = min(_BAND, height - top)
        if texture is None:
            out[top : top + rows] = generator.integers(0, 65536, (rows, width, 3), np.uint16)
            continue
        y = np.arange(top, top + rows)[:, None] % _TEXTURE
        x = np.arange(width)[None, :] % _TEXTURE
        grain = generator.standard_normal((rows, width, 3), np.float32) * np.float32(_GRAIN)
        out[top : top + rows] = np.clip(texture[y, x] + grain, 0, 65535)
    return out


def _texture(generator: np.random.Generator) -> NDArray[np.float32]:
    """float32 (1024, 1024, 3): noise whose amplitude falls as one over the frequency."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(_TEXTURE), np.fft.rfftfreq(_TEXTURE)))
    frequency[0, 0] = 1
    planes = []
    for _ in range(2):
        white = np.fft.rfft2(generator.standard_normal((_TEXTURE, _TEXTURE)))
        plane = np.fft.irfft2(white / frequency.T)
        planes.append(plane / plane.std())
    light, hue = planes
    channels = [light + share * hue for share in (0.2, 0.0, -0.2)]
    return np.stack([32768 + 9000 * channel for channel in channels], 2).astype(np.float32)


def measure(name: str, size: str, kind: str, folder: Path) -> dict[str, Any]:
    """Export one picture in this process and tell what it took; the file is deleted."""
    case = CASES[name]
    height, width = SIZES[size]
    icc = output_colour(case.source).icc if case.source else None
    photo = Photo(picture(kind, height, width), (300.0, 300.0), icc, 16)
    told: dict[str, Any] = {"format": name, "size": size, "picture": kind}
    target = folder / f"export{case.form.suffix}"
    said = Said("A photograph, exported.", "Shoebox", ENHANCED)
    colour = output_colour(case.target) if case.target else None
    start = time.monotonic()
    try:
        done = publish(
            target,
            lambda file: write_derivative(photo, file, case.form, said=said, colour=colour),
        )
    except UsageError as error:
        return told | {"refused": error.detail}
    told |= {"seconds": round(time.monotonic() - start, 1), "megabytes": round(done.bytes / 1e6, 1)}
    target.unlink()
    return told | {"peak_gb": round(_peak_bytes() / 1e9, 2)}


def _peak_bytes() -> int:
    """The most memory this process ever held (Linux: VmHWM, which a child starts anew)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def measured_apart(name: str, size: str, kind: str, folder: Path) -> dict[str, Any]:
    """`measure` in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.exporting", "--one", name]
    command += ["--size", size, "--picture", kind, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended by signal {-done.returncode}"]
        return {"format": name, "size": size, "picture": kind, "failed": last[0]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def told(document: Mapping[str, Any]) -> str:
    """The report as lines for a terminal."""
    head = f"{'format':<32}{'size':<8}{'picture':<12}{'s':>7}{'MB':>9}{'GB':>7}"
    return "\n".join([head, *(_line(row) for row in document["exports"])])


def _line(row: Mapping[str, Any]) -> str:
    head = f"{row['format']:<32}{row['size']:<8}{row['picture']:<12}"
    other = row.get("refused") or row.get("failed")
    if other:
        return f"{head}  {other}"
    mark = "" if row["peak_gb"] <= LIMIT_GB else "  OVER"
    return f"{head}{row['seconds']:>7.1f}{row['megabytes']:>9.1f}{row['peak_gb']:>7.2f}{mark}"


def main() -> None:
    """Measure what was asked for, one export after the other."""
    parser = argparse.ArgumentParser(description="Seconds and memory of large exports.")
    parser.add_argument("--only", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--size", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--picture", nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--folder", type=Path, help="where the files are written and deleted")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=list(CASES), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one, asked.size[0], asked.picture[0], asked.folder)))
        return
    rows = []
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for size in asked.size:
            for kind in asked.picture:
                for name in asked.only:
                    rows.append(measured_apart(name, size, kind, Path(folder)))
                    print(_line(rows[-1]), file=sys.stderr, flush=True)
    over = [
        f"{row['format']} {row['size']} {row['picture']}"
        for row in rows
        if row.get("failed") or row.get("peak_gb", 0) > LIMIT_GB
    ]
    document = {"limit_gb": LIMIT_GB, "exports": rows, "over": over}
    print(json.dumps(document, indent=2) if asked.json else told(document))


if __name__ == "__main__":
    main()
