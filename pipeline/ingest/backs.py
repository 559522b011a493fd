"""Files that show the back of a print, known by their names: `x_back.jpg` or `x_b.tif` of `x`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.ingest.discover import Candidate

_BACK = re.compile(r"(.+)_(back|b)", re.IGNORECASE | re.DOTALL)

KEPT = "kept as the back of its front and not restored; --no-backs takes it for a picture"
NO_FRONT = "named like a back, but no front lies beside it: restored as a picture"


@dataclass(frozen=True)
class Pairing:
    """The files of a box as fronts and backs.

    Args:
        fronts: every file that is a picture of its own, in the order they were found.
        backs: by a front's name the files that show its back.
        alone: files named like a back whose front is not there; they are among the fronts.
    """

    fronts: tuple[Candidate, ...]
    backs: Mapping[str, tuple[Candidate, ...]]
    alone: tuple[Candidate, ...] = ()

    @property
    def in_order(self) -> tuple[tuple[Candidate, tuple[Candidate, ...]], ...]:
        """Each front with its backs."""
        return tuple((front, self.backs.get(front.name, ())) for front in self.fronts)


def unpaired(candidates: Sequence[Candidate]) -> Pairing:
    """Every file as a picture of its own."""
    return Pairing(tuple(candidates), {})


def pair_backs(candidates: Sequence[Candidate]) -> Pairing:
    """Find the files that show backs.

    A back lies in its front's folder and has its name, whatever the letter case, with `_back` or
    `_b` before an ending that may be another. Of several files with the front's name the one with
    the back's own ending is the front, else the first. A back has no back itself.

    Args:
        candidates: the files of a box in sorted order.
    """
    by_stem: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        by_stem.setdefault(_place(candidate), []).append(candidate)
    backs: dict[str, list[Candidate]] = {}
    paired: set[str] = set()
    alone: set[str] = set()
    # Shorter names first: whether `a_b` is a back is known before `a_b_b` asks for a front.
    for candidate in sorted(candidates, key=lambda one: (len(one.name), one.name)):
        folder, stem = _place(candidate)
        match = _BACK.fullmatch(stem)
        if match is None:
            continue
        fronts = [c for c in by_stem.get((folder, match[1]), ()) if c.name not in paired]
        if fronts:
            backs.setdefault(_nearest(candidate, fronts).name, []).append(candidate)
            paired.add(candidate.name)
        elif match[2] == "back" or (folder, f"{match[1]}_a") not in by_stem:
            alone.add(candidate.name)  # `x_b` beside `x_a` is one of a series.
    return Pairing(
        tuple(c for c in candidates if c.name not in paired),
        {front: tuple(sorted(own, key=lambda c: c.name)) for front, own in backs.items()},
        tuple(c for c in candidates if c.name in alone),
    )


def _nearest(back: Candidate, fronts: Sequence[Candidate]) -> Candidate:
    suffix = PurePosixPath(back.name).suffix.lower()
    same = [c for c in fronts if PurePosixPath(c.name).suffix.lower() == suffix]
    return (same or list(fronts))[0]


def _place(candidate: Candidate) -> tuple[str, str]:
    """The folder as it is, and the name without its ending in one letter case."""
    path = PurePosixPath(candidate.name)
    return str(path.parent), unicodedata.normalize("NFC", path.stem).casefold()
