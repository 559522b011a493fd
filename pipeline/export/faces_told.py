"""What became of each face, told for people from what the faces stage measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FaceEntry = Mapping[str, Any]
"""One face of `measures["faces"]`."""

_STAGE = "faces"
"""The stage whose measures these are; others may look at faces too."""

_REDRAWN = ("restored", "restored gently", "as chosen")


def face_lines(stage: str, measures: Mapping[str, Any]) -> list[str]:
    """One line about each face that a step restored or left; none for other stages."""
    entries: Sequence[FaceEntry] = measures.get("faces") or ()
    return [face_line(entry) for entry in entries] if stage == _STAGE else []


def outcome_of_face(entry: FaceEntry) -> str:
    """Such as `restored`, `as chosen`, `reverted` or `left`; entries of older runs tell it less."""
    told = entry.get("outcome")
    if told:
        return str(told)
    return "restored" if entry.get("model") and not entry.get("left_because") else "left"


def face_line(entry: FaceEntry) -> str:
    """One line about one face: where, how large, what was done and why, and its figures."""
    words = f"face {entry.get('face', '?')}"
    if entry.get("width_px") is not None:
        words += f", {entry['width_px']:.0f} px wide"
    figures = ", ".join(_figures(entry))
    done = _done(entry)
    return f"{words}: {done}" + (f" ({figures})" if figures else "")


def face_figures(entry: FaceEntry) -> list[str]:
    """The same on short lines of their own, for under a picture."""
    made = [words for words in (entry.get("model"), _strength(entry)) if words]
    return [_outcome(entry) + _because(entry), *made, *_figures(entry)]


def _done(entry: FaceEntry) -> str:
    with_model = f" with {entry['model']}" if entry.get("model") and _is_redrawn(entry) else ""
    at = f", {_strength(entry)}" if _strength(entry) else ""
    return f"{_outcome(entry)}{with_model}{at}{_because(entry)}"


_OUTCOMES = {
    "as chosen": "restored as chosen",
    "reverted": "given back as it was",
    "failed": "FAILED",
    "left": "left as it is",
}


def _outcome(entry: FaceEntry) -> str:
    outcome = outcome_of_face(entry)
    return _OUTCOMES.get(outcome, outcome)


def _is_redrawn(entry: FaceEntry) -> bool:
    return outcome_of_face(entry) in _REDRAWN


def _strength(entry: FaceEntry) -> str:
    """The strength that was used, and what was asked for when that was more."""
    strength, asked = entry.get("strength"), entry.get("asked_strength")
    if strength is None or not _is_redrawn(entry):
        return ""
    more = "" if asked is None or asked == strength else f" of {_short(asked)} asked for"
    return f"strength {_short(strength)}{more}"


def _because(entry: FaceEntry) -> str:
    why = _why(entry).removeprefix("given back: ")
    return f": {why}" if why else ""


def _why(entry: FaceEntry) -> str:
    """The reason, whichever of its names it bears; of less strength, what spoke against more."""
    for name in ("left_because", "error", "objection", "remark"):
        if entry.get(name):
            return str(entry[name])
    tried: Sequence[Mapping[str, Any]] = entry.get("tried") or ()
    return str(tried[0].get("objection") or "") if tried else ""


def _figures(entry: FaceEntry) -> list[str]:
    """Similarity of the face before to the face after, and what it was changed by."""
    told = []
    if entry.get("similarity") is not None:
        told.append(f"similarity to before {_short(entry['similarity'])}")
    if entry.get("data_misfit") is not None:
        told.append(f"data misfit {_misfit(entry['data_misfit'])}")
    if entry.get("mean_change") is not None:
        told.append(f"mean change {_short(entry['mean_change'])}")
    return told


def _misfit(value: Any) -> str:
    """How far the face is from what was scanned, overall and where most."""
    if not isinstance(value, Mapping):
        return _short(value)
    where = f" at {value['where']}" if value.get("where") else ""
    worst = f", {_short(value['worst'])}{where}" if value.get("worst") is not None else ""
    return f"{_short(value.get('overall'))}{worst}"


def _short(value: Any) -> str:
    """A number with the digits that matter."""
    return f"{value:.3g}" if isinstance(value, (int, float)) else str(value)


def faces_sentence(measures: Mapping[str, Any]) -> str:
    """What became of a print's faces in one short sentence; empty when it has none."""
    entries: Sequence[FaceEntry] = measures.get("faces") or ()
    if not entries:
        return ""
    became = [outcome_of_face(entry) for entry in entries]
    count, redrawn = len(became), sum(outcome in _REDRAWN for outcome in became)
    gently = became.count("restored gently")
    back, failed = became.count("reverted"), became.count("failed")
    if not (redrawn or back or failed):
        return f"{_faces(count)} left as {'it is' if count == 1 else 'they are'}"
    told = [f"{redrawn} of {_faces(count)} redrawn" + (f" ({gently} gently)" if gently else "")]
    if back:
        alike = "it no longer resembled itself"
        alike = alike if back == 1 else "they no longer resembled themselves"
        told.append(f"{back} given back because {alike}")
    if failed:
        told.append(f"{failed} failed and left as {'it was' if failed == 1 else 'they were'}")
    return ", ".join(told)


def _faces(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"
