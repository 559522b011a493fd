"""The time as the ledger writes it. Order never depends on it: rows are ordered by their ids."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The time now: ISO 8601, UTC, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
