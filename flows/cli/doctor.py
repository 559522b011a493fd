"""`shoebox doctor`: what is installed, which weights, which device, how fast."""

from __future__ import annotations

import platform
import sqlite3
from typing import Any

from flows.cli import parameters as p
from flows.cli.console import say, say_json
from flows.model_folders import model_folders
from pipeline.core.errors import WeightsError


def doctor(library: p.Library = None, device: p.Device = "auto", json: p.Json = False) -> None:
    """Look this machine over: packages, weights, device, and the speed of the artifact pass.

    Example: shoebox doctor
    """
    found = _examination(p.library_if_any(library), device)
    if json:
        say_json(found)
        return
    for key, value in found["software"].items():
        say(f"{key:<16} {value}")
    say(f"{'device':<16} {found['device']}")
    for model in found["models"]:
        say(f"{model['name']:<28} {model['state']}")
    speed = found["speed"]
    if "error" in speed:
        say(f"Artifact pass: cannot run: {speed['error']}")
    else:
        say(
            f"Artifact pass: {speed['kilopixels_per_second']:.1f} kpx/s with {speed['model']} "
            f"in {speed['dtype']} on {found['device']} "
            f"({speed['tile_px']} px tile, {speed['seconds']:.1f} s)"
        )


def _examination(library: Any, device: str) -> dict[str, Any]:
    from flows.cli.models import model_row
    from pipeline.execute.workbench import software_versions
    from pipeline.models.catalog import load_catalog
    from pipeline.models.devices import choose_device

    folders = model_folders(library)
    return {
        "software": {
            **software_versions(),
            "sqlite": sqlite3.sqlite_version,
            "system": platform.platform(),
        },
        "device": choose_device(device),
        "models": [model_row(card, folders) for card in load_catalog().cards],
        "speed": _speed(folders, device),
    }


def _speed(folders: Any, device: str) -> dict[str, Any]:
    """Time the artifact pass on one tile of noise, after one to warm up."""
    import time

    import numpy as np

    from pipeline.core.progress import Silent
    from pipeline.models.catalog import load_catalog
    from pipeline.models.model_set import ModelSet
    from pipeline.models.weights import resolve
    from pipeline.stages.artifacts import STAGE

    tile_px = 128
    try:
        wanted = {"artifacts": STAGE.models(STAGE.options())["artifacts"]}
        upscaler = ModelSet(resolve(load_catalog(), wanted, folders), device).upscaler("artifacts")
    except WeightsError as error:
        return {"error": error.line()}
    noise = np.random.default_rng(0).random((tile_px, tile_px, 3), dtype=np.float32)
    upscaler.run(noise, Silent())
    began = time.perf_counter()
    made = upscaler.run(noise, Silent())
    seconds = time.perf_counter() - began
    return {
        "model": made.model,
        "dtype": made.dtype,
        "tile_px": tile_px,
        "seconds": round(seconds, 3),
        "kilopixels_per_second": round(tile_px * tile_px / seconds / 1000, 2),
    }
