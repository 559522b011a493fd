"""A stage's outcome: checked against the contract, then turned into stored objects."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from pipeline.core.errors import BadOutput, StageContractBroken
from pipeline.core.photo import Photo
from pipeline.io.checkpoint import write_checkpoint, write_mask
from pipeline.stages.base import Outcome, Stage
from pipeline.store.objects import ObjectStore, StoredObject
from pipeline.store.record import Output


def check_outcome(stage: Stage[Any], photo: Photo, outcome: Outcome) -> None:
    """Refuse a result that no restoration can mean.

    Raises:
        BadOutput: a result is one flat colour although the input was not.
        StageContractBroken: no photo, a skipped stage that changed the photo, a monochrome
            photo that came back as colour, or a profile that changed.
    """
    if not outcome.photos:
        raise StageContractBroken(f"{stage.name} gave no photo")
    if outcome.decision == "skipped":
        if not outcome.reason:
            raise StageContractBroken(f"{stage.name} was skipped without a reason")
        if any(made is not photo for made in outcome.photos):
            raise StageContractBroken(f"{stage.name} was skipped but changed the photo")
    flat_input = _is_flat(photo)
    for made in outcome.photos:
        if made is photo:
            continue
        if not flat_input and stage.scope == "print" and _is_flat(made):
            raise BadOutput(f"{stage.name} made one flat colour")
        if photo.monochrome and not made.monochrome:
            raise StageContractBroken(f"{stage.name} gave colour to a monochrome photo")
        if made.icc != photo.icc or made.bit_depth != photo.bit_depth:
            raise StageContractBroken(f"{stage.name} changed the profile or the bit depth")


def _is_flat(photo: Photo) -> bool:
    # Nearly every picture shows it in its first rows.
    return bool(np.ptp(photo.samples[:8]) == 0 and np.ptp(photo.samples) == 0)


def store_outcome(
    objects: ObjectStore, stage: Stage[Any], photo: Photo, source: str, outcome: Outcome
) -> list[Output]:
    """Store every photo and side image of an outcome.

    A photo that a print stage returned untouched is its input object; a scan is always written
    anew, because a scan is not a checkpoint.
    """
    named: list[Output] = []
    for position, made in enumerate(outcome.photos, start=1):
        role = f"print-{position}" if stage.scope == "scan" else "photo"
        if made is photo and stage.scope == "print":
            stored = described(objects, source)
        else:
            stored = objects.put(partial(write_checkpoint, made), ".tif")
        named.append(Output(role, stored))
    for name, image in sorted(outcome.images.items()):
        stored = objects.put(partial(write_mask, image), ".png")
        named.append(Output(f"mask:{name}", stored))
    return named


def described(objects: ObjectStore, sha256: str) -> StoredObject:
    """An object that is in the store already."""
    path = objects.path(sha256)
    return StoredObject(sha256, path.stat().st_size, path.suffix)
