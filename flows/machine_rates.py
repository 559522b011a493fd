"""How fast this machine is, as `shoebox doctor` measured it: a small file in the user's folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from flows.model_folders import user_folder
from pipeline.core.errors import ShoeboxError
from pipeline.io.atomic import publish
from pipeline.store.clock import now

_FORMAT = 1


def rates_file() -> Path:
    """Where the measured rates are kept."""
    return user_folder() / "machine.json"


def measured_rates(device: str) -> dict[str, float]:
    """Seconds for a unit of work by kind, on a device; empty when nothing was measured on it.

    The file only makes estimates better: one that cannot be read is as good as none.
    """
    rates = _kept().get(device, {}).get("rates", {})
    try:
        return {str(kind): float(rate) for kind, rate in rates.items() if float(rate) > 0}
    except (ValueError, TypeError, AttributeError):
        return {}


def keep_rates(device: str, rates: Mapping[str, float]) -> Path | None:
    """Keep what was measured; the file's path, or None when it could not be written."""
    path, devices = rates_file(), _kept()
    devices[device] = {"measured_at": now(), "rates": dict(rates)}
    text = json.dumps({"format": _FORMAT, "devices": devices}, indent=2) + "\n"

    def write(file: BinaryIO) -> None:
        file.write(text.encode())

    with contextlib.suppress(OSError, ShoeboxError):
        path.parent.mkdir(parents=True, exist_ok=True)
        publish(path, write)
        return path
    return None


def _kept() -> dict[str, dict[str, Any]]:
    """What the file holds by device; a file that makes no sense holds nothing."""
    try:
        kept = json.loads(rates_file().read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT:
            return {}
        return {name: of for name, of in kept["devices"].items() if isinstance(of, dict)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
