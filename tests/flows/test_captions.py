"""Captions and backs: from the box through whole jobs, and by `shoebox captions`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from flows.captions import CaptionsTaken, caption_lines, take_captions
from flows.preflight import check_digitize
from pipeline.core.caption import Caption
from pipeline.core.errors import CaptionsRefused, LibraryBusy
from pipeline.ingest.caption_template import caption_csv
from pipeline.store import queries, record
from pipeline.store.backs import pair_back
from pipeline.store.captions import backs_of, captions_in_force, is_back
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject
from pipeline.store.status import library_status
from pipeline.store.verify import verify


def digitize(box: Path, library: Path, recipe: str, **options: object) -> dict:
    from flows.digitize import digitize as flow

    return flow(box=str(box), library=str(library), recipe=recipe, device="cpu", **options)


def checked(box: Path, library: Path, recipe: str) -> object:
    return check_digitize(
        *(str(box), str(library)),
        recipe=recipe,
        size=None,
        dpi=300.0,
        kind="tiff",
        fit=None,
        overwrite=False,
    )


def notes(summary: dict) -> dict[str, list[str]]:
    return {entry["note"]: entry["items"] for entry in summary["notes"]}


def captions(library: Path) -> dict[str, Caption]:
    with open_library(library, write=False) as opened, opened.ledger.read() as session:
        return {
            queries.print_by_id(session, print_id).name: caption
            for print_id, caption in captions_in_force(session).items()
        }


def states(library: Path) -> dict[str, str]:
    with open_library(library, write=False) as opened, opened.ledger.read() as session:
        return {item.scan.name: item.state for item in library_status(session).items}


@pytest.mark.usefixtures("prefect")
@pytest.mark.xdist_group("prefect")
def test_backs_and_captions_go_through_jobs_and_change_no_picture(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    (box / "c.jpg").unlink()
    grain = np.random.default_rng(1).integers(60, 200, (40, 60, 3)).astype(np.uint8)
    cv2.imwrite(str(box / "A_Back.png"), cv2.GaussianBlur(grain, (0, 0), 1))
    words = "File;Title;Date;Print\na.tif;Lake;1962?;\nb.png;Hill;12.5.1962;1\ngone.tif;;;\n"
    (box / "box.csv").write_text(words, encoding="utf-8-sig")
    (box / "other.csv").write_text("a,b")

    first = digitize(box, library, recipe)
    assert first["exit_code"] == 0
    assert first["files"]["new"] == 3
    assert first["prints"]["restored"] == 2
    assert [entry["name"] for entry in first["passed_over"]] == ["other.csv"]
    assert states(library) == {"a.tif": "done", "b.png": "done"}
    said = notes(first)
    assert any("12.5.1962" in note and "line 3" in note for note in said)
    assert any("gone.tif is no scan here" in note for note in said)
    assert ["A_Back.png"] in said.values()
    assert set(captions(library).values()) == {
        Caption(title="Lake", date="1962?", edtf="1962?"),
        Caption(title="Hill", date="12.5.1962"),
    }

    (box / "box.csv").write_text(words.replace("Lake", "Sea"), encoding="utf-8-sig")
    second = digitize(box, library, recipe)
    assert (second["steps"]["ran"], second["files"]["recognised"]) == (0, 3)
    assert "1 caption is new or changed" in notes(second)
    assert {caption.title for caption in captions(library).values()} == {"Sea", "Hill"}
    assert not any("restored before" in note for note in notes(second))

    as_picture = digitize(box, library, recipe, backs=False)
    assert as_picture["prints"]["total"] == 3
    assert set(states(library).values()) == {"done"}
    assert len(states(library)) == 3

    again = digitize(box, library, recipe)
    assert (again["steps"]["ran"], again["prints"]["total"]) == (0, 2)
    assert any("restored before" in note for note in notes(again))
    assert states(library) == {"a.tif": "done", "b.png": "done"}
    assert len(list((library / "exports" / "masters").iterdir())) == 3

    (box / "a.tif").unlink()  # Its back is left alone in the box, and known all the same.
    alone = digitize(box, library, recipe)
    assert alone["prints"]["total"] == 1
    assert not any("no front" in note for note in notes(alone))
    with open_library(library, write=False) as opened:
        report = verify(opened)
        assert report.sound
        assert report.orphans == ()
        with opened.ledger.read() as session:
            scans = {row.name: row for row in queries.scans(session)}
            assert [row.name for row in backs_of(session, scans["a.tif"].id)] == ["A_Back.png"]
            assert is_back(session, scans["A_Back.png"].id)


@pytest.mark.usefixtures("prefect")
@pytest.mark.xdist_group("prefect")
def test_a_back_that_is_cut_is_refused_as_any_scan_and_can_be_tried_again(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    whole = (box / "b.png").read_bytes()
    (box / "a_b.png").write_bytes(whole[: len(whole) // 2])
    for name in ("b.png", "c.jpg"):
        (box / name).unlink()
    summary = digitize(box, library, recipe)
    assert summary["exit_code"] == 1
    assert [problem["item"] for problem in summary["problems"]] == ["a_b.png"]
    assert states(library) == {"a.tif": "done", "a_b.png": "failed"}
    (box / "a_b.png").write_bytes(whole)
    again = digitize(box, library, recipe)
    assert (again["exit_code"], again["prints"]["total"]) == (0, 1)
    assert states(library) == {"a.tif": "done"}


@pytest.mark.usefixtures("prefect")
@pytest.mark.xdist_group("prefect")
def test_a_back_too_large_at_first_is_taken_in_by_a_rerun_and_not_restored(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    from flows.rerun import rerun

    library = tmp_path / "library"
    (box / "a_b.png").write_bytes((box / "b.png").read_bytes())
    for name in ("b.png", "c.jpg"):
        (box / name).unlink()
    assert digitize(box, library, recipe, max_megapixels=0.001)["exit_code"] == 1
    assert states(library) == {"a.tif": "failed", "a_b.png": "failed"}
    summary = rerun(library=str(library), failed=True, device="cpu")
    assert summary["prints"]["total"] == 1
    assert states(library) == {"a.tif": "done"}


@pytest.mark.parametrize("name", ["box.csv", "Box.CSV"])
def test_wrong_captions_are_refused_before_the_library_is_made(
    box: Path, recipe: str, tmp_path: Path, name: str
) -> None:
    (box / name).write_bytes("file,title\na.tif,Zürich\n".encode("latin-1"))
    with pytest.raises(CaptionsRefused, match=f"{name}, line 2: byte 0xfc"):
        checked(box, tmp_path / "library", recipe)
    assert not (tmp_path / "library").exists()


def test_two_files_of_captions_in_a_box_are_refused(box: Path, recipe: str, tmp_path: Path) -> None:
    for name in ("box.csv", "BOX.csv"):
        (box / name).write_text("file\n")
    if len(list(box.glob("*.csv"))) < 2:
        pytest.skip("this file system does not tell letter case")
    with pytest.raises(CaptionsRefused, match=r"BOX\.csv and box\.csv"):
        checked(box, tmp_path / "library", recipe)


def test_a_link_named_like_the_captions_is_not_followed(
    box: Path, recipe: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text("file,title\na.tif,secret\n")
    (box / "box.csv").symlink_to(tmp_path / "secret.csv")
    asked = checked(box, tmp_path / "library", recipe)
    assert asked.captions is None  # type: ignore[attr-defined]
    assert [entry.name for entry in asked.passed_over] == ["box.csv"]  # type: ignore[attr-defined]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library with a scan of one print, one of two, and the back of the first."""
    root = tmp_path / "library"
    with open_library(root, write=True, create=True) as opened:
        with opened.ledger.write() as session:
            run_id = record.start_run(session, command="digitize", box="/box")
        add_scan(opened, run_id, "a.tif", 1)
        add_scan(opened, run_id, "sub/b.tif", 2)
        add_scan(opened, run_id, "a_b.tif", 1)
        with opened.ledger.write() as session:
            pair_back(session, run_id=run_id, scan_id=1, back_scan_id=3)
    return root


def add_scan(library: Library, run_id: int, name: str, count: int, box: str = "/box") -> None:
    """A scan with so many prints, as its split found them."""
    with library.ledger.write() as session:
        scan = record.add_scan(
            session,
            run_id=run_id,
            box=box,
            name_bytes=os.fsencode(name),
            sha256=name,
            bytes=1,
        )
        crops = [StoredObject(f"{box}{name}{i}", 1, ".tif") for i in range(1, count + 1)]
        split = record.NewStep(
            run_id=run_id,
            scan_id=scan.id,
            print_id=None,
            key=f"split {name}",
            stage="split",
            stage_version=1,
            options={},
            status="done",
            started_at="now",
            seconds=0.0,
            outputs=[record.Output(f"print-{i}", crop) for i, crop in enumerate(crops, start=1)],
        )
        record.add_step(session, split)
        for ordinal, crop in enumerate(crops, start=1):
            record.add_print(
                session, scan_id=scan.id, ordinal=ordinal, sha256=crop.sha256, geometry={}
            )


def take(library: Path, text: str) -> CaptionsTaken:
    file = library.parent / "own.csv"
    file.write_text(text, encoding="utf-8")
    return take_captions(library, file)


def places(library: Path) -> list[tuple[str, int | None]]:
    return [(line.file, line.ordinal) for line in caption_lines(library)]


def test_the_table_has_a_line_for_each_print_and_none_for_backs(library: Path) -> None:
    assert places(library) == [("a.tif", None), ("sub/b.tif", 1), ("sub/b.tif", 2)]
    take(library, "file,title\nsub/b.tif,Both\n")
    assert places(library) == [
        ("a.tif", None),
        *(("sub/b.tif", ordinal) for ordinal in (None, 1, 2)),
    ]


def test_captions_are_recorded_and_their_table_changes_nothing(library: Path) -> None:
    words = 'file,print,title,people\na.tif,,=Lake,"A; B"\nsub/b.tif,,Both,\nsub/b.tif,2,Two,\n'
    assert take(library, words) == CaptionsTaken(3, 3, ())
    assert captions(library) == {
        "0001-1": Caption(title="=Lake", people=("A", "B")),
        "0002-1": Caption(title="Both"),
        "0002-2": Caption(title="Two"),
    }
    assert take(library, caption_csv(caption_lines(library))) == CaptionsTaken(4, 0, ())
    emptied = take(library, "file,print,title\nsub/b.tif,2,\n")
    assert (emptied.recorded, captions(library)["0002-2"].title) == (1, "Both")


def test_lines_that_can_mean_no_print_are_told(library: Path) -> None:
    taken = take(library, "file,print,title\na.tif,2,x\na_b.tif,,x\nnone.tif,,x\n../a.tif,,x\n")
    assert "own.csv, line 2: a.tif has no print 2" in taken.notes
    assert "own.csv, line 3: a_b.tif is a back; captions belong to its front" in taken.notes
    assert len([note for note in taken.notes if "no scan here" in note]) == 2
    assert captions(library) == {}


def test_a_file_that_is_refused_leaves_no_row_and_no_run(library: Path) -> None:
    for words in ("file,titel\na.tif,x\n", "file,title\na.tif,x\nA.TIF,y\n"):
        with pytest.raises(CaptionsRefused):
            take(library, words)
    with open_library(library, write=False) as opened, opened.ledger.read() as session:
        run = queries.latest_run(session)
        assert run is not None
        assert run.command == "digitize"
    assert captions(library) == {}


def test_the_run_that_took_captions_is_on_record(library: Path) -> None:
    take(library, "file,title\na.tif,x\n")
    with open_library(library, write=False) as opened, opened.ledger.read() as session:
        run = queries.latest_run(session)
        assert run is not None
        assert (run.command, run.exit_code) == ("captions --from own.csv", 0)
        assert run.summary == {"captions": 1}


def test_a_library_at_work_takes_no_captions(library: Path) -> None:
    with open_library(library, write=True), pytest.raises(LibraryBusy):
        take(library, "file,title\na.tif,x\n")


def test_the_same_name_in_two_boxes_is_told_apart_by_the_box(library: Path) -> None:
    with open_library(library, write=True) as opened:
        add_scan(opened, 1, "a.tif", 1, box="/other")
    with pytest.raises(CaptionsRefused, match="several boxes"):
        take(library, "file,title\na.tif,x\n")
    take(library, "file,title,box\na.tif,x,/other\n")
    assert captions(library) == {"0004-1": Caption(title="x")}
    assert take(library, caption_csv(caption_lines(library))).recorded == 0


def test_the_command_prints_a_table_that_it_takes_back(
    library: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from flows.cli.app import exit_code_of

    own = ["--library", str(library)]
    take(library, "file,title,note\na.tif,=1+1,two\n")
    capfdbinary.readouterr()
    assert exit_code_of(["captions", *own]) == 0
    printed = capfdbinary.readouterr().out
    assert printed.startswith(b'\xef\xbb\xbf"file","print",')
    assert b'"a.tif","","\'=1+1"' in printed
    filled = library.parent / "filled.csv"
    filled.write_bytes(printed.replace(b"two", b"three"))
    assert exit_code_of(["captions", *own, "--from", str(filled), "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out) == {"rows": 3, "recorded": 1, "notes": []}
    assert exit_code_of(["captions", *own, "--json"]) == 0
    entry = json.loads(capfdbinary.readouterr().out)[0]
    assert (entry["file"], entry["title"], entry["note"]) == ("a.tif", "=1+1", "three")


def test_the_command_refuses_a_wrong_file_with_its_line(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.cli.app import exit_code_of

    (library.parent / "x.csv").write_text("file,titel\n")
    wrong = ["captions", "--library", str(library), "--from", str(library.parent / "x.csv")]
    assert exit_code_of(wrong) == 2
    assert "x.csv, line 1: unknown column 'titel'; did you mean title?" in capsys.readouterr().err
