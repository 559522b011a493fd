"""A small library whose every byte is known, with names and words that mean harm."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from pipeline.core.caption import Caption
from pipeline.core.photo import Photo
from pipeline.io.checkpoint import write_checkpoint, write_mask
from pipeline.store.backs import pair_back
from pipeline.store.captions import Source, add_captions, add_source
from pipeline.store.choices import add_face_choice
from pipeline.store.library import Library
from pipeline.store.masters import record_master
from pipeline.store.objects import StoredObject
from pipeline.store.record import (
    NewStep,
    Output,
    add_export,
    add_object,
    add_print,
    add_scan,
    add_step,
    end_run,
    start_run,
)
from pipeline.store.rows import ObjectUse, PrintRow, ScanRow

BOX = "/home/somebody/a box"
EVIL_NAME = b"../../CON.<b>&\xff.png"
EVIL_TITLE = "=HYPERLINK(\"http://x.example\")<script>alert(1)</script> & 'Söhne'\u202e"
CAPTION = Caption(
    title=EVIL_TITLE,
    date="1962?",
    edtf="1962?",
    place="<img src=x onerror=1>",
    people=("Anna Ä", "+Karl"),
    keywords=("garden",),
    note="first line\nsecond line",
)
WEIGHTS = "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf"
"""Of a network in the catalogue."""
UNKNOWN_WEIGHTS = "5" * 64
RECIPE = {
    "name": "archive",
    "description": 'Says "all" \u00e9\x7f\\',
    "stages": ["split", "repair"],
    "repair": {"caution": 3.5, "use_infrared": True, "least_px": 8, "models": [], "top": None},
}
SOFTWARE = {"shoebox-prints": "0.1.0", "numpy": "2.0"}


def photo(level: float, size: tuple[int, int] = (30, 40)) -> Photo:
    """Horizontal stripes around a level, at 254 dpi (10 px a mm)."""
    rows = np.linspace(0.0, 0.2, size[0], dtype=np.float32)[:, None, None]
    return Photo.of(np.broadcast_to(rows + np.float32(level), (*size, 3)).copy(), (254.0, 254.0))


def png(seed: int) -> bytes:
    """A small picture as a scanner might write it."""
    noise = np.random.default_rng(seed).integers(0, 255, (50, 60, 3), dtype=np.uint8)
    return bytes(cv2.imencode(".png", noise)[1])


def _writing(data: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(data)

    return write


@dataclass
class BaggedLibrary:
    """The library, and what a test must know of it."""

    library: Library
    run_id: int = 0
    scans: list[ScanRow] = field(default_factory=list)
    prints: list[PrintRow] = field(default_factory=list)
    stored: dict[str, StoredObject] = field(default_factory=dict)
    repair: int = 0

    def put(self, name: str, write: Callable[[BinaryIO], None], suffix: str) -> StoredObject:
        """An object, durable and in the ledger."""
        self.stored[name] = self.library.objects.put(write, suffix)
        with self.library.ledger.write() as session:
            add_object(session, self.stored[name])
        return self.stored[name]

    def original(self, name: bytes, data: bytes) -> ScanRow:
        """A scan with its object, as `ingest` takes it in."""
        stored = self.put(f"scan-{len(self.scans) + 1}", _writing(data), ".png")
        return self.scan(name, stored.sha256, stored)

    def scan(self, name: bytes, sha256: str, stored: StoredObject | None = None) -> ScanRow:
        """A scan's row, and its `ingest` step when there is an object."""
        with self.library.ledger.write() as session:
            row = add_scan(
                session, run_id=self.run_id, box=BOX, name_bytes=name, sha256=sha256, bytes=1
            )
        self.scans.append(row)
        if stored is not None:
            self.step(row, None, "ingest", [], [Output("scan", stored)])
        return row

    def step(
        self,
        scan: ScanRow,
        print_row: PrintRow | None,
        stage: str,
        inputs: Sequence[str],
        outputs: Sequence[Output],
        **more: Any,
    ) -> int:
        """One step on record, applied unless told otherwise."""
        told: dict[str, Any] = {
            "status": "done",
            "decision": "applied",
            "reason": f"because of <{stage}>",
            "started_at": "2026-05-04T10:00:00+00:00",
            **more,
        }
        step = NewStep(
            run_id=self.run_id,
            scan_id=scan.id,
            print_id=print_row.id if print_row else None,
            key="k" * 64,
            stage=stage,
            stage_version=1,
            options=more.get("options", {"strength": 0.5}),
            seconds=1.5,
            software=SOFTWARE,
            inputs=[ObjectUse("photo", digest) for digest in inputs],
            outputs=outputs,
            **{key: value for key, value in told.items() if key != "options"},
        )
        with self.library.ledger.write() as session:
            return add_step(session, step)

    def cut(self, scan: ScanRow, ordinal: int, stored: StoredObject) -> PrintRow:
        """A print's row."""
        with self.library.ledger.write() as session:
            row = add_print(
                session, scan_id=scan.id, ordinal=ordinal, sha256=stored.sha256, geometry={}
            )
        self.prints.append(row)
        return row

    def master(self, row: PrintRow, step_id: int, stored: StoredObject) -> None:
        """Say that a print is finished."""
        with self.library.ledger.write() as session:
            record_master(
                session,
                run_id=self.run_id,
                print_id=row.id,
                step_id=step_id,
                sha256=stored.sha256,
            )

    def export(self, path: str, data: bytes, step_id: int, source: str) -> Path:
        """A file among the library's exports (or elsewhere, when the path is absolute)."""
        target = self.library.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        with self.library.ledger.write() as session:
            add_export(
                session,
                run_id=self.run_id,
                print_id=self.prints[0].id,
                step_id=step_id,
                path=path,
                sha256=hashlib.sha256(data).hexdigest(),
                bytes=len(data),
                options={"kind": "tiff", "source": source},
            )
        return target


def fill(library: Library, elsewhere: Path) -> BaggedLibrary:
    """Two prints on one scan with a back, the same scan once more, a refused one, exports.

    The first print was restored: repaired with a mask, once in vain denoised, then redrawn by a
    network. The second was left as it is. The twin's print is the first one's cut once more.
    """
    made = BaggedLibrary(library)
    with library.ledger.write() as session:
        made.run_id = start_run(
            session, command="digitize box", recipe_name="archive", recipe=RECIPE, box=BOX
        )
    front = made.original(EVIL_NAME, png(1))
    twin = made.original(b"twin.png", png(1))
    back = made.original(b"page_back.png", png(2))
    made.scan(b"refused.txt", "e" * 64)
    first = made.put("cut-1", partial(write_checkpoint, photo(0.2)), ".tif")
    second = made.put("cut-2", partial(write_checkpoint, photo(0.6, (20, 25))), ".tif")
    pieces = [Output("print-1", first), Output("print-2", second)]
    made.step(front, None, "split", [front.sha256], pieces)
    one, _two = made.cut(front, 1, first), made.cut(front, 2, second)
    made.step(twin, None, "split", [twin.sha256], [Output("photo", first)])
    again = made.cut(twin, 1, first)
    step_id, master = _restored(made, front, one, first)
    taken = [Output("photo", made.stored["repaired"]), Output("mask:damage", made.stored["damage"])]
    made.step(twin, again, "repair", [first.sha256], taken, same_as=made.repair)
    with library.ledger.write() as session:
        pair_back(session, run_id=made.run_id, scan_id=front.id, back_scan_id=back.id)
        caption_file = library.objects.put(_writing(b"file,title\r\n"), ".csv")
        source = Source("box", "box.csv", caption_file)
        add_source(session, run_id=made.run_id, source=source, box=BOX, rows=1)
        add_captions(session, run_id=made.run_id, source=source, captions={(front.id, 1): CAPTION})
    made.stored["captions"] = caption_file
    made.export("exports/masters/page.tif", b"a master", step_id, master.sha256)
    made.export("exports/Für Oma/nul.tif", b"for granny", step_id, master.sha256)
    made.export("exports/masters/changed.tif", b"written", step_id, master.sha256).write_bytes(
        b"CHANGED"
    )
    made.export("exports/masters/gone.tif", b"written", step_id, master.sha256).unlink()
    made.export(str(elsewhere / "copy.tif"), b"elsewhere", step_id, master.sha256)
    with library.ledger.write() as session:
        end_run(session, made.run_id, exit_code=0, summary={})
    return made


def _restored(
    made: BaggedLibrary, scan: ScanRow, row: PrintRow, cut: StoredObject
) -> tuple[int, StoredObject]:
    """Repair, a failure, a step that declined, a person's decision, a network; the master."""
    damage = np.zeros((30, 40), np.uint8)
    damage[3, 4] = 255
    mask = made.put("damage", partial(write_mask, damage), ".png")
    repaired = made.put("repaired", partial(write_checkpoint, photo(0.3)), ".tif")
    made.repair = made.step(
        scan, row, "repair", [cut.sha256], [Output("photo", repaired), Output("mask:damage", mask)]
    )
    made.step(
        scan,
        row,
        "denoise",
        [repaired.sha256],
        [],
        status="failed",
        decision=None,
        error_number=110,
        error_text="E110 it did not work & <b>so</b>",
    )
    same = [Output("photo", repaired)]
    made.step(scan, row, "denoise", [repaired.sha256], same, decision="skipped")
    with made.library.ledger.write() as session:
        add_face_choice(
            session,
            print_id=row.id,
            box=(0.1, 0.2, 0.3, 0.4),
            face=1,
            action="leave",
            command="rerun --print 0001-1 --face 1:leave",
        )
    half = np.zeros((30, 40), np.uint8)
    half[:15] = 255
    drawn = made.put("drawn", partial(write_mask, half), ".png")
    master = made.put("master", partial(write_checkpoint, photo(0.5)), ".tif")
    outputs = [Output("photo", master), Output("mask:generated", drawn)]
    models = (
        {"name": "RealESRGAN_x4plus-ncnn", "role": "artifacts", "sha256": WEIGHTS},
        {"name": "home-made", "role": "face_detector", "sha256": UNKNOWN_WEIGHTS},
    )
    step_id = made.step(
        scan, row, "artifacts", [repaired.sha256], outputs, models=models, device="cpu"
    )
    made.master(row, step_id, master)
    return step_id, master
