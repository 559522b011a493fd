"""Names of stages that mean something outside the stages: to the ledger, the plan and the flows."""

from __future__ import annotations

INGEST = "ingest"
"""Taking a scan into the library; no stage over pixels, but a step on record."""

SPLIT = "split"
"""The first stage of every recipe; the one that makes prints of a scan."""

ENLARGE = "enlarge"
"""Runs after the master, once for each print size."""
