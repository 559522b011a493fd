"""What a run is asked to write: masters, and perhaps one print size of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.core.errors import UsageError
from pipeline.export.naming import export_stem
from pipeline.export.size import PrintSize, parse_size
from pipeline.io.derivative import DerivativeFormat
from pipeline.store.rows import PrintRow, ScanRow

Kind = Literal["tiff", "jpeg", "png"]

_KINDS: dict[str, Kind] = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}


@dataclass(frozen=True)
class FilesWanted:
    """Where finished pictures go and in which form.

    Args:
        folder: where they go.
        form: format, depth, quality.
        size: a print size, or None for the master at its own size.
        fit: `pad` or `crop` when the shapes differ; None leaves it to the recipe.
        overwrite: replace files that Shoebox did not write.
    """

    folder: Path
    form: DerivativeFormat
    size: PrintSize | None = None
    fit: str | None = None
    overwrite: bool = False

    def target(self, scan: ScanRow, print_row: PrintRow) -> Path:
        """The file for one print."""
        return self.folder / f"{export_stem(scan.name, print_row.name)}{self.form.suffix}"

    def enlarge_options(self) -> dict[str, Any] | None:
        """Options of the enlargement, or None for a master."""
        if self.size is None:
            return None
        width_px, height_px = self.size.pixels
        options: dict[str, Any] = {
            "width_px": width_px,
            "height_px": height_px,
            "target_dpi": self.size.dpi,
        }
        return options if self.fit is None else {**options, "fit": self.fit}


def kind_of(target: Path) -> Kind:
    """The format that a file's name asks for.

    Raises:
        UsageError: its ending is none that is known.
    """
    kind = _KINDS.get(target.suffix.lower())
    if kind is None:
        raise UsageError(f"{target} has no known ending", remedy="End it in .tif, .png or .jpg.")
    return kind


def picture_format(kind: Kind, quality: int = 95) -> DerivativeFormat:
    """TIFF and PNG with 16 bits, JPEG with 8."""
    return DerivativeFormat(kind, 8 if kind == "jpeg" else 16, quality)


def files_wanted(
    exports: Path,
    *,
    size: str | None,
    dpi: float,
    kind: Kind,
    fit: str | None,
    overwrite: bool,
) -> list[FilesWanted]:
    """The masters, and the print size when one is asked for, each in a folder of its own.

    Raises:
        SizeRefused: the size cannot be understood.
    """
    masters = FilesWanted(exports / "masters", picture_format("tiff"), overwrite=overwrite)
    if size is None:
        return [masters]
    parsed = parse_size(size, dpi)
    sized = FilesWanted(exports / parsed.label, picture_format(kind), parsed, fit, overwrite)
    return [masters, sized]
