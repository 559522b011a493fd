"""Recording what a person decided about a face of a print, and telling what is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from flows.model_folders import model_folders
from flows.pace import sheet_of_object
from pipeline.config.face_options import FACES
from pipeline.core.errors import StageContractBroken, UsageError
from pipeline.execute.face_choices import choices_of
from pipeline.models.catalog import load_catalog
from pipeline.models.weights import resolve
from pipeline.stages.face_choice import Box, FaceChoice, matched, shares
from pipeline.store import queries
from pipeline.store.choices import add_face_choice
from pipeline.store.library import Library, open_library
from pipeline.store.rows import PrintRow, StepRow

Entry = Mapping[str, Any]
"""A face as the measures of a faces step tell of it."""


@dataclass(frozen=True)
class FacesFound:
    """The faces that the newest finished faces step found on a print.

    Args:
        step: that step.
        width, height: of the print, px.
        entries: what it measured of each face.
    """

    step: StepRow
    width: int
    height: int
    entries: tuple[Entry, ...]

    def entry(self, number: int) -> Entry:
        """One face by its number.

        Raises:
            UsageError: there is no such face; those there are, are told.
        """
        for entry in self.entries:
            if entry.get("face") == number:
                return entry
        raise UsageError(f"the print has no face {number}", remedy=self.told())

    def box(self, number: int) -> Box:
        """Where a face is, in shares of the print; errors as for `entry`."""
        return shares(self.entry(number)["box_px"], self.width, self.height)

    def told(self) -> str:
        """The faces there are, in words."""
        if not self.entries:
            return "No face was found on it."
        listed = ", ".join(
            f"{entry['face']} (x {entry['box_px'][0]:.0f}, y {entry['box_px'][1]:.0f}, "
            f"{entry.get('width_px', entry['box_px'][2] - entry['box_px'][0]):.0f} px wide)"
            for entry in self.entries
        )
        return f"Its faces: {listed}."


def faces_found(library: Library, session: Session, print_row: PrintRow) -> FacesFound:
    """The faces of a print as its newest finished faces step numbered them.

    Raises:
        UsageError: no such step was run on it.
    """
    steps = [
        step
        for step in queries.history(session, print_row)
        if step.stage == FACES and step.status == "done" and step.print_id == print_row.id
    ]
    if not steps:
        raise UsageError(
            f"faces were not looked for on print {print_row.name} yet",
            remedy=f"Run it with a recipe that has the stage {FACES!r} first, such as archive.",
        )
    step = steps[-1]
    sheet = sheet_of_object(library, step.inputs[0].sha256)
    if sheet is None:
        raise StageContractBroken(f"step {step.id} read no picture")
    entries = tuple(entry for entry in step.measures.get("faces", []) if "box_px" in entry)
    return FacesFound(step, sheet.width, sheet.height, entries)


def choose(
    root: Path,
    print_name: str,
    face: int,
    *,
    model: str | None = None,
    strength: float | None = None,
    leave: bool = False,
    forget: bool = False,
    command: str,
) -> str:
    """Record one decision about one face; gives it in words.

    Args:
        root: the library's folder.
        print_name: such as 0003-1.
        face: its number in the print's newest faces step.
        model, strength: restore it with this network, this strongly (0..1).
        leave: leave it as it is.
        forget: take back what was decided about it.
        command: what was typed, for the ledger.

    Raises:
        UsageError: not one thing is decided, or there is no such face.
        UnknownPrint: there is no such print.
        UnknownModel, WeightsMissing, WeightsWrong: the model cannot be used for faces.
        LibraryBusy, LibraryDamaged: the library cannot be written to.
    """
    choice = _checked(model, strength, leave, forget)
    if model is not None:
        folders = model_folders(root)
        resolve(load_catalog(folders=folders), {FACES: (model,)}, folders)
    with open_library(root, write=True) as library:
        with library.ledger.read() as session:
            print_row = queries.print_by_name(session, print_name)
            box = faces_found(library, session, print_row).box(face)
        with library.ledger.write() as session:
            add_face_choice(
                session,
                print_id=print_row.id,
                box=box,
                face=face,
                action="forget" if choice is None else "leave" if leave else "restore",
                model=model,
                strength=strength,
                command=command,
            )
    return "as the recipe says" if choice is None else choice.in_words()


def _checked(
    model: str | None, strength: float | None, leave: bool, forget: bool
) -> FaceChoice | None:
    restore = model is not None or strength is not None
    if restore + leave + forget != 1:
        raise UsageError(
            "nothing is decided" if not (restore or leave or forget) else "that is two decisions",
            remedy="Say one of --model and --strength, --leave, or --forget.",
        )
    if strength is not None and not 0.0 <= strength <= 1.0:
        raise UsageError(f"the strength {strength:g} is not within 0 and 1")
    return None if forget else FaceChoice(leave=leave, model=model, strength=strength)


def decisions(root: Path, print_name: str) -> list[dict[str, Any]]:
    """The decisions in force about a print's faces, as JSON.

    Each tells the face's number now (None when it was not found by the newest faces step), its
    box in shares of the print, what was decided, and whether that step has followed it.

    Raises:
        UnknownPrint: there is no such print.
    """
    with open_library(root, write=False) as library, library.ledger.read() as session:
        print_row = queries.print_by_name(session, print_name)
        choices = choices_of(library, session, print_row)
        if not choices:
            return []
        found = faces_found(library, session, print_row)
    boxes = [entry["box_px"] for entry in found.entries]
    of_face = matched(choices, boxes, found.width, found.height)
    followed = found.step.options.get("choices", [])
    return [_told(choice, found.entries, of_face, followed) for choice in choices]


def _told(
    choice: FaceChoice,
    entries: Sequence[Entry],
    of_face: Sequence[FaceChoice | None],
    followed: Sequence[Any],
) -> dict[str, Any]:
    numbers = [entry["face"] for entry, own in zip(entries, of_face, strict=True) if own is choice]
    document = choice.model_dump(mode="json")
    return {
        "face": next(iter(numbers), None),
        "box": document["box"],
        "leave": choice.leave,
        "model": choice.model,
        "strength": choice.strength,
        "decided": choice.in_words(),
        "followed": document in list(followed),
    }
