"""A contact sheet of a library as a PDF: every finished print, small, with its caption."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from flows.finished_prints import FinishedPrint, finished_prints
from flows.listening import listener
from pipeline.core.errors import RecipeRefused
from pipeline.core.photo import Photo
from pipeline.export.caption_pages import CaptionedPicture, caption_pages
from pipeline.export.derivatives import make_folder, published_once
from pipeline.export.export_story import software_name
from pipeline.export.size import parse_size
from pipeline.io.checkpoint import read_checkpoint
from pipeline.store.captions import caption_of
from pipeline.store.library import Library, open_library

NAME = "contact_sheet.pdf"
_SHOWN_DPI = 300.0
_LONGEST_PX = 900
"""px of a picture's longer side on the sheet."""


def write_caption_sheet(
    root: Path, to: Path, names: Sequence[str] | None, page: str, *, overwrite: bool
) -> dict[str, Any]:
    """Write `contact_sheet.pdf` into a folder.

    Args:
        root: the library.
        to: the folder; made when absent.
        names: only these prints.
        page: the size of a page, such as A4.
        overwrite: replace a sheet that is there.

    Returns:
        path, pictures, pages and the letters that the typeface lacks as JSON.

    Raises:
        SizeRefused: the page's size cannot be understood.
        TargetExists: another file, or a sheet of other pictures, is there.
        LibraryDamaged: a picture in the library is not whole.
        DiskFull, WriteFailed: nothing was published.
    """
    paper = parse_size(page, _SHOWN_DPI)
    target = to.absolute() / NAME
    with open_library(root, write=False) as library:
        finished = finished_prints(library, names)
        entries = [entry for item in finished if (entry := _entry(library, item)) is not None]
        if not entries:
            raise RecipeRefused("no print is restored yet", remedy="Start with `shoebox digitize`.")
        title = ", ".join(sorted({Path(item.work.scan.box).name for item in finished}))
        sheet = caption_pages(
            entries,
            page=(paper.width, paper.height),
            title=title,
            software=software_name(),
        )
        make_folder(target.parent)
        published_once(target, sheet, is_ours=False, overwrite=overwrite)
    return {
        "path": str(target),
        "pictures": len(entries),
        "pages": sheet.pages,
        "letters_lacking": sorted(sheet.lacking),
    }


def _entry(library: Library, item: FinishedPrint) -> CaptionedPicture | None:
    master = item.master.output() if item.master else None
    if master is None:
        return None
    with library.ledger.read() as session:
        caption = caption_of(session, item.work.print_row)

    def picture() -> Photo:
        listener().item(item.work.label)
        return _reduced(read_checkpoint(library.objects.verified_path(master)))

    return CaptionedPicture(picture, f"{item.work.print_row.name}  {item.work.scan.name}", caption)


def _reduced(photo: Photo) -> Photo:
    factor = _LONGEST_PX / max(photo.width, photo.height)
    if factor >= 1:
        return photo
    size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
    made = cv2.resize(photo.samples, size, interpolation=cv2.INTER_AREA)
    return photo.with_samples(np.asarray(made, np.uint16).reshape(size[1], size[0], -1))
