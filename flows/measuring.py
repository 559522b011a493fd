"""Measuring this machine in a few seconds: networks and all other stages, on made pictures."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from flows.known import rates_in
from flows.pace import sheet_of_object
from flows.workbenches import close_run, open_workbench
from pipeline.config.recipe import parse_recipe
from pipeline.core.errors import GpuBusy, ShoeboxError, WeightsError
from pipeline.core.photo import Photo
from pipeline.core.progress import Silent
from pipeline.execute.prints import register_prints
from pipeline.execute.step import Subject, run_step
from pipeline.execute.workbench import Workbench
from pipeline.export.derivatives import ExportRequest, write_export
from pipeline.ingest.discover import Candidate
from pipeline.ingest.ingest import ingest_scan
from pipeline.io.derivative import DerivativeFormat
from pipeline.models.catalog import load_catalog
from pipeline.models.gpu_lock import hold_device
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.plan.cost import NETWORK
from pipeline.stages import artifacts, faces
from pipeline.stages.base import Tools
from pipeline.stages.face_alignment import SIDE
from pipeline.store import queries

_DRAWN = (440, 330)
_DRAWN_FIRST = (96, 72)
"""px of the soft pictures that the network draws anew, and of the one before them."""

_FACE_PX = 24_000
"""px of a face of middling detail as a super-resolution network is given it."""

_WIDTH, _HEIGHT = 2048, 1536
_WARM_UP = 240

_RECIPE = """
name = "measuring"
description = "Every stage, its network left out, on a generated picture."
stages = ["split", "diagnose", "repair", "denoise", "deblur", "deyellow", "red_eyes", "artifacts"]

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
    """The artifact pass on one soft picture and a face, each after a small one to warm up."""
    wanted = {
        **artifacts.STAGE.models(artifacts.Options()),
        **faces.STAGE.models(faces.Options()),
    }
    try:
        with hold_device(device) as held:
            resolved = resolve(load_catalog(folders=folders), wanted, folders)
            return _drawing(ModelSet(resolved, held.name), rates)
    except (WeightsError, GpuBusy) as error:
        return {"error": error.line()}


def _drawing(models: ModelSet, rates: dict[str, float]) -> dict[str, Any]:
    upscaler, restorer = models.upscaler(artifacts.ROLE), models.face_restorer()
    _drawn(models, _DRAWN_FIRST)
    seconds, measures = _drawn(models, _DRAWN)
    facts = measures["inference"]
    real = _DRAWN[0] * _DRAWN[1] / 1e6 * measures["fraction_of_nyquist"] ** 2
    given = facts["network_input_px"][0] * facts["network_input_px"][1] / 1e6
    rates["artifacts" + NETWORK] = rates["enlarge" + NETWORK] = seconds / real
    if restorer.name == upscaler.name:
        rates["faces" + NETWORK] = seconds / given * _FACE_PX / 1e6
    else:
        face = np.random.default_rng(1).random((SIDE, SIDE, 3), dtype=np.float32)
        began = time.perf_counter()
        restorer.restore([face], [float(SIDE)])
        rates["faces" + NETWORK] = time.perf_counter() - began
    return {
        "model": facts["model"],
        "dtype": facts["dtype"],
        "picture_px": facts["network_input_px"],
        "seconds": round(seconds, 3),
        "kilopixels_per_second": round(1000 * given / seconds, 2),
    }


def _drawn(models: ModelSet, size: tuple[int, int]) -> tuple[float, Mapping[str, Any]]:
    """Seconds that the artifact pass takes for a soft picture of (width, height), its measures."""
    noise = np.random.default_rng(0).random((size[1] // 2, size[0] // 2, 3), dtype=np.float32)
    soft = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC).clip(0.0, 1.0)
    options = artifacts.Options(only_when_needed=False)
    began = time.perf_counter()
    outcome = artifacts.run(Photo.of(soft), options, Tools(models, Silent()))
    return time.perf_counter() - began, outcome.measures


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
