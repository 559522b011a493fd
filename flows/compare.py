"""Running several models or strengths on one print, to look at; the library stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.listening import RunProgress, listener
from flows.model_folders import model_folders
from flows.requests import kind_of
from flows.treatments import Result, Treatment, models_of, planned, stage_for, treated
from pipeline.config.face_options import FACES
from pipeline.config.recipe import Recipe, load_recipe
from pipeline.config.recorded_recipe import recorded_recipe
from pipeline.core.errors import ScanUnreadable, UsageError
from pipeline.core.photo import Photo
from pipeline.export.comparison_sheet import Variant, comparison_sheet
from pipeline.export.comparison_views import Layout, Picture, layout_of
from pipeline.export.derivatives import make_folder, write_photo_file
from pipeline.export.export_story import sheet_said
from pipeline.export.face_parts import FacePlace, Window
from pipeline.export.faces_told import FaceEntry, face_figures
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.derivative import DerivativeFormat
from pipeline.io.read import read_scan
from pipeline.models.catalog import Catalog, load_catalog
from pipeline.models.gpu_lock import hold_device
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import ResolvedModel
from pipeline.stages.base import Tools
from pipeline.store import queries
from pipeline.store.library import Library, open_library
from pipeline.store.masters import master_of
from pipeline.store.rows import StepRow


@dataclass(frozen=True)
class Source:
    """What the variants begin with.

    Args:
        label: the print's name for people.
        photo: what the stage read in the newest run of it.
        recipe: the recipe of that run, or None when the print was never restored.
        faces: what the newest finished faces step measured, if there is one.
    """

    label: str
    photo: Photo
    recipe: Recipe | None
    faces: tuple[FaceEntry, ...] = ()


def compare(
    root: Path,
    print_name: str,
    wanted: Sequence[Treatment],
    *,
    face: int | None = None,
    crop: Window | None = None,
    device: str = "auto",
) -> tuple[Photo, list[Result]]:
    """Treat one print in several ways and lay the results out on one sheet.

    Nothing is written to the library.

    Args:
        root: the library's folder.
        print_name: such as 0003-1.
        wanted: the treatments, as `treatments` gives them.
        face: only this face is treated and shown.
        crop: a piece of the print to show at 100 %; its middle when None.
        device: auto, cpu, cuda or mps.

    Returns:
        The sheet, and what each treatment made.

    Raises:
        UnknownPrint, UsageError: there is no such print, face or piece of it.
        UnknownModel, WeightsMissing, WeightsWrong: a model cannot be used.
        LibraryDamaged: the print's picture is not whole.
    """
    folders = model_folders(root)
    catalog = load_catalog(folders=folders)
    stage = stage_for(catalog, [t.model for t in wanted if t.model])
    with open_library(root, write=False) as library:
        source = _source(library, print_name, stage)
    _check_face(source, face)
    _check_crop(source, crop)
    return compare_photo(source, wanted, catalog, folders, stage, face, crop, device)


def compare_file(
    path: Path,
    root: Path | None,
    wanted: Sequence[Treatment],
    *,
    recipe: str,
    face: int | None = None,
    crop: Window | None = None,
    device: str = "auto",
) -> tuple[Photo, list[Result]]:
    """The same for a picture file, taken as one print and begun with as it is.

    Args:
        path: TIFF, PNG or JPEG.
        root: a library whose models may be used, or None.
        wanted, face, crop, device: see `compare`.
        recipe: name or file; what the treatments leave open is as it says.

    Raises:
        InputRefused: the file is no picture that can be used.
        RecipeRefused, UsageError, UnknownModel, WeightsMissing, WeightsWrong: see `compare`.
    """
    folders = model_folders(root)
    catalog = load_catalog(folders=folders)
    stage = stage_for(catalog, [t.model for t in wanted if t.model])
    chosen = load_recipe(recipe)
    try:
        source = Source(path.name, read_scan(path).photo, chosen)
    except OSError as error:
        raise ScanUnreadable(f"{path}: {error.strerror}") from error
    _check_crop(source, crop)
    return compare_photo(source, wanted, catalog, folders, stage, face, crop, device)


def write_sheet(sheet: Photo, target: Path, label: str) -> None:
    """Write a sheet to a file; one that is there is replaced.

    Raises:
        UsageError: the file's ending is none that is known.
        DiskFull, WriteFailed, LibraryReadOnly: nothing was published.
    """
    form = DerivativeFormat(kind_of(target), 8)
    make_folder(target.parent)
    write_photo_file(sheet, target, form, sheet_said(f"Comparison of {label}, made with Shoebox"))


def usual_target(root: Path, print_name: str) -> Path:
    """Where the sheet of a print goes when no file is named: into the library's exports."""
    return root / "exports" / "comparisons" / f"{print_name}.png"


def compare_photo(
    source: Source,
    wanted: Sequence[Treatment],
    catalog: Catalog,
    folders: Sequence[Path],
    stage: str,
    face: int | None,
    crop: Window | None,
    device: str,
) -> tuple[Photo, list[Result]]:
    """The same for a photo wherever it comes from; see `compare`."""
    steps = [planned(source.recipe, treatment, stage, face) for treatment in wanted]
    resolved: dict[str | None, dict[str, ResolvedModel]] = {}
    for treatment, step in zip(wanted, steps, strict=True):
        if treatment.model not in resolved:
            resolved[treatment.model] = models_of(step, catalog, folders)
    results: list[Result] = []
    looks: list[tuple[Picture, ...] | None] = []
    layout: Layout | None = None
    hears = _hearing(results, len(wanted))
    with hold_device(device) as held:
        sets = {name: ModelSet(models, device=held.name) for name, models in resolved.items()}
        for treatment, step in zip(wanted, steps, strict=True):
            hears.item(treatment.name)
            tools = Tools(sets[treatment.model], hears)
            result, made = treated(treatment, step, source.photo, tools)
            layout = layout or (_layout(source, result.faces, face, crop) if made else None)
            # Looked at now and let go: prints of 115 megapixels are large.
            looks.append(layout.look_at(made) if made and layout else None)
            results.append(result)
    layout = layout or _layout(source, source.faces, face, crop)
    variants = [Variant("before", layout.look_at(source.photo))]
    variants += [_variant(*pair) for pair in zip(results, looks, strict=True)]
    return comparison_sheet(f"Compared: {source.label}", layout, variants), results


def _hearing(results: Sequence[Result], count: int) -> RunProgress:
    """Who hears of the comparison, told its share done and what the rest takes if it is alike."""

    def told() -> tuple[float, float]:
        spent = sum(result.seconds for result in results)
        return len(results) / count, spent / max(1, len(results)) * (count - len(results))

    hears = listener()
    hears.follow(told)
    hears.phase("Comparing")
    return hears


def _source(library: Library, print_name: str, stage: str) -> Source:
    with library.ledger.read() as session:
        row = queries.print_by_name(session, print_name)
        scan = queries.scan_by_id(session, row.scan_id)
        steps = [s for s in queries.history(session, row) if s.print_id and s.status == "done"]
        done = _newest(steps, stage)
        master = master_of(session, row.id)
        run_id = done.run_id if done else master.run_id if master else None
        run = queries.run_by_id(session, run_id) if run_id is not None else None
    begins_with = done.inputs[0].sha256 if done else master.sha256 if master else row.sha256
    photo = read_checkpoint(library.objects.verified_path(begins_with))
    recipe = recorded_recipe(run.recipe, run.id) if run else None
    faces = _newest(steps, FACES)
    entries = tuple(faces.measures.get("faces", ())) if faces else ()
    return Source(f"print {row.name} of {scan.name}", photo, recipe, entries)


def _newest(steps: Sequence[StepRow], stage: str) -> StepRow | None:
    return next((step for step in reversed(steps) if step.stage == stage), None)


def _check_face(source: Source, face: int | None) -> None:
    known = [entry.get("face") for entry in source.faces]
    if face is not None and known and face not in known:
        told = ", ".join(str(number) for number in known)
        raise UsageError(f"the print has no face {face}", remedy=f"Its faces: {told}.")


def _check_crop(source: Source, crop: Window | None) -> None:
    height, width = source.photo.height, source.photo.width
    if crop is not None and (crop[0].start >= height or crop[1].start >= width):
        raise UsageError(f"that piece lies beyond the print, which has {width} x {height} px")


def _layout(
    source: Source, entries: Sequence[FaceEntry], face: int | None, crop: Window | None
) -> Layout:
    places = [FacePlace.of(entry) for entry in entries if face in (None, entry.get("face"))]
    if face is not None and entries and not places:
        raise UsageError(f"{source.label} has no face {face}; {len(entries)} were found")
    return layout_of((source.photo.height, source.photo.width), places, crop)


def _variant(result: Result, looks: tuple[Picture, ...] | None) -> Variant:
    name = result.treatment.name
    if looks is None:
        return Variant(name, None, result.told)
    figures = {entry["face"]: face_figures(entry) for entry in result.faces}
    return Variant(name, looks, f"{result.told} ({result.seconds:.1f} s)", figures)
