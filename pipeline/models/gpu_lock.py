"""One process per GPU: two at once run each other out of its memory.

The lock lies in a folder of the person's, named after the card, so every run of theirs on this
machine meets it, whatever library it works on; runs of other people do not. The operating system
frees it with its holder.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import GpuBusy, LibraryBusy, LibraryReadOnly, WriteFailed
from pipeline.models.devices import choose_device
from pipeline.store.lock import hold


@dataclass(frozen=True)
class HeldDevice:
    """A device that is this process's own for the while.

    Args:
        name: "cpu", "cuda" or "mps", as `ModelSet` takes it.
        note: why it is not the one that "auto" would have taken, in words for people; or empty.
    """

    name: str
    note: str = ""


@contextmanager
def hold_device(wanted: str) -> Iterator[HeldDevice]:
    """Choose a device and hold its lock while the block runs.

    Args:
        wanted: "auto", "cpu", "cuda" or "mps". With "auto" a GPU that another process holds is
            left to it, and the CPU is given, with a note.

    Raises:
        UsageError: the device is unknown, or asked for by name and not usable.
        GpuBusy, WriteFailed, DiskFull: see `gpu_lock`; GpuBusy only for a device asked for by name.
    """
    device = choose_device(wanted)
    with ExitStack() as stack:
        held = HeldDevice(device.partition(":")[0])
        try:
            stack.enter_context(gpu_lock(device))
        except GpuBusy as busy:
            if wanted != "auto":
                raise
            held = HeldDevice("cpu", f"The GPU is in use, so the CPU works: {busy.detail}")
        yield held


@contextmanager
def gpu_lock(device: str, folder: Path | None = None) -> Iterator[None]:
    """Hold a GPU while the block runs; never waits for another process.

    One process holds a card once: a second lock inside the first is refused like anybody's.

    Args:
        device: as torch writes it. "cpu" and "mps" are not locked: nothing is done.
        folder: where the locks of all cards lie; None for `lock_folder()`.

    Raises:
        GpuBusy: another process holds the card; the detail names the lock and the holder's pid.
        WriteFailed, DiskFull: the lock cannot be written.
    """
    if not device.startswith("cuda"):
        yield
        return
    place = (folder or lock_folder()) / card_name(device)
    with ExitStack() as stack:
        try:
            place.mkdir(parents=True, exist_ok=True)
            stack.enter_context(hold(place))
        except LibraryBusy as busy:
            raise GpuBusy(f"{device}: {busy.detail}") from None
        except LibraryReadOnly as error:
            raise WriteFailed(f"the lock of {device}: {error.detail}") from error
        except OSError as error:
            raise WriteFailed(f"the lock of {device}: {place}: {error.strerror}") from error
        yield


def card_name(device: str) -> str:
    """A card's name as a folder: its own number, else where it stands in the row.

    The number in "cuda:0" counts the cards a process sees, so two processes may mean different
    ones by it.
    """
    import torch

    number = int(device.partition(":")[2] or torch.cuda.current_device())
    properties = torch.cuda.get_device_properties(number)
    name = str(getattr(properties, "uuid", "")) or f"{properties.name}-{number}"
    return "gpu-" + re.sub(r"[^A-Za-z0-9-]+", "-", name)


def lock_folder() -> Path:
    """The person's folder for caches, or where there is none, the machine's temporary folder.

    The temporary folder is second choice, as batch systems give each job its own.
    """
    try:
        place = _cache_folder() / "shoebox" / "locks"
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # pathlib's word for nobody's home
        return Path(tempfile.gettempdir()) / f"shoebox-locks-{_who()}"
    return place


def _cache_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _who() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
