"""Running the parts of a benchmark and telling what they found."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.pictures import Half
from tests.benchmarks.restoration_report import Part


@dataclass(frozen=True)
class Entry:
    """A part: how it is run, and on how many cases when nothing else is asked."""

    run: Callable[[Half, int], Part]
    cases: int


def report(
    parts: Mapping[str, Entry], names: Sequence[str], half: Half, share: float
) -> dict[str, Any]:
    """Run some parts.

    Args:
        parts: all there are.
        names: keys of `parts`.
        half: which seeds and photographs.
        share: of the usual number of cases.

    Returns:
        JSON: every part with its targets, figures and seconds, and the targets that were missed.
    """
    done = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        start = time.monotonic()
        part = parts[name].run(half, max(1, round(parts[name].cases * share)))
        done.append({**part.as_json(), "seconds": round(time.monotonic() - start, 1)})
    missed = [
        f"{part['part']}: {target['name']}"
        for part in done
        for target in part["targets"]
        if not target["reached"]
    ]
    return {"half": half, "share": share, "parts": done, "missed": missed}


def told(document: Mapping[str, Any]) -> str:
    """The report as lines for a terminal."""
    lines = []
    for part in document["parts"]:
        lines.append(f"{part['part']} ({part['cases']} cases, {part['seconds']:.0f} s)")
        for target in part["targets"]:
            verdict = "reached" if target["reached"] else "MISSED "
            asked = f"{target['sense']} {target['limit']:g}"
            lines.append(f"  {verdict}  {target['value']:<9g} {asked:<10} {target['name']}")
    return "\n".join(lines)


def parser_of(parts: Mapping[str, Entry], description: str) -> argparse.ArgumentParser:
    """The options that every benchmark in parts has: --only, --half, --share, --json."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", nargs="+", choices=list(parts), default=list(parts))
    parser.add_argument("--half", choices=["tuning", "held_out"], default="held_out")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of cases")
    parser.add_argument("--json", action="store_true")
    return parser


def show(parts: Mapping[str, Entry], asked: argparse.Namespace) -> None:
    """Run what was asked for and print it."""
    document = report(parts, asked.only, asked.half, asked.share)
    print(json.dumps(document, indent=2) if asked.json else told(document))
