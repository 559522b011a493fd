"""Signing a file while it is written: the plain file first, then the same with its manifest."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from pipeline.export.credentials import ClaimFacts, Credentials, Edit
from pipeline.export.disclosure import CUTTING, changes, generated_in
from pipeline.export.export_story import ExportStory
from pipeline.io.atomic import Writer
from pipeline.io.derivative_format import Kind
from pipeline.io.read import inspect_scan
from pipeline.io.said import Said
from pipeline.store.library import Library


def signing(
    write: Writer, credentials: Credentials, kind: Kind, facts: ClaimFacts, folder: Path
) -> Writer:
    """What writes a file with its manifest.

    Args:
        write: writes the file without one.
        credentials: what it is signed with.
        kind: the file's format.
        facts: what the manifest says.
        folder: where the file without one is kept meanwhile: beside the target, for the system's
            own folder may lie in memory.
    """

    def signed(file: BinaryIO) -> None:
        with tempfile.TemporaryFile(dir=folder) as plain:
            write(plain)
            plain.seek(0)
            credentials.signed(plain, file, kind, facts)

    return signed


def claim_facts(library: Library, story: ExportStory, said: Said) -> ClaimFacts:
    """What the manifest says of a picture, as the ledger has it.

    Raises:
        OriginalDamaged: the scan it came from is not whole.
    """
    original = library.objects.verified_original(story.scan.sha256)
    changed = set(changes(story.steps))
    edits = [
        Edit(step.stage, generated_in(library, [step]).models)
        for step in story.steps
        if step.decision == "applied" and step.stage in changed - {CUTTING}
    ]
    return ClaimFacts(
        title=story.caption.title or f"Print {story.print_row.name} of {story.scan.name}",
        software=said.software,
        source_type=said.source_type,
        scan_name=story.scan.name,
        scan_sha256=story.scan.sha256,
        scan_kind=inspect_scan(original, max_megapixels=float("inf")).format,
        edits=edits,
    )
