"""What the orchestration costs: the start of a command, every step, a finished box seen again.

    python -m tests.benchmarks.orchestration [--json] [--prints 100]

The real command is run in processes of its own on boxes of tiny scans, whose pixels take next to
no time, with a recipe without networks:

- start: seconds from the command's start to the begin of its first step;
- a step: the time from the first step's begin to the last file written, less the `seconds` of
  all steps in the ledger, through the number of steps. What a run does beside its steps (looking
  results up, hashing, writing the finished files, Prefect, the ledger) is all in it;
- again: the same command on the same box when all is done.

Nothing here is a test: how long it takes depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.store.library import open_library
from pipeline.store.tables import ExportRecord, StepRecord

TARGETS = {"start_s": 10.0, "step_ms": 50.0, "again_s": 10.0}
"""The most each may take."""

RECIPE = """\
name = "tiny"
description = "Every stage without a network, for a benchmark."
stages = ["split", "diagnose", "repair", "denoise", "deyellow"]

[diagnose]
count_faces = false

[enlarge]
use_model = false
"""

_WIDTH, _HEIGHT = 96, 72


def make_box(folder: Path, prints: int) -> None:
    """Scans of one small picture each, no two alike."""
    folder.mkdir(parents=True)
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    for number in range(prints):
        rng = np.random.default_rng(number)
        waves = 0.5 + 0.3 * np.sin(x / (4 + number % 9)) * np.cos(y / (5 + number % 7))
        picture = np.stack([waves, waves * 0.9, waves * 0.6 + 0.05], axis=2)
        picture += rng.normal(0, 0.03, picture.shape)
        tifffile.imwrite(
            folder / f"scan_{number:03d}.tif",
            np.round(np.clip(picture, 0, 1) * 65535).astype(np.uint16),
            photometric="rgb",
            resolution=(300, 300),
            resolutionunit=2,
        )


@dataclass(frozen=True)
class Ran:
    """A command that was run.

    Args:
        began: the clock at its start, seconds since 1970.
        seconds: from its start to its end.
        cpu_seconds: of all its processes; on a busy machine the better measure.
    """

    began: float
    seconds: float
    cpu_seconds: float


def run_command(*arguments: object) -> Ran:
    """Run `shoebox` to its end."""
    began, clock, cpu = time.time(), time.perf_counter(), _cpu_of_children()
    subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *map(str, arguments)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return Ran(began, time.perf_counter() - clock, _cpu_of_children() - cpu)


def _cpu_of_children() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def measure(folder: Path, prints: int) -> dict[str, Any]:
    """Digitize a box of tiny scans twice.

    Args:
        folder: an empty folder for the box and its library.
        prints: how many scans, with one print each.

    Returns:
        JSON numbers: seconds, milliseconds and counts.
    """
    box, library, recipe = folder / "box", folder / "library", folder / "tiny.toml"
    recipe.write_text(RECIPE)
    make_box(box, prints)
    arguments = ("digitize", box, "--library", library, "--recipe", recipe, "--device", "cpu")
    first = run_command(*arguments)
    with open_library(library, write=False) as opened, opened.ledger.read() as session:
        steps = list(session.scalars(select(StepRecord).order_by(StepRecord.id)))
        written = _seconds_of(_last_file(session))
    first_step = _seconds_of(steps[0].started_at)
    inside = sum(step.seconds for step in steps)
    again = run_command(*arguments)
    return {
        "prints": prints,
        "steps": len(steps),
        "start_s": round(first_step - first.began, 2),
        "step_ms": round(1000 * (written - first_step - inside) / len(steps), 1),
        "again_s": round(again.seconds, 2),
        "whole_run_s": round(first.seconds, 2),
        "inside_steps_s": round(inside, 2),
        "end_s": round(first.began + first.seconds - written, 2),
        "whole_run_cpu_s": round(first.cpu_seconds, 2),
        "again_cpu_s": round(again.cpu_seconds, 2),
    }


def _last_file(session: Session) -> str:
    return list(session.scalars(select(ExportRecord.created_at).order_by(ExportRecord.id)))[-1]


def _seconds_of(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def main(arguments: list[str] | None = None) -> int:
    """Print the table, or JSON; the exit code says whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--prints", type=int, default=100)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="shoebox-orchestration-") as folder:
        found = measure(Path(folder), chosen.prints)
    found["targets"] = TARGETS
    found["met"] = all(found[name] <= most for name, most in TARGETS.items())
    if chosen.json:
        print(json.dumps(found, indent=2))
    else:
        for name, words in (
            ("start_s", "s from the command to its first step"),
            ("step_ms", "ms a step beside the stage itself"),
            ("again_s", f"s for a finished box of {found['prints']} prints"),
        ):
            print(f"{found[name]:8.1f} {words} (at most {TARGETS[name]:g})")
    return 0 if found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
