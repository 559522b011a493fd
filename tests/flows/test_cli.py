"""The real command in processes of its own: words, JSON, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytestmark = pytest.mark.xdist_group("prefect")

COMMANDS = [
    ["demo"],
    ["digitize"],
    ["captions"],
    ["restore"],
    ["status"],
    ["rerun"],
    ["export"],
    ["history"],
    ["compare"],
    ["choose"],
    ["verify"],
    ["import-bag"],
    ["models", "list"],
    ["models", "fetch"],
    ["models", "add"],
    ["doctor"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(words: list[str]) -> None:
    from flows.cli.app import app

    done = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert f"Example: shoebox {' '.join(words)}" in done.output


def test_no_command_is_left_out_of_these_tests() -> None:
    from flows.cli import models
    from flows.cli.app import app

    known = {command.name for command in app.registered_commands}
    nested = {command.name for command in models.app.registered_commands}
    assert known | {"models"} == {words[0] for words in COMMANDS}
    assert nested == {words[1] for words in COMMANDS if words[0] == "models"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["status"], 2, "SHOEBOX_LIBRARY"),
        (["status", "--library", "nowhere"], 5, "E505"),
        (["digitize", "nowhere", "--library", "lib"], 2, "E205"),
        (["digitize", ".", "--library", "lib"], 2, "outside the box"),
        (["digitize", "box", "--library", "lib", "--recipe", "archiv"], 2, "'archive'"),
        (["digitize", "box", "--library", "lib", "--size", "huge"], 2, "E203"),
        (["digitize", "box", "--library", "lib", "--size", "4x6in", "--dpi", "1"], 2, "72 to"),
        (["digitize", "box", "--library", "lib", "--format", "bmp"], 2, "bmp"),
        (["digitize", "box", "--library", "lib", "--min-face", "2"], 2, "min_px"),
        (["digitize", "box", "--library", "lib", "--max-face", "wide"], 2, "max-face"),
        (["restore", "box/a.tif", "-o", "x.tif", "--leave-face", "0"], 2, "leave-face"),
        (["choose", "0001-1", "--face", "1", "--leave"], 2, "SHOEBOX_LIBRARY"),
        (["choose", "0001-1", "--face", "1", "--leave", "--library", "nowhere"], 5, "E505"),
        (["compare", "0001-1", "--strengths", "1", "--library", "nowhere"], 5, "E505"),
        (["digitize", "box", "--frobnicate"], 2, "frobnicate"),
        (["restore", "box/a.tif", "-o", "x.gif"], 2, "x.gif"),
        (["restore", "box/a.tif", "-o", "box/a.tif", "--overwrite"], 2, "E204"),
        (["restore", "box/a.tif", "-o", "no/such/x.tif"], 2, "Make the folder"),
        (["restore", "box/nothing.tif", "-o", "x.tif"], 3, "E307"),
        (["models", "fetch", "GFPGAN"], 6, "GFPGANv1.4"),
        (["rerun", "--library", "nowhere"], 5, "E505"),
        (["export", "--library", "nowhere", "--to", "x"], 5, "E505"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_call_is_refused_before_anything_is_made(
    arguments: list[str],
    code: int,
    words: str,
    box: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from flows.cli.app import exit_code_of

    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert exit_code_of(arguments) == code
    assert words in capfd.readouterr().err.replace("\n", " ")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_whole_story_from_box_to_export(box: Path, recipe: str, tmp_path: Path, shoebox) -> None:
    library = tmp_path / "library"
    (box / "text.tif").write_text("no picture")
    (box / "link.tif").symlink_to(box / "a.tif")

    said = shoebox("digitize", box, "--library", library, "--recipe", recipe, exit_code=1)
    assert "Scans: 4 found, 3 new, 0 known, 1 refused." in said.out
    assert "Passed over link.tif: a symbolic link is not followed." in said.out
    (line,) = [line for line in said.err.splitlines() if line.startswith("FAILED")]
    assert "text.tif" in line
    assert "E302" in line

    status = shoebox("status", "--library", library, "--json").json()
    assert status["scans"] == 4
    assert status["prints"] == 3
    assert status["steps"]["failed"] == 1
    assert {item["scan"]: item["state"] for item in status["items"]} == {
        "a.tif": "done",
        "b.png": "done",
        "c.jpg": "done",
        "text.tif": "failed",
    }
    assert "text.tif" in shoebox("status", "--library", library).out

    history = shoebox("history", "0001-1", "--library", library, "--json").json()
    assert [step["stage"] for step in history] == [
        "ingest",
        "split",
        "repair",
        "denoise",
        "deyellow",
    ]
    for earlier, later in pairwise(history):
        assert set(later["inputs"]) <= set(earlier["outputs"])
    assert "denoise" in shoebox("history", "0001-1", "--library", library).out
    said = shoebox("history", "0001-9", "--library", library, exit_code=2)
    assert "0001-1" in said.err

    target = tmp_path / "shop"
    arguments = ["--library", library, "--to", target, "--size", "1x1.5in", "--format", "jpeg"]
    summary = shoebox("export", *arguments, "--json").json()
    assert sorted(map(str, target.iterdir())) == sorted(summary["outputs"])

    assert "Everything is whole." in shoebox("verify", "--library", library).out
    victim = next((library / "objects").rglob("*.tif"))
    victim.chmod(0o600)
    data = bytearray(victim.read_bytes())
    data[-100] ^= 4
    victim.write_bytes(data)
    said = shoebox("verify", "--library", library, exit_code=5)
    assert victim.stem in said.err
    shoebox("digitize", box, "--library", library, "--recipe", recipe, exit_code=1)
    shoebox("verify", "--library", library)


def test_a_second_command_on_a_held_library_leaves_with_the_holders_pid(
    box: Path, recipe: str, tmp_path: Path, shoebox
) -> None:
    from pipeline.store.library import open_library

    library = tmp_path / "library"
    with open_library(library, write=True, create=True):
        said = shoebox("digitize", box, "--library", library, "--recipe", recipe, exit_code=4)
        assert f"pid {os.getpid()}" in said.err
        shoebox("status", "--library", library)


def test_ctrl_c_ends_with_130_and_the_library_stays_usable(
    box: Path, recipe: str, tmp_path: Path, spawn, shoebox
) -> None:
    import signal
    import time

    library = tmp_path / "library"
    process = spawn("digitize", box, "--library", library, "--recipe", recipe)
    deadline = time.monotonic() + 120
    while not list(library.glob("objects/*/*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("Interrupted.")
    shoebox("digitize", box, "--library", library, "--recipe", recipe)
    shoebox("verify", "--library", library)


def test_restore_needs_no_library(box: Path, recipe: str, tmp_path: Path, shoebox) -> None:
    target = tmp_path / "restored.tif"
    report = shoebox("restore", box / "a.tif", "-o", target, "--recipe", recipe, "--json").json()
    assert [entry["stage"] for entry in report] == ["repair", "denoise", "deyellow"]
    assert target.exists()
    shoebox("restore", box / "a.tif", "-o", target, "--recipe", recipe, exit_code=2)


@pytest.mark.weights
@pytest.mark.slow
def test_a_restored_file_says_when_a_network_drew_detail(
    box: Path, tmp_path: Path, shoebox
) -> None:
    import piexif

    recipe, target = tmp_path / "drawn.toml", tmp_path / "restored.jpg"
    recipe.write_text(
        'name = "drawn"\ndescription = "d"\nstages = ["split", "artifacts"]\n'
        "[artifacts]\nonly_when_needed = false\n"
    )
    shoebox("restore", box / "a.tif", "-o", target, "--recipe", recipe)
    told = piexif.load(str(target))["0th"][piexif.ImageIFD.ImageDescription].decode()
    assert "Detail was generated by RealESRGAN_x4plus-ncnn: it is plausible, not evidence" in told


def test_models_list_tells_what_is_there(shoebox) -> None:
    rows = {row["name"]: row for row in shoebox("models", "list", "--json").json()}
    assert rows["RealESRGAN_x4plus-ncnn"]["state"] == "ready"
    assert rows["CenterFace"]["state"] == "ready"
    assert rows["GFPGANv1.4"]["state"] == "not installed"


@pytest.mark.weights
@pytest.mark.slow
def test_doctor_measures_the_artifact_pass(shoebox) -> None:
    found = shoebox("doctor", "--device", "cpu", "--json").json()
    assert found["device"] == "cpu"
    assert found["speed"]["kilopixels_per_second"] > 0
    assert found["software"]["torch"] != "not installed"


def test_help_loads_neither_torch_nor_prefect() -> None:
    program = (
        "import sys\n"
        "from flows.cli.app import exit_code_of\n"
        "assert exit_code_of(['--help']) == 0\n"
        "print([m for m in ('torch', 'prefect', 'cv2', 'skimage') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
