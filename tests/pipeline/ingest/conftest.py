"""A small library, an archive package of it, and what makes a changed package look whole again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.export.bag import write_bag
from pipeline.io.atomic import publish
from pipeline.io.checkpoint import write_checkpoint, write_mask
from pipeline.io.digest import sha256_file
from pipeline.store.clock import now
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject
from pipeline.store.record import (
    NewStep,
    Output,
    add_export,
    add_print,
    add_scan,
    add_step,
    end_run,
    start_run,
)
from pipeline.store.rows import ObjectUse

EXPORTED = ("exports/masters/0001-1.tif", "exports/8x10in-300dpi/Oma & Änne.jpg")
GONE = "exports/masters/0001-2.tif"


def _put(library: Library, value: float) -> StoredObject:
    photo = Photo.of(np.full((12, 16, 3), value, np.float32), (300.0, 300.0))
    return library.objects.put(partial(write_checkpoint, photo), ".tif")


def _fill(library: Library) -> None:
    """Two prints on one scan, restored, exported; one of the exports is gone."""
    scan, left, right, clean = (_put(library, value) for value in (0.1, 0.2, 0.3, 0.4))
    mask = np.zeros((12, 16), np.uint8)
    holes = library.objects.put(partial(write_mask, mask), ".png")
    with library.ledger.write() as session:
        run_id = start_run(session, command="digitize box", box="/box", recipe={"stages": []})

        def step(stage: str, print_id: int | None, *outputs: Output, **more: object) -> int:
            values: dict[str, object] = {
                "run_id": run_id,
                "scan_id": 1,
                "key": "k" * 64,
                "stage_version": 1,
                "options": {"strength": 0.1 + 0.2},
                "status": "done",
                "decision": "applied",
                "started_at": now(),
                "seconds": 0.5,
                **more,
            }
            new = NewStep(stage=stage, print_id=print_id, outputs=outputs, **values)  # type: ignore[arg-type]
            return add_step(session, new)

        add_scan(
            session,
            run_id=run_id,
            box="/box",
            name_bytes=b"page \xff.tif",
            sha256=scan.sha256,
            bytes=scan.bytes,
        )
        step("ingest", None, Output("original", scan))
        step("split", None, Output("print-1", left), Output("print-2", right))
        photos = [
            add_print(session, scan_id=1, ordinal=number, sha256=crop.sha256, geometry={})
            for number, crop in enumerate((left, right), 1)
        ]
        done = [
            step(
                "repair",
                photo.id,
                Output("photo", clean),
                Output("mask:scratches", holes),
                inputs=[ObjectUse("photo", photo.sha256)],
                same_as=None if number == 0 else 3,
            )
            for number, photo in enumerate(photos)
        ]
        for path in (*EXPORTED, GONE):
            target = library.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            made = publish(target, lambda file, path=path: file.write(path.encode()))
            if path == GONE:
                target.unlink()
            add_export(
                session,
                run_id=run_id,
                print_id=1,
                step_id=done[0],
                path=path,
                sha256=made.sha256,
                bytes=made.bytes,
                options={},
            )
        end_run(session, run_id, exit_code=0, summary={})


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that was put into the package; not to be changed."""
    root = tmp_path_factory.mktemp("source") / "library"
    with open_library(root, write=True, create=True) as library:
        _fill(library)
    return root


@pytest.fixture(scope="session")
def packed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package; not to be changed."""
    target = tmp_path_factory.mktemp("packed") / "bag"
    with open_library(source, write=False) as library:
        write_bag(library, target)
    return target


@pytest.fixture
def bag(packed: Path, tmp_path: Path) -> Path:
    """A package to do harm to."""
    return Path(shutil.copytree(packed, tmp_path / "bag", symlinks=True))


@pytest.fixture
def flip_bit() -> Callable[[Path], None]:
    """Change one bit in the middle of a file; done twice it is whole again."""

    def change(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.chmod(0o644)
        path.write_bytes(data)

    return change


def _reseal(bag: Path) -> None:
    payload = sorted(path for path in (bag / "data").rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in payload)
    info = bag / "bag-info.txt"
    kept = [line for line in info.read_text().splitlines() if not line.startswith("Payload-Oxum")]
    info.write_text("\n".join([*kept, f"Payload-Oxum: {size}.{len(payload)}"]) + "\n")
    for name in ("sha256", "sha512"):
        lines = [
            f"{hashlib.new(name, path.read_bytes()).hexdigest()}  {path.relative_to(bag)}\n"
            for path in payload
        ]
        (bag / f"manifest-{name}.txt").write_text("".join(lines))
    tags = sorted(path for path in bag.iterdir() if path.is_file() and "tagm" not in path.name)
    for name in ("sha256", "sha512"):
        lines = [
            f"{hashlib.new(name, path.read_bytes()).hexdigest()}  {path.name}\n" for path in tags
        ]
        (bag / f"tagmanifest-{name}.txt").write_text("".join(lines))


@pytest.fixture
def reseal() -> Callable[[Path], None]:
    """Write all the manifests of a changed package anew, as somebody who means harm would."""
    return _reseal


@pytest.fixture
def digests() -> Callable[[Path], dict[str, str]]:
    """Digests of all files below a folder by path, but for what only a running library has."""

    def found(folder: Path) -> dict[str, str]:
        return {
            str(path.relative_to(folder)): sha256_file(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in {".lock", "ledger.sqlite"}
        }

    return found
