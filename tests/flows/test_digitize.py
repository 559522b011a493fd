"""The main job on tiny real boxes, run in this process against a private Prefect server."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

pytestmark = [pytest.mark.usefixtures("prefect"), pytest.mark.xdist_group("prefect")]


def grain(seed: int, width: int, height: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 60000, (height, width, 3))
    return cv2.GaussianBlur(noise.astype(np.uint16), (0, 0), 1)


def digitize(box: Path, library: Path, recipe: str, **options: object) -> dict:
    from flows.digitize import digitize as flow

    return flow(box=str(box), library=str(library), recipe=recipe, device="cpu", **options)


def pages(library: Path) -> list[Path]:
    return sorted((library / "exports").rglob("*.tif"))


def test_a_box_becomes_masters_and_print_files(box: Path, recipe: str, tmp_path: Path) -> None:
    library = tmp_path / "library"
    summary = digitize(box, library, recipe, size="2x3in", dpi=100)
    assert summary["exit_code"] == 0
    assert summary["files"] == {"found": 3, "new": 3, "recognised": 0, "refused": 0}
    assert summary["prints"]["restored"] == 3
    assert [str(path) for path in pages(library)] == sorted(summary["outputs"])
    for path in (library / "exports" / "2x3in-100dpi").iterdir():
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            assert sorted(page.shape[:2]) == [200, 300]
            assert page.bitspersample == 16
            assert page.tags["XResolution"].value == (100, 1)
            assert "InterColorProfile" in page.tags


def test_a_second_run_over_a_finished_box_runs_no_stage_at_all(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    first = digitize(box, library, recipe, size="2x3in", dpi=100)
    assert first["steps"]["ran"] == 3 * 5
    second = digitize(box, library, recipe, size="2x3in", dpi=100)
    assert second["steps"]["ran"] == 0
    assert second["files"]["recognised"] == 3
    assert second["prints"] == {"total": 3, "restored": 0, "already_done": 3, "failed": 0}
    assert second["outputs"] == first["outputs"]


def test_the_box_is_never_written_to(box: Path, recipe: str, tmp_path: Path) -> None:
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in box.iterdir()}
    digitize(box, tmp_path / "library", recipe)
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in box.iterdir()} == before


def test_bad_files_are_named_and_the_rest_is_done(box: Path, recipe: str, tmp_path: Path) -> None:
    from flows.rerun import rerun

    library = tmp_path / "library"
    whole = (box / "a.tif").read_bytes()
    (box / "cut.tif").write_bytes(whole[: len(whole) // 2])
    (box / "half.jpg").write_bytes((box / "c.jpg").read_bytes()[:1500])
    (box / "text.tif").write_text("Dear diary")
    (box / "empty.tif").write_bytes(b"")
    summary = digitize(box, library, recipe)
    assert summary["exit_code"] == 1
    assert summary["prints"]["restored"] == 3
    errors = {problem["item"]: problem["error"] for problem in summary["problems"]}
    assert set(errors) == {"cut.tif", "half.jpg", "text.tif", "empty.tif"}
    numbers = {"cut.tif": 303, "half.jpg": 303, "text.tif": 302, "empty.tif": 301}
    for name, number in numbers.items():
        assert errors[name].startswith(f"E{number} ")
        assert name in errors[name]
        assert "\n" not in errors[name]
    again = rerun(library=str(library), failed=True, device="cpu")
    assert {problem["item"] for problem in again["problems"]} == set(errors)
    assert again["steps"]["ran"] == 0
    (box / "cut.tif").write_bytes(whole)
    mended = rerun(library=str(library), failed=True, device="cpu")
    assert {problem["item"] for problem in mended["problems"]} == set(errors) - {"cut.tif"}
    assert mended["prints"] == {"total": 1, "restored": 1, "already_done": 0, "failed": 0}
    assert mended["steps"]["ran"] == 0, "its pixels are those of a.tif, whose steps are done"


def test_sixteen_bits_go_in_through_and_out(tmp_path: Path, recipe: str) -> None:
    box = tmp_path / "gradient"
    box.mkdir()
    ramp = np.linspace(6000, 59000, 1024).astype(np.uint16)
    rows = np.repeat(ramp[None, :], 48, axis=0)
    tifffile.imwrite(box / "ramp.tif", np.dstack([rows, rows, rows]), photometric="rgb")
    digitize(box, tmp_path / "library", "faithful")
    (master,) = pages(tmp_path / "library")
    made = tifffile.imread(master)
    assert made.dtype == np.uint16
    assert len(np.unique(made)) > 900


def test_an_orientation_tag_is_applied_once(tmp_path: Path, recipe: str) -> None:
    import piexif

    box = tmp_path / "turned"
    box.mkdir()
    picture = grain(4, 90, 40)[..., 0] // 1024 + np.linspace(190, 20, 90)  # light at the left
    cv2.imwrite(str(box / "turned.jpg"), picture.astype(np.uint8))
    piexif.insert(piexif.dump({"0th": {piexif.ImageIFD.Orientation: 6}}), str(box / "turned.jpg"))
    digitize(box, tmp_path / "library", recipe)
    (master,) = pages(tmp_path / "library")
    made = tifffile.imread(master)
    assert made.shape[:2] == (90, 40)
    rows = made.reshape(90, -1).mean(axis=1)
    assert rows[:20].min() > rows[35:55].max() > rows[70:].max()
    with tifffile.TiffFile(master) as tiff:
        tag = tiff.pages.first.tags.get("Orientation")
        assert tag is None or tag.value == 1


def test_a_file_that_is_not_ours_is_not_overwritten(box: Path, recipe: str, tmp_path: Path) -> None:
    library = tmp_path / "library"
    outputs = digitize(box, library, recipe)["outputs"]
    Path(outputs[0]).write_bytes(b"somebody else's work")
    summary = digitize(box, library, recipe)
    assert summary["exit_code"] == 1
    assert "E204" in summary["problems"][0]["error"]
    assert Path(outputs[0]).read_bytes() == b"somebody else's work"
    assert digitize(box, library, recipe, overwrite=True)["exit_code"] == 0
    assert Path(outputs[0]).read_bytes() != b"somebody else's work"


def test_a_scan_taken_out_of_its_box_stays_in_the_library(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from flows.rerun import rerun

    library = tmp_path / "library"
    digitize(box, library, recipe)
    shutil.rmtree(box)
    summary = rerun(library=str(library), from_stage="denoise", device="cpu")
    assert summary["exit_code"] == 0
    assert summary["steps"]["ran"] == 3 * 2
    assert summary["steps"]["reused"] == 3


def test_rerunning_one_print_from_a_stage_leaves_the_others_alone(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from flows.rerun import rerun

    library = tmp_path / "library"
    digitize(box, library, recipe)
    before = {path.name: path.read_bytes() for path in pages(library)}
    summary = rerun(library=str(library), prints=["0002-1"], from_stage="repair", device="cpu")
    assert summary["prints"]["total"] == 1
    assert summary["steps"] == {**summary["steps"], "ran": 3, "reused": 0}
    assert {path.name: path.read_bytes() for path in pages(library)} == before


def test_an_export_goes_where_it_is_told_in_the_form_it_is_told(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    import piexif

    from flows.export import export

    library, target = tmp_path / "library", tmp_path / "shop"
    digitize(box, library, recipe)
    summary = export(
        library=str(library), to=str(target), prints=["0001-1"], size="1x1.5in", kind="jpeg"
    )
    (path,) = target.iterdir()
    assert summary["outputs"] == [str(path)]
    made = cv2.imread(str(path))
    assert made.shape == (300, 450, 3)
    exif = piexif.load(str(path))["0th"]
    assert exif[piexif.ImageIFD.XResolution] == (300, 1)
    assert b"Shoebox" in exif[piexif.ImageIFD.Software]
    assert b"0001-1" in exif[piexif.ImageIFD.ImageDescription]


def test_a_monochrome_scan_stays_exactly_grey_to_the_end(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    digitize(box, library, recipe, size="2x3in", dpi=100)
    grey = [path for path in pages(library) if path.name.startswith("c_")]
    assert len(grey) == 2
    for path in grey:
        made = tifffile.imread(path)
        assert made.ndim == 2 or np.ptp(made.astype(int), axis=2).max() == 0


def test_another_recipe_for_one_print_leaves_the_other_masters_what_they_are(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from flows.export import export
    from flows.rerun import rerun
    from pipeline.core.errors import RecipeRefused

    library = tmp_path / "library"
    digitize(box, library, recipe)
    masters = {path.name: path.read_bytes() for path in pages(library)}
    shorter = tmp_path / "shorter.toml"
    shorter.write_text('name = "shorter"\ndescription = "d"\nstages = ["split", "repair"]\n')
    rerun(library=str(library), prints=["0001-1"], recipe=str(shorter), device="cpu")
    export(library=str(library), to=str(tmp_path / "all"))
    exported = {path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()}
    assert {name for name in masters if exported[name] != masters[name]} == {"a_0001-1.tif"}
    with pytest.raises(RecipeRefused, match="different recipes"):
        rerun(library=str(library), device="cpu")
    again = rerun(library=str(library), prints=["0002-1"], from_stage="denoise", device="cpu")
    assert again["recipe"] == "classical"


def test_a_library_may_be_moved_as_a_whole(box: Path, recipe: str, tmp_path: Path) -> None:
    library, moved = tmp_path / "library", tmp_path / "elsewhere" / "moved"
    digitize(box, library, recipe)
    moved.parent.mkdir()
    library.rename(moved)
    summary = digitize(box, moved, recipe)
    assert summary["exit_code"] == 0
    assert summary["steps"]["ran"] == 0


def test_a_refused_file_that_was_taken_out_of_its_box_is_no_failure_any_more(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from pipeline.store.library import open_library
    from pipeline.store.status import library_status

    library = tmp_path / "library"
    (box / "text.tif").write_text("no picture")
    digitize(box, library, recipe)
    (box / "text.tif").unlink()
    assert digitize(box, library, recipe)["exit_code"] == 0
    with open_library(library, write=False) as opened, opened.ledger.read() as session:
        assert {item.state for item in library_status(session).items} == {"done"}


def test_a_print_is_enlarged_as_its_own_recipe_says_whatever_ran_since(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from flows.export import export
    from flows.rerun import rerun

    library, shop = tmp_path / "library", tmp_path / "shop"
    digitize(box, library, recipe)
    filling = tmp_path / "filling.toml"
    filling.write_text(
        'name = "filling"\ndescription = "d"\nstages = ["split", "repair"]\n'
        '[enlarge]\nuse_model = false\nfit = "crop"\n'
    )
    rerun(library=str(library), prints=["0001-1"], recipe=str(filling), device="cpu")
    export(library=str(library), to=str(shop), size="3x3in", dpi=100)
    border = {path.name[0]: tifffile.imread(path)[0].min() for path in shop.iterdir()}
    assert border["a"] < 60000, "cropped to fill the sheet, by its own recipe"
    assert border["b"] == border["c"] == 65535, "on a white sheet, by theirs"
    again = rerun(library=str(library), prints=["0002-1"], device="cpu")
    assert again["recipe"] == "classical", "a print size does not change what a print is made by"
