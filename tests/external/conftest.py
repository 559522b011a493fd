"""Other people's programs, as the judges of what Shoebox writes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_PACKAGES = {
    "exiftool": "libimage-exiftool-perl",
    "tiffinfo": "libtiff-tools",
    "pdfinfo": "poppler-utils",
    "pdftotext": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdfimages": "poppler-utils",
    "pdffonts": "poppler-utils",
    "identify": "imagemagick",
    "jxlinfo": "libjxl-tools",
    "djxl": "libjxl-tools",
    "sha256sum": "coreutils",
    "sha512sum": "coreutils",
}
"""The Debian package each program comes in."""


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Gives the path of a program; a test whose program is missing is skipped by its name.

    Where SHOEBOX_ALL_PROGRAMS is set, as in continuous integration, a missing one is a failure.
    """

    def find(name: str) -> str:
        beside = Path(sys.executable).parent / name
        found = str(beside) if beside.is_file() else shutil.which(name)
        if found is None:
            reason = f"{name} is not installed (Debian package {_PACKAGES.get(name, 'unknown')})"
            if os.environ.get("SHOEBOX_ALL_PROGRAMS"):
                pytest.fail(reason)
            pytest.skip(reason)
        return found

    return find
