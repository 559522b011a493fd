"""PROV-JSON as text that is the same for the same record, and the values that go into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any


def attributes(said: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Pairs of a name and one value; what is not known is not said."""
    pairs: list[tuple[str, Any]] = []
    for name, value in said.items():
        values: Iterable[Any] = value if isinstance(value, list) else [value]
        pairs += [(name, item) for item in values if item is not None and item != ""]
    return pairs


def time_of(text: str) -> datetime:
    """A time of the ledger: ISO 8601, UTC."""
    return datetime.fromisoformat(text)


def ordered(text: str) -> str:
    """PROV-JSON with sorted keys, and lists (which stand for sets there) in one order."""
    return json.dumps(_sorted_sets(json.loads(text)), indent=1, sort_keys=True) + "\n"


def _sorted_sets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted_sets(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_sorted_sets(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value
