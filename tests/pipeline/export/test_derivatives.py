"""Files written out of a library say what they are and what was done, from ledger and masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import piexif
import pytest
import tifffile
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.export.derivatives import ExportRequest, write_export, write_photo_file
from pipeline.io.checkpoint import write_checkpoint, write_mask
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.said import Said
from pipeline.io.xmp import ENHANCED
from pipeline.io.xmp_read import scan_xmp
from pipeline.store import queries
from pipeline.store.clock import now
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject
from pipeline.store.record import (
    NewStep,
    Output,
    add_object,
    add_print,
    add_scan,
    add_step,
    start_run,
)
from pipeline.store.rows import ObjectUse, PrintRow, ScanRow

TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MODELS = (
    {"name": "CenterFace", "role": "face_detector", "sha256": "0" * 64},
    {"name": "RealESRGAN_x4plus", "role": "faces", "sha256": "1" * 64},
)
PHOTO = Photo.of(np.full((20, 40, 3), 0.4, np.float32), (300.0, 300.0))
RESULT = Photo.of(np.full((20, 40, 3), 0.5, np.float32), (300.0, 300.0))


@dataclass
class Story:
    """A scan that carries a keyword, and its only print, in a library."""

    library: Library
    run_id: int
    scan: ScanRow
    cut: StoredObject
    print_row: PrintRow

    def put(self, write: Callable[..., None], suffix: str = ".tif") -> StoredObject:
        stored = self.library.objects.put(write, suffix)
        with self.library.ledger.write() as session:
            add_object(session, stored)
        return stored

    def exported(
        self, target: Path, stage: str, mask: NDArray[np.uint8] | None, decision: str = "applied"
    ) -> tuple[bytes, bytes]:
        """The packet and the file after one more step on the print."""
        made = self.put(partial(write_checkpoint, RESULT)) if decision == "applied" else self.cut
        outputs = [Output("photo", made)]
        if mask is not None:
            outputs.append(Output("mask:generated", self.put(partial(write_mask, mask), ".png")))
        step = NewStep(
            run_id=self.run_id,
            scan_id=self.scan.id,
            print_id=self.print_row.id,
            key="k" * 64,
            stage=stage,
            stage_version=1,
            options={},
            status="done",
            decision=decision,
            reason="because",
            started_at=now(),
            seconds=1.0,
            models=MODELS if stage == "faces" else (),
            inputs=[ObjectUse("photo", self.cut.sha256)],
            outputs=outputs,
        )
        with self.library.ledger.write() as session:
            step_id = add_step(session, step)
        with self.library.ledger.read() as session:
            row = queries.step_by_id(session, step_id)
        assert row is not None
        request = ExportRequest(self.scan, self.print_row, row, target, DerivativeFormat("tiff"))
        _, written = write_export(self.library, self.run_id, request)
        assert written
        assert write_export(self.library, self.run_id, request)[1] is False
        packet = scan_xmp(target)
        assert packet is not None
        return packet, target.read_bytes()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with open_library(tmp_path / "library", write=True, create=True) as library:
        said = Said("Anna und Karl", "ScanMaker", TERMS + "print")
        scanned = partial(
            write_derivative,
            PHOTO,
            form=DerivativeFormat("tiff"),
            said=said,
        )
        original = library.objects.put(scanned, ".tif")
        cut = library.objects.put(partial(write_checkpoint, PHOTO), ".tif")
        with library.ledger.write() as session:
            for stored in (original, cut):
                add_object(session, stored)
            run_id = start_run(session, command="test")
            scan = add_scan(
                session,
                run_id=run_id,
                box="/box",
                name_bytes=b"page.tif",
                sha256=original.sha256,
                bytes=original.bytes,
            )
            print_row = add_print(
                session, scan_id=scan.id, ordinal=1, sha256=cut.sha256, geometry={}
            )
        yield Story(library, run_id, scan, cut, print_row)


def described(file: Path) -> str:
    with tifffile.TiffFile(file) as tiff:
        return str(tiff.pages.first.tags[270].value)


def test_faces_redrawn_in_a_tenth_of_the_print_are_told(story: Story, tmp_path: Path) -> None:
    mask = np.zeros((20, 40), np.uint8)
    mask[:4, :20] = 180
    packet, _ = story.exported(tmp_path / "a.tif", "faces", mask)
    words = described(tmp_path / "a.tif")
    assert (TERMS + "compositeWithTrainedAlgorithmicMedia").encode() in packet
    assert b'AISystemUsed="RealESRGAN_x4plus"' in packet
    assert "Detail was generated by RealESRGAN_x4plus:" in words
    assert words.endswith("About 10 % of the picture is affected.")
    assert words.encode() in packet


def test_a_generative_step_that_made_no_px_is_not_told_as_one(story: Story, tmp_path: Path) -> None:
    packet, _ = story.exported(tmp_path / "a.tif", "faces", np.zeros((20, 40), np.uint8))
    assert (TERMS + "algorithmicallyEnhanced").encode() in packet
    assert "generated" not in described(tmp_path / "a.tif")


def test_a_generative_step_without_a_mask_is_told_without_a_share(
    story: Story, tmp_path: Path
) -> None:
    packet, _ = story.exported(tmp_path / "a.tif", "faces", None)
    assert (TERMS + "compositeWithTrainedAlgorithmicMedia").encode() in packet
    assert described(tmp_path / "a.tif").endswith("not evidence of what the original showed.")


def test_a_mask_that_is_damaged_counts_as_none(story: Story, tmp_path: Path) -> None:
    mask = np.zeros((20, 40), np.uint8)
    mask[0] = 9
    stored = story.put(partial(write_mask, mask), ".png")
    path = story.library.objects.path(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    packet, _ = story.exported(tmp_path / "a.tif", "faces", mask)
    assert (TERMS + "compositeWithTrainedAlgorithmicMedia").encode() in packet


def test_a_change_without_networks_is_an_enhancement(story: Story, tmp_path: Path) -> None:
    packet, _ = story.exported(tmp_path / "a.tif", "denoise", None)
    assert (TERMS + "algorithmicallyEnhanced").encode() in packet
    assert b"AISystemUsed" not in packet


def test_an_unchanged_print_is_a_digitised_one(story: Story, tmp_path: Path) -> None:
    packet, _ = story.exported(tmp_path / "a.tif", "denoise", None, decision="skipped")
    assert f'"{TERMS}print"'.encode() in packet
    assert "nothing had to be changed" in described(tmp_path / "a.tif")


def test_what_the_scan_said_comes_along(story: Story, tmp_path: Path) -> None:
    packet, _ = story.exported(tmp_path / "a.tif", "denoise", None)
    assert b"Anna und Karl" in packet
    assert b"ScanMaker" not in packet


def test_the_same_picture_is_the_same_file(story: Story, tmp_path: Path) -> None:
    mask = np.full((20, 40), 7, np.uint8)
    _, first = story.exported(tmp_path / "a.tif", "faces", mask)
    _, second = story.exported(tmp_path / "b.tif", "faces", mask)
    assert first == second


def test_a_single_photo_carries_the_fields_it_is_given(tmp_path: Path) -> None:
    target = tmp_path / "one.jpg"
    form = DerivativeFormat("jpeg")
    write_photo_file(PHOTO, target, form, Said("told", "Shoebox", ENHANCED, ("net",)))
    packet = scan_xmp(target)
    assert packet is not None
    assert ENHANCED.encode() in packet
    assert piexif.load(str(target))["0th"][piexif.ImageIFD.ImageDescription] == b"told"
