"""Exports of a finished library: sizes, forms, plans, sheets, packages, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from pipeline.core.errors import (
    ProfileRefused,
    SizeRefused,
    TargetExists,
    TargetRefused,
    UsageError,
)

pytestmark = [pytest.mark.usefixtures("prefect"), pytest.mark.xdist_group("prefect")]

RECIPE = """\
name = "plain"
description = "Nothing but looking, for tests."
stages = ["split", "diagnose"]

[diagnose]
count_faces = false

[enlarge]
use_model = false
"""
WIDTH, HEIGHT = 120, 90


def picture(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = 0.5 + 0.3 * np.sin(x / (5 + seed)) * np.cos(y / (7 + seed))
    made = np.stack([waves, waves * 0.9, waves * 0.6], axis=2) + rng.normal(0, 0.01, (*x.shape, 3))
    return np.round(np.clip(made, 0, 1) * 65535).astype(np.uint16)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, prefect: str) -> Path:
    """A library with two prints of 0.4 x 0.3 inches, the second one grey and captioned."""
    from flows.digitize import digitize

    folder = tmp_path_factory.mktemp("exports")
    box = folder / "box"
    box.mkdir()
    inches = {"resolution": (300, 300), "resolutionunit": 2}
    tifffile.imwrite(box / "one.tif", picture(1), photometric="rgb", **inches)
    tifffile.imwrite(box / "two.tif", picture(2)[..., 0], photometric="minisblack", **inches)
    (box / "box.csv").write_text(
        "file,title,date,place,people\ntwo.tif,Harvest,1962?,Łódź,Anna; Karl\n", encoding="utf-8"
    )
    (folder / "plain.toml").write_text(RECIPE)
    summary = digitize(
        box=str(box),
        library=str(folder / "library"),
        recipe=str(folder / "plain.toml"),
        device="cpu",
    )
    assert summary["exit_code"] == 0, summary
    return folder / "library"


@pytest.fixture
def library(finished: Path, tmp_path: Path) -> Path:
    """The same for one test alone."""
    return Path(shutil.copytree(finished, tmp_path / "library"))


def export(library: Path, to: Path, **options: Any) -> dict[str, Any]:
    from flows.export import export as flow

    return flow(library=str(library), to=str(to), device="cpu", **options)


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    from flows.cli.app import exit_code_of

    capfd.readouterr()
    code = exit_code_of([str(argument) for argument in arguments])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_several_sizes_in_one_call_each_get_a_folder(library: Path, tmp_path: Path) -> None:
    to = tmp_path / "shop"
    summary = export(library, to, size=["1x1.5in", "30x40mm"], dpi=100)
    assert summary["exit_code"] == 0
    sizes = {
        path.parent.name: tifffile.imread(path).shape[:2] for path in sorted(to.rglob("*.tif"))
    }
    assert sizes == {"1x1.5in-100dpi": (100, 150), "30x40mm-100dpi": (118, 157)}
    assert len(summary["outputs"]) == 4
    assert {plan["print"] for plan in summary["plans"]} == {"0001-1", "0002-1"}


def test_a_print_too_large_is_refused_before_it_is_made_and_the_others_go_on(
    library: Path, tmp_path: Path
) -> None:
    to = tmp_path / "shop"
    summary = export(library, to, size=["1x1.5in", "8x10in"], dpi=300)
    assert summary["exit_code"] == 1
    refused = [problem["error"] for problem in summary["problems"]]
    assert len(refused) == 2
    assert all(line.startswith("E208") and "--force" in line for line in refused)
    assert {path.parent.name for path in to.rglob("*.tif")} == {"1x1.5in-300dpi"}


def test_forced_it_is_made_after_all(library: Path, tmp_path: Path) -> None:
    to = tmp_path / "shop"
    summary = export(library, to, size="3x4in", dpi=300, force=True, prints=["0001-1"])
    assert summary["exit_code"] == 0
    (path,) = to.iterdir()
    assert tifffile.imread(path).shape[:2] == (900, 1200)
    assert summary["plans"][0]["verdict"] == "warning"


def test_a_plan_tells_and_writes_nothing(
    library: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = sorted(library.rglob("*"))
    arguments = ("export", "--library", library, "--size", "1x1.5in", "--size", "8x10in")
    code, out, _ = run(capfd, *arguments, "--plan", "--json")
    assert code == 1
    verdicts = {(plan["print"], plan["size"]): plan["verdict"] for plan in json.loads(out)}
    assert verdicts["0001-1", "1x1.5in-300dpi"] == "warning", "few real dots"
    assert verdicts["0001-1", "8x10in-300dpi"] == "refused"
    code, out, _ = run(capfd, *arguments[:5], "--plan")
    assert code == 0
    assert "one.tif" in out
    assert sorted(library.rglob("*")) == before


def test_a_bleed_is_added_to_the_size_and_told_to_the_printer(
    library: Path, tmp_path: Path
) -> None:
    import pikepdf

    to = tmp_path / "shop"
    export(library, to, size="2x3cm", fit="crop", bleed="3mm", kind="pdf", prints=["0001-1"])
    (path,) = to.iterdir()
    with pikepdf.open(path) as pdf:
        page = pdf.pages[0]
        media, trim = ([float(v) for v in page[name]] for name in ("/MediaBox", "/TrimBox"))
    assert (media[2] - media[0]) / 72 * 25.4 == pytest.approx(36, abs=0.17), "to the px"
    assert (trim[2] - trim[0]) / 72 * 25.4 == pytest.approx(30, abs=0.1)
    assert (trim[3] - trim[1]) / 72 * 25.4 == pytest.approx(20, abs=0.1)


def test_colours_are_converted_and_what_is_lost_is_told(library: Path, tmp_path: Path) -> None:
    from pipeline.io.colour import profile_name, profile_space

    to = tmp_path / "shop"
    summary = export(library, to, profile="adobe-rgb", kind="jpeg")
    profiles = {path.name: profile_in(path) for path in to.iterdir()}
    assert "Adobe RGB" in str(profile_name(profiles["one_0001-1.jpg"]))
    assert profile_space(profiles["two_0002-1.jpg"]) == "GRAY", "grey stays grey"
    told = {item: note["note"] for note in summary["notes"] for item in note["items"]}
    assert "colour" in told["one.tif · print 0001-1"]


def profile_in(path: Path) -> bytes:
    from PIL import Image

    with Image.open(path) as image:
        return bytes(image.info["icc_profile"])


def test_many_small_prints_go_on_one_page(library: Path, tmp_path: Path) -> None:
    import pikepdf

    to = tmp_path / "shop"
    summary = export(library, to, size="1x1.5in", sheet="A4", kind="pdf")
    (path,) = to.iterdir()
    assert summary["outputs"] == [str(path)]
    with pikepdf.open(path) as pdf:
        box = [float(v) for v in pdf.pages[0]["/MediaBox"]]
    assert sorted(round(v / 72 * 25.4) for v in box[2:]) == [210, 297]
    written = path.stat().st_mtime_ns
    again = export(library, to, size="1x1.5in", sheet="A4", kind="pdf")
    assert again["exit_code"] == 0
    assert path.stat().st_mtime_ns == written, "it is there already"


def test_the_page_of_a_sheet_is_not_cut_where_its_prints_are(library: Path, tmp_path: Path) -> None:
    import pikepdf

    to = tmp_path / "shop"
    export(library, to, size="2x3cm", fit="crop", bleed="3mm", sheet="A5", kind="pdf")
    (path,) = to.iterdir()
    with pikepdf.open(path) as pdf:
        page = pdf.pages[0]
        assert list(page["/TrimBox"]) == list(page["/MediaBox"])


def test_a_sheet_leads_back_to_every_print_on_it(
    library: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "shop"
    export(library, to, size="1x1.5in", sheet="A4", kind="jpeg")
    (path,) = to.iterdir()
    code, out, err = run(capfd, "history", path, "--library", library, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert {told["print"], *told["beside"]} == {"0001-1", "0002-1"}
    assert told["unchanged"] is True


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"size": "huge"}, SizeRefused, "huge"),
        ({"size": "8x10in", "bleed": "3"}, SizeRefused, "3"),
        ({"fit": "crop"}, SizeRefused, "no paper"),
        ({"profile": "no-such.icc"}, ProfileRefused, "no-such.icc"),
        ({"certificate": "cert.pem"}, UsageError, "key"),
        ({"kind": "jpeg", "bit_depth": 16}, UsageError, "16"),
    ],
    ids=str,
)
def test_a_wrong_request_is_refused_before_anything_is_written(
    library: Path,
    tmp_path: Path,
    options: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    to, before = tmp_path / "shop", sorted(library.rglob("*"))
    with pytest.raises(error, match=words):
        export(library, to, **options)
    assert not to.exists()
    assert sorted(library.rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [
        ["--contact-sheet", "A4", "--size", "8x10in"],
        ["--contact-sheet", "A4", "--bag"],
        ["--bag", "--format", "jpeg"],
        ["--organisation", "Archive"],
    ],
    ids=" ".join,
)
def test_an_option_that_would_do_nothing_is_refused_rather_than_passed_over(
    library: Path, tmp_path: Path, words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "shop"
    code, _, err = run(capfd, "export", "--library", library, "--to", to, *words)
    assert code == 2
    assert err.startswith("E200")
    assert not to.exists()


def test_a_strangers_file_stops_the_export_before_it_begins(library: Path, tmp_path: Path) -> None:
    to = tmp_path / "shop"
    to.mkdir()
    (to / "two_0002-1.tif").write_text("mine")
    with pytest.raises(TargetExists, match=r"two_0002-1\.tif"):
        export(library, to)
    assert [path.name for path in to.iterdir()] == ["two_0002-1.tif"]
    summary = export(library, to, overwrite=True)
    assert summary["exit_code"] == 0
    assert tifffile.imread(to / "two_0002-1.tif").shape == (HEIGHT, WIDTH)


def test_a_file_where_the_folder_should_be_is_named(library: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TargetRefused, match="file"):
        export(library, tmp_path / "file" / "shop")


def test_a_contact_sheet_shows_every_print_with_its_caption(
    library: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ("export", "--library", library, "--to", tmp_path / "shop", "--contact-sheet", "A4")
    code, out, err = run(capfd, *arguments, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["pictures"], told["pages"]) == (2, 1)
    assert Path(told["path"]).read_bytes().startswith(b"%PDF")
    code, _, err = run(capfd, *arguments)
    assert code == 0, err


def test_a_file_alone_leads_back_to_its_history(
    library: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "shop"
    export(library, to, size="1x1.5in", kind="jpeg", prints=["0002-1"])
    (path,) = to.iterdir()
    code, out, err = run(capfd, "history", path, "--library", library, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["print"], told["unchanged"]) == ("0002-1", True)
    assert [step["stage"] for step in told["steps"]] == ["ingest", "split", "diagnose", "enlarge"]
    assert told["caption"]["edtf"] == "1962?"
    with path.open("ab") as file:
        file.write(b"more")
    code, out, _ = run(capfd, "history", path, "--library", library)
    assert code == 0
    assert "changed since Shoebox wrote it" in out
    assert "Łódź" in out


def test_a_file_of_nobody_is_told_so(
    library: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "holiday.tif"
    tifffile.imwrite(path, picture(1))
    code, _, err = run(capfd, "history", path, "--library", library)
    assert code == 3
    assert "E309" in err
    code, _, err = run(capfd, "history", path)
    assert code in (2, 3)


def test_captions_reach_the_files(library: Path, tmp_path: Path) -> None:
    from pipeline.io.xmp_read import scan_xmp

    to = tmp_path / "shop"
    export(library, to, prints=["0002-1"])
    (path,) = to.iterdir()
    packet = (scan_xmp(path) or b"").decode()
    for words in ("Harvest", "Anna", "Karl", "Łódź", "1962?"):
        assert words in packet


def test_a_signed_file_tells_what_was_done_and_that_nothing_changed_since(
    library: Path, tmp_path: Path
) -> None:
    import c2pa

    from tests.pipeline.export.signing_pair import written_pair

    certificate, key = written_pair(tmp_path)
    to = tmp_path / "web"
    signed = {"kind": "jpeg", "certificate": str(certificate), "key": str(key)}
    export(library, to, prints=["0002-1"], **signed)
    (path,) = to.iterdir()
    with c2pa.Reader(str(path)) as reader:
        assert reader.get_validation_state() == "Valid"
        assert "Harvest" in reader.json()
    before = path.read_bytes()
    export(library, to, prints=["0002-1"], **signed)
    assert path.read_bytes() == before, "it is there already"


def test_an_archive_package_comes_back_as_the_same_library(
    library: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import bagit

    package, again = tmp_path / "package", tmp_path / "again"
    code, _, err = run(capfd, "export", "--library", library, "--bag", "--to", package)
    assert code == 0, err
    bagit.Bag(str(package)).validate()
    code, _, err = run(capfd, "export", "--library", library, "--bag", "--to", package)
    assert code == 2
    assert "E204" in err
    code, _, err = run(capfd, "import-bag", package, "--library", again)
    assert code == 0, err
    for command in (["verify"], ["history", "0001-1"], ["history", "0002-1"]):
        before = run(capfd, *command, "--library", library, "--json")
        after = run(capfd, *command, "--library", again, "--json")
        assert after[0] == before[0] == 0
        assert json.loads(after[1]) == json.loads(before[1])
