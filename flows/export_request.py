"""A request to export, checked before anything is begun: sizes, colours, signature, target."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flows.requests import FilesWanted, Paper, in_folders, papers_of
from pipeline.core.errors import (
    LibraryReadOnly,
    SizeRefused,
    TargetExists,
    TargetRefused,
    UsageError,
    WriteFailed,
)
from pipeline.export.derivatives import recorded_path
from pipeline.export.size import PrintSize, parse_size
from pipeline.io.atomic import write_part
from pipeline.io.derivative_format import Compression, DerivativeFormat, Kind
from pipeline.io.identity_read import identity_of
from pipeline.io.output_colour import Intent, OutputColour, output_colour
from pipeline.io.profiles import proof_profile
from pipeline.stages.sheet_layout import Fit
from pipeline.store import queries
from pipeline.store.library import Library, open_library
from pipeline.store.rows import PrintRow, ScanRow

if TYPE_CHECKING:
    from pipeline.export.credentials import Credentials


@dataclass(frozen=True)
class ExportWishes:
    """What a person may ask of an export, as the command line gives it.

    Args:
        sizes: print sizes; none for masters at their own size.
        dpi: resolution of the print files.
        kind: format of the files.
        fit: pad, crop or shrink, when picture and paper have different shapes.
        bleed, border: lengths such as 3mm.
        force: enlarge further than is worth the paper.
        bit_depth: 8 or 16; 0 takes the format's own.
        quality: of JPEG, WebP, JPEG XL and PDF, 1 to 100.
        compression: of TIFF.
        lossless: of WebP, JPEG XL and PDF.
        profile: srgb, adobe-rgb, display-p3 or a file; None keeps each picture's own.
        intent: rendering intent.
        black_point: whether black is mapped to black.
        proof: a profile whose losses are told, or None.
        sheet: page size to put many small prints on, or None.
        certificate, key: PEM files to sign with, or None.
        overwrite: replace files that Shoebox did not write.
    """

    sizes: tuple[str, ...] = ()
    dpi: float = 300.0
    kind: Kind = "tiff"
    fit: Fit | None = None
    bleed: str = "0"
    border: str = "0"
    force: bool = False
    bit_depth: int = 0
    quality: int = 95
    compression: Compression = "deflate"
    lossless: bool = False
    profile: str | None = None
    intent: Intent = "relative"
    black_point: bool = True
    proof: str | None = None
    sheet: str | None = None
    certificate: str | None = None
    key: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class ExportRequest:
    """A request that is free of errors a person could have made.

    Args:
        folder: where files go.
        files: one wish for each size, or one for the masters.
        page: the page that many small prints are put on, or None.
        proof: the encoding whose losses are told, or None.
    """

    folder: Path
    files: tuple[FilesWanted, ...]
    page: PrintSize | None = None
    proof: Device | None = None


@dataclass(frozen=True)
class Device:
    """What a soft proof is made for.

    Args:
        icc: its profile, RGB, grey or CMYK.
        intent, black_point: see `OutputColour`.
    """

    icc: bytes
    intent: Intent
    black_point: bool


def export_request(library: Path, folder: Path, wishes: ExportWishes) -> ExportRequest:
    """Check everything about a request that can be checked without its pictures.

    Raises:
        UsageError: a size, length, profile, certificate, format or folder cannot be used.
    """
    _check_folder(library, folder)
    form = DerivativeFormat(
        wishes.kind,
        wishes.bit_depth,
        wishes.quality,
        compression=wishes.compression,
        lossless=wishes.lossless,
    )
    files = in_folders(folder, form, _papers(wishes)) or [FilesWanted(folder, form)]
    colour = _colour(wishes)
    credentials = _credentials(wishes)
    return ExportRequest(
        folder,
        tuple(
            replace(one, overwrite=wishes.overwrite, colour=colour, credentials=credentials)
            for one in files
        ),
        _page(wishes),
        _device(wishes, colour),
    )


def _papers(wishes: ExportWishes) -> list[Paper]:
    papers = papers_of(
        wishes.sizes,
        wishes.dpi,
        fit=wishes.fit,
        bleed=wishes.bleed,
        border=wishes.border,
        force=wishes.force,
    )
    lies = (wishes.fit, wishes.force, wishes.bleed != "0", wishes.border != "0", wishes.sheet)
    if not papers and any(lies):
        raise SizeRefused(
            "masters have no paper to lie on",
            remedy="Add --size, such as --size 8x10in.",
        )
    return papers


def _page(wishes: ExportWishes) -> PrintSize | None:
    if wishes.sheet is None:
        return None
    if wishes.certificate is not None:
        raise UsageError("a sheet of many prints is not signed", remedy="Leave out --certificate.")
    return parse_size(wishes.sheet, wishes.dpi)


def _colour(wishes: ExportWishes) -> OutputColour | None:
    if wishes.profile is None:
        return None
    return output_colour(wishes.profile, wishes.intent, wishes.black_point)


def _device(wishes: ExportWishes, colour: OutputColour | None) -> Device | None:
    """What is proofed: the device asked for, or else the encoding that files are converted to."""
    if wishes.proof is not None:
        return Device(proof_profile(wishes.proof), wishes.intent, wishes.black_point)
    return Device(colour.icc, colour.intent, colour.black_point) if colour else None


def _credentials(wishes: ExportWishes) -> Credentials | None:
    if (wishes.certificate is None) != (wishes.key is None):
        raise UsageError(
            "a signature needs both a certificate and its key",
            remedy="Give --certificate and --key together.",
        )
    if wishes.certificate is None or wishes.key is None:
        return None
    from pipeline.export.credentials import Credentials, check_kind

    check_kind(wishes.kind)
    return Credentials.load(Path(wishes.certificate), Path(wishes.key))


def _check_folder(library: Path, folder: Path) -> None:
    """Refuse a folder that is the library's own or cannot be written to.

    Raises:
        TargetRefused: it is.
    """
    if folder == library or (
        library in folder.parents and library / "exports" not in folder.parents
    ):
        raise TargetRefused(f"{folder} is one of the library's own folders")
    _must_be_writable(folder)


def check_bag(library: Path, target: Path) -> None:
    """Refuse a place where no archive package can be written.

    Raises:
        TargetExists: something is there.
        TargetRefused: it lies in the library, or cannot be written to.
    """
    from pipeline.export.bag_workplace import check_target

    with open_library(library, write=False) as opened:
        check_target(opened, target)
    _must_be_writable(target.parent)


def _must_be_writable(folder: Path) -> None:
    """Refuse a folder, there or not yet, that cannot be written to.

    Raises:
        TargetRefused: it cannot.
    """
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not there.is_dir():
        raise TargetRefused(f"{there} is not a folder", remedy="Choose another folder.")
    try:
        # Permissions alone tell nothing about a read-only disk.
        write_part(there, "probe", lambda file: None).discard()
    except (WriteFailed, LibraryReadOnly) as error:
        raise TargetRefused(
            error.detail, remedy="Make the folder writable or choose another one."
        ) from error


def refuse_strangers(
    library: Library, files: Sequence[FilesWanted], prints: Iterable[tuple[ScanRow, PrintRow]]
) -> None:
    """Refuse to begin when a file that Shoebox did not write stands in the way.

    Raises:
        TargetExists: the detail names the first one.
    """
    with library.ledger.read() as session:
        ours = {row.path for row in queries.exports_of(session)}
    strangers = [
        target
        for scan, print_row in prints
        for one in files
        if not one.overwrite
        and os.path.lexists(target := one.target(scan, print_row))
        and recorded_path(library, target) not in ours
        and not _is_of(library, target, print_row)
    ]
    if strangers:
        more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
        raise TargetExists(f"{strangers[0]}{more}")


def _is_of(library: Library, target: Path, print_row: PrintRow) -> bool:
    """Whether a file says it is of that print: written, perhaps, by a process that died then."""
    if target.is_symlink() or not target.is_file():
        return False
    identity = identity_of(target)
    return identity is not None and (identity.library, identity.print_name) == (
        library.id,
        print_row.name,
    )
