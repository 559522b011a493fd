"""The small file of what a machine was measured to take."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.machine_rates import keep_rates, measured_rates, rates_file


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOEBOX_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_rates_are_kept_for_each_device() -> None:
    assert keep_rates("cpu", {"split": 0.2}) == rates_file()
    keep_rates("cuda", {"split": 0.1})
    keep_rates("cpu", {"split": 0.3})
    assert measured_rates("cpu") == {"split": 0.3}
    assert measured_rates("cuda") == {"split": 0.1}
    assert measured_rates("mps") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        '{"format": 2, "devices": {"cpu": {"rates": {"split": 1}}}}',
        '{"format": 1, "devices": {"cpu": {"rates": {"split": "fast"}}}}',
        '{"format": 1, "devices": []}',
        '{"format": 1, "devices": {"cpu": 7}}',
    ],
)
def test_a_file_that_makes_no_sense_is_as_good_as_none(home: Path, text: str) -> None:
    home.mkdir()
    rates_file().write_text(text)
    assert measured_rates("cpu") == {}
    assert keep_rates("cpu", {"split": 0.2}) is not None
    assert measured_rates("cpu") == {"split": 0.2}


def test_rates_that_cannot_be_kept_are_no_error(home: Path) -> None:
    home.write_text("a file where the folder should be")
    assert keep_rates("cpu", {"split": 0.2}) is None
    assert measured_rates("cpu") == {}
