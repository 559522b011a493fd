"""Freed memory goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import re, sys
import numpy as np
from pipeline.core.heap import return_large_blocks

def held_mb():
    status = open("/proc/self/status").read()
    return int(re.search(r"RssAnon:\\s+(\\d+)", status)[1]) / 1024

if sys.argv[1] == "set":
    return_large_blocks()
np.ones(31 * 2**20, np.uint8).copy()     # glibc now takes blocks up to 31 MB from its heap
before = held_mb()
blocks, pins = [], []
for _ in range(40):
    blocks.append(np.ones(8 * 2**20, np.uint8))
    pins.append(np.ones(100_000, np.uint8))  # stays, above each block
del blocks
print(held_mb() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_blocks_between_small_ones_that_stay_are_given_back() -> None:
    left = {
        how: float(
            subprocess.run(
                [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
            ).stdout
        )
        for how in ("set", "left")
    }
    assert left["set"] < 40, "only what stays"
    assert left["left"] > 200, "without it, all 320 MB but a few are kept"
