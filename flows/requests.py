"""What a run is asked to write: masters, and perhaps print sizes of each, in which form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import UsageError
from pipeline.export.naming import export_stem
from pipeline.export.size import PrintSize, parse_length, parse_size
from pipeline.io.derivative_format import DerivativeFormat, Kind
from pipeline.stages.sheet_layout import Fit
from pipeline.store.rows import PrintRow, ScanRow

if TYPE_CHECKING:
    from pipeline.export.credentials import Credentials
    from pipeline.io.output_colour import OutputColour


_KINDS: dict[str, Kind] = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".jxl": "jxl",
    ".pdf": "pdf",
}

_FORCED = 1000.0
"""Stands for an enlargement without limit."""


@dataclass(frozen=True)
class Paper:
    """A print size and how a picture is to lie on it.

    Args:
        size: the finished, trimmed print.
        fit: `pad`, `crop` or `shrink` when the shapes differ; None leaves it to the recipe.
        bleed: inches that are printed beyond every edge and trimmed off.
        border: inches of white inside every edge.
        force: enlarge further than is worth the paper.
    """

    size: PrintSize
    fit: Fit | None = None
    bleed: float = 0.0
    border: float = 0.0
    force: bool = False

    @property
    def bleed_px(self) -> int:
        """The bleed on each side, px."""
        return self.size.bleed_px(self.bleed)

    def enlarge_options(self) -> dict[str, Any]:
        """Options of the enlargement."""
        width_px, height_px = self.size.sheet_px(self.bleed_px)
        options: dict[str, Any] = {
            "width_px": width_px,
            "height_px": height_px,
            "target_dpi": self.size.dpi,
        }
        if self.fit is not None:
            options["fit"] = self.fit
        if self.bleed_px:
            options["bleed_px"] = self.bleed_px
        if self.border:
            options["border_px"] = self.size.length_px(self.border)
        if self.force:
            options["max_enlargement"] = _FORCED
        return options


@dataclass(frozen=True)
class FilesWanted:
    """Where finished pictures go and in which form.

    Args:
        folder: where they go.
        form: format, depth, quality.
        paper: a print size, or None for the master at its own size.
        overwrite: replace files that Shoebox did not write.
        colour: the encoding they are converted to; None keeps each picture's own.
        credentials: what they are signed with, or None.
    """

    folder: Path
    form: DerivativeFormat
    paper: Paper | None = None
    overwrite: bool = False
    colour: OutputColour | None = None
    credentials: Credentials | None = None

    def target(self, scan: ScanRow, print_row: PrintRow) -> Path:
        """The file for one print."""
        return self.folder / f"{export_stem(scan.name, print_row.name)}{self.form.suffix}"

    def enlarge_options(self) -> dict[str, Any] | None:
        """Options of the enlargement, or None for a master."""
        return None if self.paper is None else self.paper.enlarge_options()


def kind_of(target: Path) -> Kind:
    """The format that a file's name asks for.

    Raises:
        UsageError: its ending is none that is known.
    """
    kind = _KINDS.get(target.suffix.lower())
    if kind is None:
        raise UsageError(
            f"{target} has no known ending", remedy=f"End it in one of {', '.join(_KINDS)}."
        )
    return kind


def papers_of(
    sizes: Sequence[str],
    dpi: float,
    *,
    fit: Fit | None = None,
    bleed: str = "0",
    border: str = "0",
    force: bool = False,
) -> list[Paper]:
    """The print sizes asked for, each once.

    Raises:
        SizeRefused: a size or a length cannot be understood, or the border leaves no picture.
    """
    papers = [
        Paper(
            parse_size(text, dpi),
            fit,
            parse_length(bleed, what="bleed"),
            parse_length(border, what="border"),
            force,
        )
        for text in sizes
    ]
    return list(dict.fromkeys(papers))


def in_folders(folder: Path, form: DerivativeFormat, papers: Sequence[Paper]) -> list[FilesWanted]:
    """One wish for each size: straight into the folder, or of several each in one of its own."""
    return [
        FilesWanted(
            folder if len(papers) == 1 else folder / paper.size.label,
            replace(form, bleed_px=paper.bleed_px),
            paper,
        )
        for paper in papers
    ]


def files_wanted(
    exports: Path,
    *,
    size: str | Sequence[str] | None,
    dpi: float,
    kind: Kind,
    fit: Fit | None,
    overwrite: bool,
) -> list[FilesWanted]:
    """The masters, and the print sizes that are asked for, each in a folder of its own.

    Raises:
        SizeRefused: a size cannot be understood.
    """
    masters = FilesWanted(exports / "masters", DerivativeFormat("tiff"), overwrite=overwrite)
    texts = [size] if isinstance(size, str) else list(size or ())
    sized = [
        FilesWanted(exports / paper.size.label, DerivativeFormat(kind), paper, overwrite)
        for paper in papers_of(texts, dpi, fit=fit)
    ]
    return [masters, *sized]
