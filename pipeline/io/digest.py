"""Digests of files and of structured values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.core.progress import Progress

_PIECE = 1 << 20


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digests(path: Path, algorithms: Sequence[str], progress: Progress) -> dict[str, str]:
    """Hex digests of a file by several algorithms of hashlib, in one reading.

    Args:
        path: the file.
        algorithms: names such as "sha256".
        progress: is told of every byte.

    Raises:
        OSError: the file cannot be read.
    """
    hashers = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            for hasher in hashers.values():
                hasher.update(piece)
            progress.advance(len(piece))
    return {name: hasher.hexdigest() for name, hasher in hashers.items()}


def sha256_bytes(data: bytes) -> str:
    """Hex SHA-256 of bytes in memory."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """One spelling for equal values: sorted keys, no spaces, no NaN.

    Raises:
        ValueError: the value holds NaN or infinity.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Hex SHA-256 of a value's canonical JSON."""
    return sha256_bytes(canonical_json(value).encode())
