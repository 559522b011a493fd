"""What a network reported of all columns, as one account and one progress bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.core.progress import Progress
from pipeline.models.provider import Inference


class Record:
    """How a network went over the columns of one picture.

    Args:
        name: of the network, for the progress bar.
        total_px: real px of all columns with their margins.
        progress: hears of the work on all columns as one.
    """

    def __init__(self, name: str, total_px: int, progress: Progress) -> None:
        self._progress = progress
        self._facts: list[Mapping[str, Any]] = []
        progress.begin(name, float(total_px), "px")

    def column(self, px: int) -> ColumnProgress:
        """What the network is to report its work on the next block to.

        Args:
            px: real px of the column with its margin.
        """
        return ColumnProgress(self._progress, float(px))

    def add(self, made: Inference) -> None:
        """Note how a column went; its pixels are not kept."""
        named = {"model": made.model, "device": made.device, "dtype": made.dtype}
        self._facts.append({**named, **made.facts})

    def facts(self) -> dict[str, Any]:
        """JSON facts about all columns.

        Counts (`tiles...`) are added up and lists joined. Anything else is the value that all
        columns gave, or all that they gave, in the order in which they came.
        """
        keys = dict.fromkeys(key for facts in self._facts for key in facts)
        return {"columns": len(self._facts)} | {
            key: _together(key, [facts[key] for facts in self._facts if key in facts])
            for key in keys
        }


class ColumnProgress:
    """Passes the work on one column on as a share of the whole; a `Progress`.

    Args:
        whole: hears of it.
        px: what the column is worth.
    """

    def __init__(self, whole: Progress, px: float) -> None:
        self._whole = whole
        self._left = px
        self._each = 0.0

    def begin(self, label: str, total: float, unit: str) -> None:
        """The column is begun, or begun again: what is left of it is shared out anew."""
        self._each = self._left / total if total > 0 else 0.0

    def advance(self, units: float = 1.0) -> None:
        """So many more units of the column are done."""
        self._pass_on(min(self._left, units * self._each))

    def done(self) -> None:
        """The column is done, whatever was reported."""
        self._pass_on(self._left)

    def _pass_on(self, px: float) -> None:
        if px > 0:
            self._left -= px
            self._whole.advance(px)


def _together(key: str, values: Sequence[Any]) -> Any:
    if key.startswith("tiles"):
        return sum(values)
    if isinstance(values[0], list):
        return [item for value in values for item in value]
    different = [value for n, value in enumerate(values) if value not in values[:n]]
    if len(different) == 1:
        return different[0]
    return ", ".join(map(str, different))
