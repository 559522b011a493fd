"""One small real box, its undisturbed run to compare with, and the tools that break things."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile

from tests.flows.library_contents import contents

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-c", "from flows.cli import main; main()")

QUICK = "--seccomp-bpf"
"""Makes strace stop the command at the calls asked for only; injected signals get lost with it."""

RECIPE = """\
name = "classical"
description = "Everything without a network, for tests."
stages = ["split", "repair", "denoise", "deyellow"]
"""


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its standard output, which must be JSON and nothing else."""
        return json.loads(self.out)

    def only_line(self) -> str:
        """Its one line of complaint: no traceback, no second line."""
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True)
class Job:
    """`shoebox digitize` of always the same box, into any library, as a process of its own.

    Args:
        box: a scan whose objects take several writes, and a small one.
        recipe: a recipe file without networks.
        environment: as the command shall see it.
    """

    box: Path
    recipe: Path
    environment: Mapping[str, str]

    def start(
        self,
        *arguments: object,
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start any command of Shoebox; `before` are the words put before it."""
        return subprocess.Popen(
            [*before, *COMMAND, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**(self.environment if environment is None else environment)},
            cwd=self.box.parent,
        )

    def run(self, *arguments: object, **how: Any) -> Said:
        """Run any command of Shoebox to its end."""
        process = self.start(*arguments, **how)
        out, err = process.communicate()
        return Said(process.returncode, out, err)

    def words(self, library: Path, recipe: object = None, box: Path | None = None) -> list[object]:
        """The job's words; with --json nothing but errors goes to standard error."""
        words = ["digitize", box or self.box, "--library", library]
        return [*words, "--recipe", recipe or self.recipe, "--json"]

    def digitize(self, library: Path, **how: Any) -> Said:
        """Run the job to its end."""
        return self.run(*self.words(library), **how)

    def finish(self, library: Path, **how: Any) -> dict[str, Any]:
        """Run the job, which must succeed; gives its summary."""
        said = self.digitize(library, **how)
        assert said.code == 0, said
        summary: dict[str, Any] = said.json()
        return summary

    contents = staticmethod(contents)

    @staticmethod
    def rows(library: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the ledger holds, read beside whoever writes it; empty while there is none."""
        ledger = library / "ledger.sqlite"
        if not ledger.exists():
            return []
        try:
            with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=5) as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []


@dataclass(frozen=True)
class Calm:
    """An undisturbed run of the job: its library, and its system calls where strace works."""

    library: Path
    trace: str

    @property
    def contents(self) -> dict[str, bytes]:
        """Objects and exports by path and bytes."""
        return Job.contents(self.library)

    def copy(self, to: Path) -> Path:
        """A library of the same contents to do harm to."""
        shutil.copytree(self.library, to)
        return to

    def output(self, stage: str, name: str) -> str:
        """SHA-256 of the photo that a stage made of a scan or its print."""
        (found,) = Job.rows(
            self.library,
            "select o.sha256 from step_object o join step s on s.id = o.step_id"
            " join scan c on c.id = s.scan_id where o.direction = 'out'"
            " and o.role not like 'mask:%' and s.stage = ? and c.name = ?",
            stage,
            name,
        )
        return str(found[0])


@pytest.fixture(scope="session")
def job(prefect: str, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The job, against this test process's Prefect server."""
    folder = tmp_path_factory.mktemp("job")
    for name in ("box", "models"):
        (folder / name).mkdir()
    large, small = _aged(1, 600, 440), _aged(2, 120, 90)
    tifffile.imwrite(
        folder / "box" / "large.tif",
        large,
        photometric="rgb",
        resolution=(300, 300),
        resolutionunit=2,
    )
    cv2.imwrite(str(folder / "box" / "small.png"), small)
    (folder / "classical.toml").write_text(RECIPE)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("SHOEBOX_", "PREFECT_"))},
        "PREFECT_API_URL": prefect,
        "SHOEBOX_MODELS": str(folder / "models"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    return Job(folder / "box", folder / "classical.toml", environment)


def _aged(seed: int, width: int, height: int) -> np.ndarray:
    """A yellowed, noisy picture with edges in it, uint16 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = 0.5 + 0.3 * np.sin(x / (5 + seed)) * np.cos(y / (7 + seed))
    picture = np.stack([waves, waves * 0.9, waves * 0.6 + 0.05], axis=2)
    picture += rng.normal(0, 0.03, picture.shape)
    return np.round(np.clip(picture, 0, 1) * 65535).astype(np.uint16)


@pytest.fixture(scope="session")
def calm(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """The job undisturbed."""
    folder = tmp_path_factory.mktemp("calm")
    log = folder / "strace.log"
    before = _strace(log, QUICK, "-y", "-e", "trace=write") or ()
    job.finish(folder / "library", before=before)
    return Calm(folder / "library", log.read_text("utf-8", "replace") if before else "")


def _strace(log: Path, *options: str) -> tuple[str, ...] | None:
    """The words that trace a command and all its threads, or None where that cannot be done."""
    tool = shutil.which("strace")
    words = (str(tool), "-f", "-o")
    if tool is None or subprocess.run([*words, os.devnull, "true"], check=False).returncode:
        return None
    return (*words, str(log), *options)


@pytest.fixture
def strace(tmp_path: Path) -> Callable[..., tuple[str, ...]]:
    """The words that run a command under strace, its log in strace.log."""

    def words(*options: str) -> tuple[str, ...]:
        found = _strace(tmp_path / "strace.log", *options)
        if found is None:
            pytest.skip("strace is missing or may not trace here")
        return found

    return words


@dataclass(frozen=True)
class Mounts:
    """A process that keeps mounts alive which nobody else sees."""

    pid: int
    before: tuple[str, ...] = field(default=())

    def do(self, command: str) -> None:
        """Run a shell command among these mounts."""
        subprocess.run([*self.before, "sh", "-c", command], check=True)

    def see(self, path: Path) -> Path:
        """Where such a path can be read from outside."""
        return Path(f"/proc/{self.pid}/root") / path.relative_to("/")


@pytest.fixture
def mounts() -> Iterator[Callable[[str], Mounts]]:
    """Make mounts by shell words, for a command that is run with the words `before` it."""
    with ExitStack() as stack:

        def make(mount: str) -> Mounts:
            unshare, nsenter = shutil.which("unshare"), shutil.which("nsenter")
            if unshare is None or nsenter is None:
                pytest.skip("unshare or nsenter is missing")
            holder = stack.enter_context(
                subprocess.Popen(
                    [unshare, "-m", "sh", "-c", f"{mount} && echo ready && exec cat"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            assert holder.stdin is not None
            assert holder.stdout is not None
            stack.callback(holder.stdin.close)
            if holder.stdout.readline() != "ready\n":
                pytest.skip("only root may mount here")
            return Mounts(holder.pid, (nsenter, "-t", str(holder.pid), "-m", "--"))

        yield make


@pytest.fixture
def flip() -> Callable[[Path], None]:
    """Change one bit in the middle of a file."""

    def change(path: Path) -> None:
        path.chmod(0o644)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return change
