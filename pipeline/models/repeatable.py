"""The same result every time from an accelerator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def repeatable(device: str) -> Iterator[None]:
    """No autotuned algorithm and no silent 10-bit float32 while a network runs on `device`."""
    if not device.startswith("cuda"):
        yield
        return
    with torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    ):
        yield
