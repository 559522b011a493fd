"""Writing one print's pictures, page and record into an archive package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.export.bag_folder import BagFolder
from pipeline.export.bag_story import Story
from pipeline.export.bag_views import THUMBNAIL_PX, VIEW_PX, view, view_of_scan
from pipeline.export.provenance_page import Look, provenance_page
from pipeline.export.provenance_prov import prov_json
from pipeline.export.weights_list import WeightsUsed
from pipeline.io.checkpoint import read_checkpoint


def write_print(
    folder: BagFolder,
    story: Story,
    library_id: str,
    objects: Mapping[str, str],
    weights: Mapping[str, WeightsUsed],
) -> Look:
    """Write a print's views, `provenance.html` and `provenance.json`; gives its pictures.

    Args:
        folder: the package; its objects are in it already.
        story: the print.
        library_id: the library's UUID.
        objects: by digest, where each file lies in the package.
        weights: by digest, what is known of the networks' weights.

    Raises:
        ObjectDamaged: a picture cannot be decoded, though its digest is right.
        DiskFull, WriteFailed, LibraryReadOnly: it cannot be written.
    """
    look = _write_views(folder, story, objects)
    here = story.item.folder
    page = provenance_page(story, look, objects, weights)
    folder.write_text(f"{here}/provenance.html", page)
    folder.write_text(f"{here}/provenance.json", prov_json(story, library_id, objects, weights))
    return look


def _write_views(folder: BagFolder, story: Story, objects: Mapping[str, str]) -> Look:
    here, cut = story.item.folder, story.item.row.sha256

    def keep(name: str, data: bytes) -> str:
        folder.write(f"{here}/{name}", data)
        return f"{here}/{name}"

    # One large picture is in memory at a time.
    photo = read_checkpoint(folder.root / objects[cut])
    size, dpi = (photo.width, photo.height), photo.dpi
    before, after = keep("view-before.jpg", view(photo, VIEW_PX)), None
    if story.picture != cut:
        del photo
        photo = read_checkpoint(folder.root / objects[story.picture])
        after = keep("view-after.jpg", view(photo, VIEW_PX))
    small = keep("thumbnail.jpg", view(photo, THUMBNAIL_PX))
    del photo
    backs = {}
    for number, back in enumerate(story.item.backs, 1):
        if back.sha256 in objects:
            shown = _view_of_back(back.sha256, folder.root / objects[back.sha256])
            if shown is not None:
                backs[back.sha256] = keep(f"view-back-{number}.jpg", shown)
    return Look(size, dpi, before, after, small, backs)


@lru_cache(maxsize=4)
def _view_of_back(sha256: str, path: Path) -> bytes | None:
    """The same back belongs to every print of its front, one after the other.

    The digest is part of what is remembered, so another file at the same path is another back.
    """
    return view_of_scan(path, VIEW_PX)
