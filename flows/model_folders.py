"""Where weights are looked for before the packages that ship them."""

from __future__ import annotations

import os
from pathlib import Path

import typer


def model_folders(library: Path | None) -> list[Path]:
    """The folders, first match wins: the library's own, then the user's.

    The user's is `SHOEBOX_MODELS`, or `models` in the system's folder for application data.
    """
    user = os.environ.get("SHOEBOX_MODELS")
    shared = Path(user) if user else Path(typer.get_app_dir("shoebox")) / "models"
    return [library / "models", shared] if library else [shared]
