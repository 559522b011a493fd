"""What can be refused before anything is started: recipe, size, box, weights, library."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.model_folders import model_folders
from flows.requests import FilesWanted, files_wanted
from pipeline.config.face_options import with_face_choices, with_face_sizes
from pipeline.config.recipe import Recipe, load_recipe
from pipeline.core.errors import BoxRefused, CaptionsRefused
from pipeline.ingest.backs import Pairing, pair_backs, unpaired
from pipeline.ingest.caption_file import (
    BOX_FILE,
    CaptionFile,
    Matched,
    matched,
    read_caption_file,
)
from pipeline.ingest.discover import LINK, Candidate, PassedOver, discover
from pipeline.io.derivative_format import Kind
from pipeline.models.catalog import load_catalog
from pipeline.models.weights import ResolvedModel, resolve, resolve_present
from pipeline.plan.plan import extra_models, wanted_models
from pipeline.stages.face_choice import FaceChoice
from pipeline.stages.sheet_layout import Fit
from pipeline.store.library import open_library
from pipeline.store.lock import LOCK_FILE, hold
from pipeline.store.naming import printable


@dataclass(frozen=True)
class DigitizeRequest:
    """A request to digitize that is free of errors a person could have made.

    Args:
        box, library: the folders.
        recipe: what is to be done.
        wanted: files to be written for each print.
        candidates: every file that should be a scan.
        passed_over: what else lies in the box.
        pairing: the same candidates as fronts and backs.
        pairs: whether backs were looked for.
        captions: the file of captions in the box, if there is one.
        said: its lines by the scan they are about.
    """

    box: Path
    library: Path
    recipe: Recipe
    wanted: list[FilesWanted]
    candidates: list[Candidate]
    passed_over: list[PassedOver]
    pairing: Pairing
    pairs: bool
    captions: CaptionFile | None
    said: Matched


def check_digitize(
    box: str,
    library: str,
    *,
    recipe: str,
    size: str | list[str] | None,
    dpi: float,
    kind: Kind,
    fit: Fit | None,
    overwrite: bool,
    min_face: int | None = None,
    max_face: int | None = None,
    backs: bool = True,
) -> DigitizeRequest:
    """Check everything about a request that can be checked without changing anything.

    Raises:
        RecipeRefused, SizeRefused, BoxRefused: the request is wrong.
        CaptionsRefused: the box's file of captions is; the detail names the line.
        WeightsMissing, WeightsWrong: the recipe's models cannot be used.
        LibraryBusy: another process is at work there.
    """
    chosen = with_face_sizes(load_recipe(recipe), min_face, max_face)
    box_path, root = Path(box).absolute(), Path(library).absolute()
    _keep_apart(box_path, root)
    wanted = files_wanted(
        root / "exports", size=size, dpi=dpi, kind=kind, fit=fit, overwrite=overwrite
    )
    candidates, passed_over = discover(box_path)
    captions, passed_over = _captions(box_path, passed_over)
    said = _matched(box_path, captions, candidates)
    resolve_models(chosen, root, derivatives=bool(size), crops=fit == "crop")
    refuse_busy(root)
    pairing = pair_backs(candidates) if backs else unpaired(candidates)
    return DigitizeRequest(
        *(box_path, root, chosen, wanted, candidates, passed_over),
        pairing=pairing,
        pairs=backs,
        captions=captions,
        said=said,
    )


def check_library(library: str) -> None:
    """Check that a library is there, whole and free, without waiting.

    Raises:
        NotALibrary, LedgerDamaged, LibraryTooNew: it cannot be used.
        LibraryBusy: another process is at work there.
    """
    # Opened for writing, a library of an older Shoebox is brought up to date as well.
    with open_library(Path(library).absolute(), write=True):
        pass


def refuse_busy(root: Path) -> None:
    """Leave early when another process holds the library; the lock itself decides later.

    Raises:
        LibraryBusy: the detail names the holder.
    """
    if (root / LOCK_FILE).exists():
        with hold(root):
            pass


def resolve_models(
    recipe: Recipe,
    library: Path | None,
    *,
    masters: bool = True,
    derivatives: bool,
    crops: bool = False,
) -> dict[str, ResolvedModel]:
    """Find and verify the weights a recipe needs, before anything else is done.

    Raises:
        WeightsMissing, WeightsWrong, UnknownModel: as `pipeline.models.weights.resolve`.
    """
    wanted = wanted_models(recipe, masters=masters, derivatives=derivatives, crops=crops)
    folders = model_folders(library)
    catalog = load_catalog(folders=folders)
    extra = extra_models(recipe) if masters else {}
    return resolve(catalog, wanted, folders) | resolve_present(catalog, extra, folders)


def resolve_chosen(
    recipe: Recipe,
    choices: Mapping[int, Iterable[FaceChoice]],
    library: Path,
    known: Mapping[str, ResolvedModel],
) -> dict[str, ResolvedModel]:
    """Find and verify the weights that people chose for single faces, beside those known already.

    Raises:
        WeightsMissing, WeightsWrong, UnknownModel: as for `resolve_models`.
    """
    every = tuple(choice for of_print in choices.values() for choice in of_print)
    wanted = wanted_models(with_face_choices(recipe, every), derivatives=False)
    missing = {role: names for role, names in wanted.items() if role not in known}
    folders = model_folders(library)
    return resolve(load_catalog(folders=folders), missing, folders) if missing else {}


def _captions(
    box: Path, passed_over: Sequence[PassedOver]
) -> tuple[CaptionFile | None, list[PassedOver]]:
    """The captions in the root of a box, and what is then still passed over."""
    files = [entry for entry in passed_over if entry.name.lower() == BOX_FILE]
    files = [entry for entry in files if entry.reason != LINK]
    if not files:
        return None, list(passed_over)
    if len(files) > 1:
        names = " and ".join(printable(os.fsencode(entry.name)) for entry in files)
        raise CaptionsRefused(f"{box} holds {names}", remedy="Keep one of them.")
    rest = [entry for entry in passed_over if entry is not files[0]]
    return read_caption_file(box / files[0].name), rest


def _matched(box: Path, captions: CaptionFile | None, candidates: Sequence[Candidate]) -> Matched:
    if captions is None:
        return Matched({}, ())
    shown = printable(str(box))
    return matched(captions, ((shown, os.fsencode(found.name)) for found in candidates))


def _keep_apart(box: Path, library: Path) -> None:
    if box == library or library in box.parents:
        raise BoxRefused(f"{box} lies inside the library {library}")
    if box in library.parents:
        raise BoxRefused(
            f"the library {library} lies inside the box, which is never written to",
            remedy="Choose a library folder outside the box.",
        )
