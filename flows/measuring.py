"""Measuring this machine in a few seconds: networks on a tile, all other stages on one picture."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from flows.known import rates_in
from flows.pace import sheet_of_object
from flows.workbenches import close_run, open_workbench
from pipeline.config.recipe import parse_recipe
from pipeline.core.errors import ShoeboxError, WeightsError
from pipeline.core.progress import Silent
from pipeline.execute.prints import register_prints
from pipeline.execute.step import Subject, run_step
from pipeline.execute.workbench import Workbench
from pipeline.export.derivatives import ExportRequest, write_export
from pipeline.ingest.discover import Candidate
from pipeline.ingest.ingest import ingest_scan
from pipeline.io.derivative import DerivativeFormat
from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.plan.cost import NETWORK
from pipeline.stages import artifacts, faces
from pipeline.stages.face_alignment import SIDE
from pipeline.store import queries

_TILE = 128
_WIDTH, _HEIGHT = 1024, 768
_WARM_UP = 160

_RECIPE = """
name = "measuring"
description = "Every stage, its network left out, on a generated picture."
stages = ["split", "diagnose", "repair", "denoise", "deyellow", "artifacts"]

[artifacts]
strength = 0.0

[enlarge]
use_model = false
"""


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Args:
        rates: seconds for a unit of work by kind.
        network: JSON facts about the network's speed, or `error` in words.
        pictures: JSON facts about the other stages, or `error` in words.
    """

    rates: dict[str, float]
    network: dict[str, Any]
    pictures: dict[str, Any]


def measure_machine(folders: list[Path], device: str) -> Measured:
    """Time the networks through `ModelSet`, and the other stages in a library that is thrown away.

    Args:
        folders: where weights are looked for.
        device: auto, cpu, cuda or mps.
    """
    rates: dict[str, float] = {}
    network = _network(folders, device, rates)
    pictures = _pictures(device, rates)
    return Measured(rates, network, pictures)


def _network(folders: list[Path], device: str, rates: dict[str, float]) -> dict[str, Any]:
    """The artifact pass on one tile of noise and a face, each after one to warm up."""
    try:
        wanted = {
            artifacts.ROLE: artifacts.STAGE.models(artifacts.Options())[artifacts.ROLE],
            faces.ROLE: faces.STAGE.models(faces.Options())[faces.ROLE],
        }
        models = ModelSet(resolve(load_catalog(), wanted, folders), device)
        upscaler, restorer = models.upscaler(artifacts.ROLE), models.face_restorer()
    except WeightsError as error:
        return {"error": error.line()}
    noise = np.random.default_rng(0).random((_TILE, _TILE, 3), dtype=np.float32)
    upscaler.run(noise[:64, :64].copy(), Silent())
    began = time.perf_counter()
    made = upscaler.run(noise, Silent())
    seconds = time.perf_counter() - began
    if restorer.name == upscaler.name:  # it is given a face of that many px
        rates["faces" + NETWORK] = seconds * (SIDE / upscaler.scale / _TILE) ** 2
    else:
        face = np.random.default_rng(1).random((SIDE, SIDE, 3), dtype=np.float32)
        began = time.perf_counter()
        restorer.run(face)
        rates["faces" + NETWORK] = time.perf_counter() - began
    each_megapixel = seconds / (_TILE * _TILE / 1e6)
    with_overlap = each_megapixel * _overlap_cost(made.facts)
    rates["artifacts" + NETWORK] = rates["enlarge" + NETWORK] = with_overlap
    return {
        "model": made.model,
        "dtype": made.dtype,
        "tile_px": _TILE,
        "seconds": round(seconds, 3),
        "kilopixels_per_second": round(1000 / each_megapixel, 2),
    }


def _overlap_cost(facts: Any) -> float:
    """How much more than its own px a network works on, because its tiles overlap."""
    tile, overlap = float(facts.get("tile_px", 0)), float(facts.get("overlap_px", 0))
    if tile <= 2 * overlap or not tile:
        return 1.3
    return (tile / (tile - 2 * overlap)) ** 2


def _pictures(device: str, rates: dict[str, float]) -> dict[str, Any]:
    """Take two generated pictures, a small one to warm up, from file to master."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="shoebox-doctor-") as folder:
        box, library = Path(folder) / "box", Path(folder) / "library"
        box.mkdir()
        _write_picture(box / "warm-up.tif", _WARM_UP, _WARM_UP)
        _write_picture(box / "picture.tif", _WIDTH, _HEIGHT)
        try:
            with open_workbench(
                str(library),
                parse_recipe(_RECIPE, "measuring"),
                "doctor",
                device=device,
                derivatives=False,
                create=True,
            ) as bench:
                for name in ("warm-up.tif", "picture.tif"):
                    rates |= _through(bench, box, name)
                close_run(bench, 0, {})

                def megapixels(sha256: str) -> float | None:
                    sheet = sheet_of_object(bench.library, sha256)
                    return None if sheet is None else sheet.megapixels

                rates |= rates_in(bench.library, bench.models.device, megapixels)
        except ShoeboxError as error:
            return {"error": error.line()}
    return {
        "megapixels": round(_WIDTH * _HEIGHT / 1e6, 2),
        "seconds": round(time.perf_counter() - began, 2),
    }


def _through(bench: Workbench, box: Path, name: str) -> dict[str, float]:
    """One file through all stages; gives the rates that no step in the ledger tells."""
    done = ingest_scan(bench, box, Candidate(box / name, name), max_megapixels=100.0)
    split = run_step(
        bench, bench.plan.scan_step, Subject(done.scan_id, None, name), done.sha256
    ).row
    print_row = register_prints(bench, split.id)[0]
    subject, source = Subject(done.scan_id, print_row.id, name), print_row.sha256
    row = split
    for planned in bench.plan.print_steps:
        row = run_step(bench, planned, subject, source).row
        source = row.output() or source
    size = {"width_px": _WIDTH, "height_px": _HEIGHT}
    run_step(bench, bench.plan.derivative(size), subject, source)
    with bench.library.ledger.read() as session:
        scan = queries.scan_by_id(session, done.scan_id)
    sheet = sheet_of_object(bench.library, source)
    work = sheet.megapixels if sheet else _WIDTH * _HEIGHT / 1e6
    target = bench.library.exports / "masters" / f"{name}.tif"
    request = ExportRequest(scan, print_row, row, target, DerivativeFormat("tiff", 16, 95))
    began = time.perf_counter()
    write_export(bench.library, bench.run_id, request)
    written = time.perf_counter()
    bench.library.objects.is_intact(source)
    hashed = time.perf_counter() - written
    # A print that is done is checked by the digests of its crop and of what each stage made.
    return {
        "write": (written - began) / work,
        "recognise": 2 * hashed / work,
        "check": 4 * hashed / work,
    }


def _write_picture(path: Path, width: int, height: int) -> None:
    """A yellowed, grainy picture with edges of all sizes, 16 bit."""
    rng = np.random.default_rng(width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = 0.5 + 0.2 * np.sin(x / 17) * np.cos(y / 23) + 0.15 * np.sign(np.sin(x / 61 + y / 83))
    picture: NDArray[np.float64] = np.stack([waves, waves * 0.92, waves * 0.7 + 0.04], axis=2)
    picture = picture + rng.normal(0, 0.02, picture.shape)
    samples = np.round(np.clip(picture, 0, 1) * 65535).astype(np.uint16)
    tifffile.imwrite(path, samples, photometric="rgb", resolution=(600, 600), resolutionunit=2)
