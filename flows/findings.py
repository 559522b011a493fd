"""What was found on a print, in the few words that a run ends with."""

from __future__ import annotations

from pipeline.export.faces_told import faces_sentence
from pipeline.store.rows import StepRow

_LEAST_TOLD = 0.00005


def found_by(row: StepRow) -> str:
    """What one finished step found on its print, or an empty string.

    Args:
        row: the step. `diagnose` tells in words what it saw, `repair` how much damage it filled
            or left, `faces` what became of the faces.
    """
    if row.stage == "diagnose":
        return row.reason
    if row.stage == "repair":
        return _damage(row)
    if row.stage == "faces":
        return faces_sentence(row.measures)
    return ""


def _damage(row: StepRow) -> str:
    share = float(row.measures.get("damaged_share") or 0.0)
    if share < _LEAST_TOLD:
        return ""
    told = f"dust, hairs or scratches on {share:.2%}" if share < 0.01 else f"damage on {share:.1%}"
    return told if row.decision == "applied" else f"{told}, left to you"
