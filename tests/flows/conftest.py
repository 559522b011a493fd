"""Tiny real boxes and a recipe without networks, so that whole jobs take seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile

# What one test measured or prepared on this machine is kept away from the user's own folder, but
# shared by the test processes: making Prefect's tables takes longer than most tests.
os.environ.setdefault("SHOEBOX_HOME", str(Path(tempfile.gettempdir()) / "shoebox-tests"))

Spawn = Callable[..., "subprocess.Popen[str]"]
Shoebox = Callable[..., "Said"]

CLASSICAL = """\
name = "classical"
description = "Everything without a network, for tests."
stages = ["split", "repair", "denoise", "deyellow"]

[enlarge]
use_model = false
"""


def aged_print(seed: int, width: int = 120, height: int = 90) -> np.ndarray:
    """A yellowed, noisy picture with edges in it, uint16 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = 0.5 + 0.3 * np.sin(x / (5 + seed)) * np.cos(y / (7 + seed))
    picture = np.stack([waves, waves * 0.9, waves * 0.6 + 0.05], axis=2)
    picture += rng.normal(0, 0.03, picture.shape)
    return np.round(np.clip(picture, 0, 1) * 65535).astype(np.uint16)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Three scans: a 16-bit TIFF, a 16-bit PNG, a grey JPEG."""
    folder = tmp_path / "box"
    folder.mkdir()
    tifffile.imwrite(
        folder / "a.tif", aged_print(1), photometric="rgb", resolution=(300, 300), resolutionunit=2
    )
    cv2.imwrite(str(folder / "b.png"), aged_print(2))
    cv2.imwrite(str(folder / "c.jpg"), (aged_print(3)[..., 0] >> 8).astype(np.uint8))
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    """A recipe file without networks."""
    path = tmp_path / "classical.toml"
    path.write_text(CLASSICAL)
    return str(path)


@pytest.fixture
def spawn(prefect: str) -> Spawn:
    """Start the real command in a process of its own, against this test process's server."""

    def start(*arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from flows.cli import main; main()", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PREFECT_API_URL": prefect, "OMP_NUM_THREADS": "1"},
        )

    return start


@pytest.fixture
def shoebox(spawn: Spawn) -> Shoebox:
    """Run the real command to its end; its standard output, after its exit code was checked."""

    def run(*arguments: object, exit_code: int = 0) -> Said:
        process = spawn(*arguments)
        out, err = process.communicate()
        assert process.returncode == exit_code, f"{process.returncode}: {out}{err}"
        return Said(out, err)

    return run


@dataclass(frozen=True)
class Said:
    """What a command printed."""

    out: str
    err: str

    def json(self) -> Any:
        """Its standard output, which must be JSON and nothing else."""
        return json.loads(self.out)
