"""A person's decisions about faces, made on a real library with a real face network."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from skimage import data

pytestmark = [
    pytest.mark.slow,
    pytest.mark.weights,
    pytest.mark.usefixtures("prefect"),
    pytest.mark.xdist_group("prefect"),
]

X4PLUS = "RealESRGAN_x4plus-ncnn"
RECIPE = """\
name = "faces-only"
description = "Nothing but faces, for tests."
stages = ["split", "repair", "faces"]

[faces]
models = ["RealESRGAN_x4plus-ncnn"]
only_when_needed = false
gentle_below_px = 0

[enlarge]
use_model = false
"""


def two_faces() -> np.ndarray:
    """The same woman twice, once mirrored, her face about 44 px wide: uint8 (100, 240, 3)."""
    one = data.astronaut()[0:200, 110:350]
    small = cv2.resize(one, (120, 100), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(3).normal(0, 4, (100, 240, 3))
    both = np.concatenate([small, small[:, ::-1]], axis=1) + grain
    return np.clip(np.round(both), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory, prefect: str) -> Path:
    """A folder with a box, a recipe and a library in which both faces were redrawn."""
    folder = tmp_path_factory.mktemp("faces")
    (folder / "box").mkdir()
    tifffile.imwrite(folder / "box" / "two.tif", two_faces(), photometric="rgb")
    (folder / "faces.toml").write_text(RECIPE)
    summary = digitize(folder)
    assert summary["exit_code"] == 0
    assert summary["findings"][-1]["found"] == "2 of 2 faces redrawn"
    return folder


@pytest.fixture
def folder(restored: Path, tmp_path: Path) -> Path:
    """The same for one test alone."""
    shutil.copytree(restored / "library", tmp_path / "library")
    (tmp_path / "box").symlink_to(restored / "box")
    (tmp_path / "faces.toml").write_text(RECIPE)
    return tmp_path


def digitize(folder: Path, recipe: str = "faces.toml", **options: Any) -> dict[str, Any]:
    from flows.digitize import digitize as flow

    box = (folder / "box").resolve()
    library, recipe = str(folder / "library"), str(folder / recipe)
    return flow(box=str(box), library=library, recipe=recipe, device="cpu", **options)


def choose(folder: Path, face: int, **decision: Any) -> str:
    from flows.choose import choose as record

    return record(folder / "library", "0001-1", face, command=f"choose {face}", **decision)


def master(folder: Path) -> np.ndarray:
    (path,) = (folder / "library" / "exports" / "masters").iterdir()
    return tifffile.imread(path)


def steps(folder: Path) -> list[Any]:
    from pipeline.store import queries
    from pipeline.store.library import open_library

    with (
        open_library(folder / "library", write=False) as library,
        library.ledger.read() as session,
    ):
        return queries.history(session, queries.print_by_name(session, "0001-1"))


def faces(folder: Path) -> list[dict[str, Any]]:
    return [step for step in steps(folder) if step.stage == "faces"][-1].measures["faces"]


def halves(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return pixels[:, :120], pixels[:, 120:]


def test_a_face_that_is_to_be_left_is_left_and_nothing_else_is_done_again(folder: Path) -> None:
    before = master(folder)
    assert choose(folder, 1, leave=True) == "leave it"
    summary = digitize(folder)
    assert summary["steps"] == {**summary["steps"], "ran": 1, "reused": 2}
    assert faces(folder)[0]["outcome"] == "left"
    left, right = halves(master(folder))
    assert np.array_equal(left, halves(two_faces().astype(np.uint16) * 257)[0])
    assert np.array_equal(right, halves(before)[1])
    assert not np.array_equal(left, halves(before)[0])
    assert digitize(folder)["prints"]["already_done"] == 1, "it is followed once"


def test_an_export_says_when_a_decision_waits_for_the_next_run(folder: Path) -> None:
    from flows.export import export

    def notes(to: str) -> list[str]:
        done = export(library=str(folder / "library"), to=str(folder / to))
        return [one["note"] for one in done["notes"]]

    assert not any("decided about a face" in note for note in notes("first"))
    choose(folder, 1, leave=True)
    assert any("decided about a face" in note for note in notes("second"))
    digitize(folder)
    assert not any("decided about a face" in note for note in notes("third"))


def test_a_decision_survives_another_recipe_and_is_forgotten_when_told_so(folder: Path) -> None:
    from flows.choose import decisions

    before = master(folder)
    choose(folder, 2, leave=True)
    (folder / "other.toml").write_text(
        RECIPE.replace('"repair", ', "").replace("models =", "strength = 0.5\nmodels =")
    )
    digitize(folder, "other.toml")
    assert faces(folder)[1]["outcome"] == "left"
    assert faces(folder)[0]["outcome"] != "left"
    (told,) = decisions(folder / "library", "0001-1")
    assert (told["face"], told["decided"], told["followed"]) == (2, "leave it", True)
    choose(folder, 2, forget=True)
    assert decisions(folder / "library", "0001-1") == []
    summary = digitize(folder)
    assert summary["steps"]["ran"] == 0, "what it was before is known still"
    assert np.array_equal(master(folder), before)


def test_what_is_compared_is_what_the_decision_then_gives(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from flows.cli.app import exit_code_of

    library = folder / "library"
    state = contents(library)
    words = ["compare", "0001-1", "--models", X4PLUS, "--strengths", "0.3,1", "--face", "1"]
    assert exit_code_of([*words, "--library", str(library), "--device", "cpu", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    strengths = [one["measures"]["faces"][0]["strength"] for one in told["variants"]]
    assert strengths == [0.3, 1.0]
    assert contents(library) == state, "the library stays as it is"
    assert Path(told["sheet"]) == library / "exports" / "comparisons" / "0001-1.png"
    written = cv2.cvtColor(cv2.imread(told["sheet"], cv2.IMREAD_UNCHANGED), cv2.COLOR_BGR2RGB)
    assert stands_in(two_faces(), written), "the whole small print, at 100 %"
    choose(folder, 1, model=X4PLUS, strength=1.0)
    digitize(folder)
    chosen = np.concatenate([halves(master(folder))[0], halves(two_faces() * np.uint16(257))[1]], 1)
    assert stands_in(np.round(chosen / 257).astype(np.uint8), written)
    step = steps(folder)[-1]
    assert f"faces:{X4PLUS}" in {model["role"] for model in step.models}
    assert faces(folder)[0]["strength"] == 1.0


def contents(library: Path) -> dict[str, str]:
    """Every file but exports, with its digest."""
    return {
        str(path.relative_to(library)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(library.rglob("*"))
        if path.is_file() and "exports" not in path.parts
    }


def stands_in(picture: np.ndarray, sheet: np.ndarray) -> bool:
    height, width = picture.shape[:2]
    starts = np.argwhere((sheet == picture[0, 0]).all(axis=2))
    return any(np.array_equal(sheet[y : y + height, x : x + width], picture) for y, x in starts)


def test_faces_can_be_left_by_their_size_for_a_whole_run(folder: Path) -> None:
    from flows.rerun import rerun

    summary = rerun(library=str(folder / "library"), min_face=60, device="cpu")
    assert summary["findings"][-1]["found"] == "2 faces left as they are"
    assert all("too small" in entry["left_because"] for entry in faces(folder))
    again = rerun(library=str(folder / "library"), device="cpu")
    assert again["prints"]["already_done"] == 1, "the limit is in the recipe on record"


def test_without_a_library_faces_are_left_by_their_number(restored: Path, tmp_path: Path) -> None:
    from flows.one_photo import restore_photo
    from pipeline.io.derivative import DerivativeFormat

    target = tmp_path / "restored.tif"
    report = restore_photo(
        restored / "box" / "two.tif",
        target,
        DerivativeFormat("tiff"),
        recipe=str(restored / "faces.toml"),
        device="cpu",
        overwrite=False,
        leave_faces=[2, 5],
    )
    assert report[-1]["notes"] == ["there is no face 5 to leave"]
    left, right = halves(tifffile.imread(target))
    assert np.array_equal(right, halves(two_faces().astype(np.uint16) * 257)[1])
    assert np.array_equal(left, halves(master(restored))[0])


def test_history_tells_of_each_face_and_of_each_decision(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.cli.app import exit_code_of

    library = ["--library", str(folder / "library")]
    assert exit_code_of(["choose", "0001-1", "--face", "2", "--strength", "0.25", *library]) == 0
    capsys.readouterr()
    assert exit_code_of(["history", "0001-1", *library]) == 0
    told = capsys.readouterr().out.splitlines()
    lines = [line.strip() for line in told if line.strip().startswith("face ")]
    assert len(lines) == 2
    assert all(f"with {X4PLUS}, strength 0." in line for line in lines)
    assert told[-1].endswith("`shoebox choose 0001-1 --face 2 --strength 0.25`")
    assert exit_code_of(["choose", "0001-1", "--list", *library]) == 0
    assert capsys.readouterr().out == "Face 2: strength 0.25 (waits for the next run).\n"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["choose", "0009-1", "--face", "1", "--leave"], 2, "E202"),
        (["choose", "0001-1", "--leave"], 2, "which face"),
        (["choose", "0001-1", "--face", "3", "--leave"], 2, "Its faces: 1 (x "),
        (["choose", "0001-1", "--face", "1"], 2, "nothing is decided"),
        (["choose", "0001-1", "--face", "1", "--leave", "--forget"], 2, "two decisions"),
        (["choose", "0001-1", "--face", "1", "--strength", "1.5"], 2, "within 0 and 1"),
        (["choose", "0001-1", "--face", "1", "--model", "GFPGAN"], 6, "GFPGANv1.4"),
        (["choose", "0001-1", "--face", "1", "--model", "GFPGANv1.4"], 6, "models fetch"),
        (["choose", "0001-1", "--face", "1", "--model", "CenterFace"], 6, "cannot serve"),
        (["choose", "0001-1", "--list", "--leave"], 2, "makes none"),
        (["compare", "0001-1"], 2, "nothing to compare"),
        (["compare", "--strengths", "1"], 2, "either a PRINT or a --photo"),
        (["compare", "--photo", "a.tif", "--strengths", "1"], 2, "where the sheet goes"),
        (["compare", "--photo", "a.tif", "--strengths", "1", "-o", "x.png"], 3, "a.tif"),
        (["compare", "0001-1", "--strengths", "0.4,much"], 2, "no numbers"),
        (["compare", "0001-1", "--strengths", "0.4", "--face", "3"], 2, "Its faces: 1, 2"),
        (["compare", "0001-1", "--strengths", "0.4", "--crop", "wide"], 2, "WxH+X+Y"),
        (["compare", "0001-1", "--strengths", "0.4", "--crop", "9x9+900+0"], 2, "240 x 100 px"),
        (["compare", "0001-1", "--strengths", "0.4", "-o", "x.gif"], 2, "known ending"),
        (["compare", "0001-1", "--models", f"{X4PLUS},CenterFace"], 2, "cannot be compared"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_meant_is_refused_with_a_word_about_it(
    restored: Path, words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.cli.app import exit_code_of

    state = contents(restored / "library")
    assert exit_code_of([*words, "--library", str(restored / "library")]) == code
    assert told in " ".join(capsys.readouterr().err.split())
    assert contents(restored / "library") == state


def test_a_print_whose_faces_were_not_looked_for_has_none_to_decide_about(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from flows.choose import choose as record
    from flows.digitize import digitize as flow
    from pipeline.core.errors import UsageError

    library = tmp_path / "library"
    flow(box=str(box), library=str(library), recipe=recipe, device="cpu")
    with pytest.raises(UsageError, match="not looked for"):
        record(library, "0001-1", 1, leave=True, command="choose")
