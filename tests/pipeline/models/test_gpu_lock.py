"""A GPU belongs to one process at a time. No test needs one: only its name is made up."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from pipeline.core.errors import ExitCode, GpuBusy, LibraryBusy, WriteFailed
from pipeline.models import gpu_lock as locks
from pipeline.models.gpu_lock import card_name, gpu_lock, hold_device, lock_folder

ROOT = Path(__file__).parents[3]

HOLD = """
import sys
from pathlib import Path
from pipeline.models import gpu_lock as locks
locks.card_name = lambda device: "gpu-" + device[-1]
with locks.gpu_lock("cuda:0", Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def cards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As many cards as one likes, and locks that meet nobody's."""
    monkeypatch.setattr(locks, "card_name", lambda device: "gpu-" + device[-1])
    monkeypatch.setattr(locks, "lock_folder", lambda: tmp_path)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the card cuda:0."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_and_told_where_the_lock_is_and_who_holds_it(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(GpuBusy) as refused, gpu_lock("cuda:0"):
        pass
    line = refused.value.line()
    assert f"{tmp_path / 'gpu-0'} is held by pid {holder.pid} on " in line
    assert "--device cpu" in line
    assert refused.value.exit_code is ExitCode.LIBRARY_BUSY


def test_a_killed_holder_frees_the_card_at_once(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with gpu_lock("cuda:0"):
        pass


def test_auto_leaves_a_busy_card_and_says_why_it_takes_the_cpu(
    holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "choose_device", lambda wanted: "cuda:0")
    with hold_device("auto") as held:
        assert held.name == "cpu"
        assert f"pid {holder.pid}" in held.note
    with pytest.raises(GpuBusy), hold_device("cuda"):
        pass


def test_a_free_card_is_held_until_the_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "choose_device", lambda wanted: "cuda:0")
    for _ in range(2):
        with hold_device("auto") as held:
            assert (held.name, held.note) == ("cuda", "")
            with pytest.raises(GpuBusy, match=f"pid {os.getpid()}"), gpu_lock("cuda:0"):
                pass


def test_another_card_can_be_had_beside_a_busy_one(holder: subprocess.Popen[str]) -> None:
    with pytest.raises(GpuBusy), gpu_lock("cuda:0"):
        pass
    with gpu_lock("cuda:1"):
        pass


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_what_many_may_share_is_not_locked(device: str, tmp_path: Path) -> None:
    with gpu_lock(device), gpu_lock(device):
        assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_work_is_not_taken_for_a_busy_card() -> None:
    with pytest.raises(LibraryBusy, match="mine"), gpu_lock("cuda:0"):
        raise LibraryBusy("mine")
    with gpu_lock("cuda:0"):
        pass


def test_a_lock_that_cannot_be_written_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "gpu-0").write_text("in the way")
    with pytest.raises(WriteFailed, match=r"lock of cuda:0: .*gpu-0"), gpu_lock("cuda:0"):
        pass


def test_a_card_is_known_by_its_own_number_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = [SimpleNamespace(uuid="9f/1c a", name="B"), SimpleNamespace(name="Card X/2")]
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: row[number])
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert card_name("cuda:0") == "gpu-9f-1c-a"
    assert card_name("cuda:1") == card_name("cuda") == "gpu-Card-X-2-1"


def test_without_a_home_the_locks_lie_in_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(locks, "_cache_folder", nobody)
    assert lock_folder().parent == Path(tempfile.gettempdir())
