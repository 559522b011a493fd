"""Packages that were changed after they were written, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import BagRefused
from pipeline.ingest.bag_import import import_bag


def change_rows(bag: Path, table: str, change: Callable[[dict[str, Any]], object]) -> None:
    path = bag / "data" / "ledger" / f"{table}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for row in lines:
        change(row)
    path.write_text("".join(json.dumps(row) + "\n" for row in lines))


def refused(bag: Path, target: Path) -> str:
    """Why a package was refused, after nothing was found at the target."""
    with pytest.raises(BagRefused) as caught:
        import_bag(bag, target)
    assert not target.exists()
    return caught.value.detail
