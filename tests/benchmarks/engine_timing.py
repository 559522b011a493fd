"""Timing several ways of doing the same work side by side, in turns."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

PATIENCE_S = 45.0
"""What takes longer than this is done once only."""


@dataclass(frozen=True)
class Way:
    """Something to be timed.

    Args:
        name: which one it is.
        kind: "ours", "RealESRGANer", "bare tile" (one tile: no overlap, no checks) or "peak".
        work: does it once, to the end.
        dtype: number format.
        size: (width, height) of its picture or tile, px; None for a peak.
        warm: is called once before anything is timed; None for `work` itself.
        operations: floating-point operations of a peak.
        facts: what the work tells about itself afterwards, or None.
    """

    name: str
    kind: str
    work: Callable[[], Any]
    dtype: str
    size: tuple[int, int] | None = None
    warm: Callable[[], Any] | None = None
    operations: float = 0.0
    facts: Callable[[], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Missing:
    """A way that cannot be gone here, and why, in words."""

    name: str
    kind: str
    reason: str


def timed(ways: Sequence[Way | Missing], rounds: int) -> list[dict[str, Any]]:
    """One row for each way: the median over the rounds.

    All take turns, in every other round backwards, so that what else the machine does meets all
    alike. What runs out of memory or cannot do it becomes a row that says so; our own engine may
    not.

    Returns:
        Rows of JSON: `name`, `kind`, and either `missing` or `dtype`, `size_px`, `seconds`
        (median), `rounds`, `spread` (slowest over fastest round), `kpx_s` (thousands of input px
        per second) or, for a peak, `tflop_s`; and `facts` if it has any.
    """
    broken: dict[int, str] = {}
    seconds: dict[int, list[float]] = {n: [] for n, way in enumerate(ways) if isinstance(way, Way)}
    for number, way in enumerate(ways):
        if isinstance(way, Way):
            _told(f"warming up: {way.name}")
            _attempt(way, way.warm or way.work, number, broken)
    for turn in range(rounds):
        for number in sorted(seconds, reverse=bool(turn % 2)):
            way = ways[number]
            if number in broken or not isinstance(way, Way):
                continue
            if turn and seconds[number][0] > PATIENCE_S:
                continue
            gc.collect()
            _told(f"round {turn + 1} of {rounds}: {way.name}")
            begun = time.perf_counter()
            _attempt(way, way.work, number, broken)
            seconds[number].append(time.perf_counter() - begun)
    return [
        _row(way, seconds.get(number, []), broken.get(number)) for number, way in enumerate(ways)
    ]


def _attempt(way: Way, work: Callable[[], Any], number: int, broken: dict[int, str]) -> None:
    if way.kind == "ours":
        work()
        return
    try:
        work()
    except (RuntimeError, MemoryError) as error:
        broken[number] = f"failed: {(str(error) or type(error).__name__).splitlines()[0]}"


def _row(way: Way | Missing, seconds: list[float], broken: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": way.name, "kind": way.kind}
    if isinstance(way, Missing) or broken is not None:
        return row | {"missing": way.reason if isinstance(way, Missing) else broken}
    middle = median(seconds)
    row |= {
        "dtype": way.dtype,
        "size_px": list(way.size) if way.size else None,
        "seconds": round(middle, 4),
        "rounds": len(seconds),
        "spread": round(max(seconds) / min(seconds), 2),
    }
    if way.size is None:
        row["tflop_s"] = round(way.operations / middle / 1e12, 3)
    else:
        row["kpx_s"] = round(way.size[0] * way.size[1] / middle / 1000, 2)
    if way.facts is not None:
        row["facts"] = way.facts()
    return row


def _told(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
