"""How near the restoration comes to the truth, part by part, and whether it does any harm.

    python -m tests.benchmarks.restoration --json
    python -m tests.benchmarks.restoration --only colour damage --half tuning --share 0.2

Choices are tuned on one half of the seeds and of the photographs ("tuning"); what counts is the
other ("held_out"). Rivals that a person would use instead are scored in the same run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import (
    restoration_colour,
    restoration_damage,
    restoration_deblur,
    restoration_diagnosis,
    restoration_harm,
    restoration_noise,
    restoration_order,
    restoration_split,
)
from tests.benchmarks.pictures import Half
from tests.benchmarks.restoration_report import Part


@dataclass(frozen=True)
class _Entry:
    """A part: how it is run, and on how many cases when nothing else is asked."""

    run: Callable[[Half, int], Part]
    cases: int


PARTS: dict[str, _Entry] = {
    "split": _Entry(restoration_split.run, 200),
    "diagnosis": _Entry(restoration_diagnosis.run, 120),
    "colour": _Entry(restoration_colour.run, 60),
    "noise": _Entry(restoration_noise.run, 12),
    "damage": _Entry(restoration_damage.run, 40),
    "deblur": _Entry(restoration_deblur.run, 24),
    "order": _Entry(restoration_order.run, 12),
    "harm": _Entry(restoration_harm.run, 12),
}


def report(names: list[str], half: Half, share: float) -> dict[str, Any]:
    """Run some parts.

    Args:
        names: keys of `PARTS`.
        half: which seeds.
        share: of the usual number of cases.

    Returns:
        JSON: every part with its targets, figures and seconds, and the targets that were missed.
    """
    parts = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        start = time.monotonic()
        part = PARTS[name].run(half, max(1, round(PARTS[name].cases * share)))
        parts.append({**part.as_json(), "seconds": round(time.monotonic() - start, 1)})
    missed = [
        f"{part['part']}: {target['name']}"
        for part in parts
        for target in part["targets"]
        if not target["reached"]
    ]
    return {"half": half, "share": share, "parts": parts, "missed": missed}


def told(document: dict[str, Any]) -> str:
    """The report as lines for a terminal."""
    lines = []
    for part in document["parts"]:
        lines.append(f"{part['part']} ({part['cases']} cases, {part['seconds']:.0f} s)")
        for target in part["targets"]:
            verdict = "reached" if target["reached"] else "MISSED "
            asked = f"{target['sense']} {target['limit']:g}"
            lines.append(f"  {verdict}  {target['value']:<9g} {asked:<10} {target['name']}")
    return "\n".join(lines)


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--half", choices=["tuning", "held_out"], default="held_out")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of cases")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    document = report(asked.only, asked.half, asked.share)
    print(json.dumps(document, indent=2) if asked.json else told(document))


if __name__ == "__main__":
    main()
