"""`shoebox doctor`: what is installed, which weights, which device, how fast, how long a box."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.console import duration, say, say_json
from flows.model_folders import model_folders
from pipeline.core.errors import ShoeboxError

if TYPE_CHECKING:
    from pipeline.plan.parts import Sheet

_RECIPES = ("archive", "fast", "faithful")

_TYPICAL = (
    ("4x6 in at 300 dpi", 4, 6, 300),
    ("4x6 in at 600 dpi", 4, 6, 600),
    ("8x10 in at 600 dpi", 8, 10, 600),
    ("8x10 in at 1200 dpi", 8, 10, 1200),
)


def doctor(
    box: Annotated[
        Path | None, typer.Argument(help="Folder with scans: tell how long they will take.")
    ] = None,
    library: p.Library = None,
    device: p.Device = "auto",
    json: p.Json = False,
) -> None:
    """Look this machine over: packages, weights, device, speed, and the time a box will take.

    What is measured is kept, so that runs can tell their time left from the start.

    Example: shoebox doctor ~/scans/attic
    """
    found = _examination(box, p.library_if_any(library), device)
    if json:
        say_json(found)
    else:
        _show(found)


def _examination(box: Path | None, library: Path | None, device: str) -> dict[str, Any]:
    from flows.cli.models import model_row
    from flows.machine_rates import keep_rates
    from flows.measuring import measure_machine
    from pipeline.execute.workbench import software_versions
    from pipeline.ingest.discover import discover
    from pipeline.models.catalog import load_catalog
    from pipeline.models.devices import choose_device

    candidates = discover(box)[0] if box is not None else []
    folders, chosen = model_folders(library), choose_device(device)
    measured = measure_machine(folders, chosen)
    kept = keep_rates(chosen, measured.rates) if measured.rates else None
    found: dict[str, Any] = {
        "software": {
            **software_versions(),
            "sqlite": sqlite3.sqlite_version,
            "system": platform.platform(),
        },
        "device": chosen,
        "models": [model_row(card, folders) for card in load_catalog(folders=folders).cards],
        "speed": measured.network,
        "stages": measured.pictures,
        "rates": {kind: round(rate, 4) for kind, rate in sorted(measured.rates.items())},
        "kept_in": str(kept) if kept else None,
    }
    if box is None:
        found["prints"] = _typical(measured.rates, library)
    else:
        paths = [candidate.path for candidate in candidates]
        found["box"] = _box(box, paths, measured.rates, library)
    return found


def _box(
    box: Path, paths: list[Path], rates: dict[str, float], library: Path | None
) -> dict[str, Any]:
    """What the scans of a box mean in megapixels, time and room on the disk."""
    from flows.pace import sheet_of

    sheets = {path: sheet for path in paths if (sheet := sheet_of(path)) is not None}
    file_bytes = sum(path.stat().st_size for path in sheets)
    return {
        "path": str(box),
        "scans": len(sheets),
        "not_readable": [str(path) for path in paths if path not in sheets],
        "megapixels": round(sum(sheet.megapixels for sheet in sheets.values()), 1),
        "bytes": file_bytes,
        "recipes": _recipes(list(sheets.values()), file_bytes, rates, library),
        "free_bytes": shutil.disk_usage(_existing(library or box)).free,
    }


def _typical(rates: dict[str, float], library: Path | None) -> list[dict[str, Any]]:
    """How long a print of a common size takes, without the start of the command."""
    from pipeline.plan.estimate import START_SECONDS
    from pipeline.plan.parts import Sheet

    rows = []
    for name, width, height, dpi in _TYPICAL:
        sheet = Sheet(width * dpi, height * dpi, float(dpi))
        told = _recipes([sheet], 0, rates, library)
        seconds = {
            recipe: round(row["seconds"] - START_SECONDS, 1)
            for recipe, row in told.items()
            if "seconds" in row
        }
        rows.append({"print": name, "megapixels": round(sheet.megapixels, 1), "seconds": seconds})
    return rows


def _recipes(
    sheets: list[Sheet], file_bytes: int, rates: dict[str, float], library: Path | None
) -> dict[str, dict[str, Any]]:
    """Seconds and bytes for each bundled recipe, or why it cannot run."""
    from flows.preflight import resolve_models
    from pipeline.config.recipe import load_recipe
    from pipeline.plan.estimate import bytes_for, seconds_for
    from pipeline.plan.plan import make_plan

    told: dict[str, dict[str, Any]] = {}
    for name in _RECIPES:
        recipe = load_recipe(name)
        try:
            plan = make_plan(recipe, resolve_models(recipe, library, derivatives=False))
        except ShoeboxError as error:
            told[name] = {"error": error.line()}
            continue
        told[name] = {
            "seconds": round(seconds_for(plan, sheets, rates), 1),
            "library_bytes": bytes_for(plan, sheets, file_bytes),
        }
    return told


def _existing(path: Path) -> Path:
    """The nearest folder that is there already."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _show(found: dict[str, Any]) -> None:
    for key, value in found["software"].items():
        say(f"{key:<16} {value}")
    say(f"{'device':<16} {found['device']}")
    for model in found["models"]:
        say(f"{model['name']:<28} {model['state']}")
    _show_speed(found)
    if "box" in found:
        _show_box(found["box"])
        return
    say("Expect for a print about:")
    for row in found["prints"]:
        times = ", ".join(f"{name} {duration(s)}" for name, s in row["seconds"].items())
        say(f"  {row['print']:<20} {times}")


def _show_speed(found: dict[str, Any]) -> None:
    speed, stages = found["speed"], found["stages"]
    if "error" in speed:
        say(f"Artifact pass: cannot run: {speed['error']}")
    else:
        say(
            f"Artifact pass: {speed['kilopixels_per_second']:.1f} kpx/s with {speed['model']} "
            f"in {speed['dtype']} on {found['device']} "
            f"({' x '.join(map(str, speed['picture_px']))} px in {speed['seconds']:.1f} s)"
        )
    if "error" in stages:
        say(f"Other stages: cannot run: {stages['error']}")
        return
    kinds = (
        "ingest",
        "split",
        "diagnose",
        "repair",
        "denoise",
        "deblur",
        "deyellow",
        "red_eyes",
        "write",
    )
    each = sum(found["rates"].get(kind, 0.0) for kind in kinds)
    say(f"All stages without networks: {each:.2f} s for a megapixel")


def _show_box(box: dict[str, Any]) -> None:
    say(f"{box['path']}: {box['scans']} scans, {box['megapixels']:.0f} megapixels.")
    for path in box["not_readable"]:
        say(f"  not readable: {path}")
    for name, row in box["recipes"].items():
        if "error" in row:
            say(f"  {name:<10} cannot run: {row['error']}")
            continue
        room = row["library_bytes"] / 1e9
        say(f"  {name:<10} about {duration(row['seconds'])}, {room:.1f} GB for the library")
    say(f"  {box['free_bytes'] / 1e9:.1f} GB are free there.")
