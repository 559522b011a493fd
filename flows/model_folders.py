"""The user's own folder: weights shared by all libraries, and what was measured on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import typer


def model_folders(library: Path | None) -> list[Path]:
    """Where weights are looked for before the packages that ship them, first match wins.

    The library's own folder, then the user's: `SHOEBOX_MODELS`, or `models` in `user_folder`.
    """
    user = os.environ.get("SHOEBOX_MODELS")
    shared = Path(user) if user else user_folder() / "models"
    return [library / "models", shared] if library else [shared]


def user_folder() -> Path:
    """`SHOEBOX_HOME`, or Shoebox's part of the system's folder for application data."""
    named = os.environ.get("SHOEBOX_HOME")
    return Path(named) if named else Path(typer.get_app_dir("shoebox"))
