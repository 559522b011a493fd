"""Shared by all tests: nothing of the machine's own weights, settings or telemetry leaks in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["DO_NOT_TRACK"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def no_weights_of_this_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Weights that somebody fetched on this machine must not change what a test sees."""
    folder = tmp_path_factory.mktemp("user-models")
    monkeypatch.setenv("SHOEBOX_MODELS", str(folder))
    monkeypatch.delenv("SHOEBOX_LIBRARY", raising=False)
    monkeypatch.delenv("SHOEBOX_DATABASE_URL", raising=False)
    return folder


@pytest.fixture(scope="session")
def prefect() -> Iterator[str]:
    """A private Prefect server for the flows a test process runs itself."""
    from flows.local_server import prefect_api

    with prefect_api() as url:
        yield url
