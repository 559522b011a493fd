"""An archive package holds everything once, and is a valid bag."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import bagit
import pytest

from pipeline.core.errors import UnknownPrint
from pipeline.export.bag import BagReport, write_bag
from pipeline.ingest.bag_import import import_bag
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject
from pipeline.store.selection import Selection
from tests.pipeline.export.bagged_library import BaggedLibrary

ROOT = Path(__file__).parents[3]


def packed(made: BaggedLibrary, target: Path, **more: object) -> BagReport:
    return write_bag(made.library, target, **more)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def places(bag: Path) -> dict[str, str]:
    with (bag / "data/ledger/objects.csv").open(newline="") as file:
        return {row["sha256"]: row["path"] for row in csv.DictReader(file)}


def test_a_package_is_a_valid_bag_of_version_1_0(bagged) -> None:
    report = bagged.report
    bag = bagit.Bag(str(bagged.bag))
    bag.validate()
    assert bag.version_info == (1, 0)
    assert sorted(bag.algorithms) == ["sha256", "sha512"]
    assert bag.info["Source-Organization"] == "Family Archive"
    assert "Contact-Name" not in bag.info
    assert bag.info["External-Identifier"] == f"urn:uuid:{bagged.made.library.id}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", bag.info["Bagging-Date"])
    assert bag.info["Payload-Oxum"] == f"{report.bytes}.{report.files}"
    assert sum(path.stat().st_size for path in (bagged.bag / "data").rglob("*.*")) == report.bytes
    assert (report.scans, report.prints, report.objects) == (4, 3, len(made_objects(bagged.made)))
    assert [path.name for path in bagged.bag.parent.iterdir() if path.name.startswith(".")] == []


def made_objects(made: BaggedLibrary) -> dict[str, StoredObject]:
    return {item.sha256: item for item in made.stored.values()}


def test_every_object_is_there_exactly_once_under_the_path_the_table_tells(bagged) -> None:
    told = places(bagged.bag)
    assert sorted(told) == sorted(made_objects(bagged.made))
    payload = contents(bagged.bag)
    for digest, path in told.items():
        assert hashlib.sha256(payload[path]).hexdigest() == digest
    copies = [hashlib.sha256(data).hexdigest() for data in payload.values()]
    assert all(copies.count(digest) == 1 for digest in told)
    place = {name: told[item.sha256] for name, item in bagged.made.stored.items()}
    assert place["scan-1"].startswith("data/scans/0001_")
    assert place["scan-3"] == "data/backs/0001_page_back.png"
    assert place["captions"] == "data/captions/box.csv"
    assert place["cut-1"] == "data/prints/0001-1/steps/02-split.tif"
    assert place["damage"] == "data/prints/0001-1/masks/03-repair-damage.png"
    assert place["master"] == "data/prints/0001-1/steps/06-artifacts.tif"


def test_an_object_that_no_step_made_is_kept_as_well(made: BaggedLibrary, tmp_path: Path) -> None:
    lonely = made.put("lonely", lambda file: file.write(b"nobody's"), ".bin")
    packed(made, tmp_path / "bag")
    assert places(tmp_path / "bag")[lonely.sha256] == f"data/objects/{lonely.sha256}.bin"


def test_names_are_plain_and_differ_also_where_case_does_not_count(bagged) -> None:
    names = [path.relative_to(bagged.bag).as_posix() for path in bagged.bag.rglob("*")]
    assert all(re.fullmatch(r"[A-Za-z0-9_./-]+", name) for name in names)
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) < 160
    parts = {part.split(".")[0].lower() for name in names for part in name.split("/")}
    assert parts.isdisjoint({"con", "prn", "aux", "nul", "com1", "lpt1", "", ".."})
    assert "data/exports/Fur_Oma/_nul.tif" in names


def test_exported_files_go_along_unless_they_are_no_longer_what_was_written(bagged) -> None:
    report = bagged.report
    payload = contents(bagged.bag)
    assert payload["data/exports/masters/page.tif"] == b"a master"
    assert report.exports == 2
    assert report.left_out == ("exports/masters/changed.tif", "exports/masters/gone.tif")
    assert report.elsewhere == 1
    with (bagged.bag / "data/ledger/exports.csv").open(newline="") as file:
        rows = {row["library_path"]: row["path"] for row in csv.DictReader(file)}
    assert rows["exports/Für Oma/nul.tif"] == "data/exports/Fur_Oma/_nul.tif"


def test_an_exported_file_reached_through_a_link_stays_out(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    target = made.library.root / "exports/masters/page.tif"
    target.rename(tmp_path / "page.tif")
    target.symlink_to(tmp_path / "page.tif")
    assert "exports/masters/page.tif" in packed(made, tmp_path / "bag").left_out


def test_the_same_library_gives_the_same_payload(made: BaggedLibrary, tmp_path: Path) -> None:
    packed(made, tmp_path / "one")
    packed(made, tmp_path / "two")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one == two
    code = (
        "import sys; from pathlib import Path; from pipeline.export.bag import write_bag\n"
        "from pipeline.store.library import open_library\n"
        "with open_library(Path(sys.argv[1]), write=False) as library:\n"
        "    write_bag(library, Path(sys.argv[2]))\n"
    )
    library, target = str(made.library.root), str(tmp_path / "three")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "77"}
    subprocess.run([sys.executable, "-c", code, library, target], env=environment, check=True)
    assert contents(tmp_path / "three") == one


def test_the_ledger_of_a_package_tells_every_row(bagged) -> None:
    ledger = bagged.bag / "data/ledger"
    assert json.loads((ledger / "schema.json").read_text())["library_id"] == bagged.made.library.id
    scans = [json.loads(line) for line in (ledger / "scan.jsonl").read_text().splitlines()]
    assert [row["id"] for row in scans] == [1, 2, 3, 4]
    steps = (ledger / "step.jsonl").read_text().splitlines()
    assert len(steps) == 10
    objects = [json.loads(line) for line in (ledger / "object.jsonl").read_text().splitlines()]
    assert {row["sha256"] for row in objects} == set(places(bagged.bag))


def test_one_print_brings_its_whole_scan_and_nothing_else(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    report = packed(made, tmp_path / "bag", selection=Selection.of([made.prints[1].id]))
    assert (report.scans, report.prints) == (2, 2)
    names = {path.name for path in (tmp_path / "bag/data/prints").iterdir()}
    assert names == {"0001-1", "0001-2"}
    bagit.Bag(str(tmp_path / "bag")).validate()
    with pytest.raises(UnknownPrint):
        packed(made, tmp_path / "none", selection=Selection.of([99]))
    assert not (tmp_path / "none").exists()


class _Links(HTMLParser):
    """Every address a page names, and the tags it uses."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)


def test_pages_refer_to_files_of_the_package_only_and_run_nothing(bagged) -> None:
    data = bagged.bag / "data"
    pages = sorted(data.rglob("*.html"))
    assert len(pages) == 4
    for page in pages:
        links = _Links()
        text = page.read_text(encoding="utf-8")
        links.feed(text)
        assert links.addresses
        for address in links.addresses:
            file = (page.parent / address).resolve()
            assert file.is_relative_to(data)
            assert file.is_file(), address
        assert links.tags.isdisjoint({"script", "link", "iframe", "object", "embed", "form"})
        assert "url(" not in text
        assert "@import" not in text


def test_a_package_shares_no_bytes_with_the_library(bagged) -> None:
    for digest, path in places(bagged.bag).items():
        assert not (bagged.bag / path).samefile(bagged.made.library.objects.path(digest))


def test_progress_tells_every_byte_copied_and_checked(made: BaggedLibrary, tmp_path: Path) -> None:
    told: dict[str, list[float]] = {}

    class Listener:
        label = ""

        def begin(self, label: str, total: float, unit: str) -> None:
            self.label = label
            told[label] = [total, 0.0]

        def advance(self, units: float = 1.0) -> None:
            told[self.label][1] += units

    packed(made, tmp_path / "bag", progress=Listener())
    assert told["copy objects"] == [sum(o.bytes for o in made_objects(made).values())] * 2
    size = sum(
        len(data) for name, data in contents(tmp_path / "bag").items() if "tagman" not in name
    )
    assert told["check package"] == [size, size]
    assert told["describe prints"] == [3, 3]


def test_a_library_brought_back_from_a_package_gives_the_same_package(
    made: BaggedLibrary, tmp_path: Path
) -> None:
    packed(made, tmp_path / "bag")
    import_bag(tmp_path / "bag", tmp_path / "again")
    with open_library(tmp_path / "again", write=False) as library:
        write_bag(library, tmp_path / "second")
    # The file that lay outside the library is nobody's to bring back.
    assert contents(tmp_path / "second") == contents(tmp_path / "bag")


def test_an_empty_library_gives_an_empty_but_valid_package(tmp_path: Path) -> None:
    with open_library(tmp_path / "library", write=True, create=True) as library:
        report = write_bag(library, tmp_path / "bag")
    assert (report.prints, report.objects) == (0, 0)
    bagit.Bag(str(tmp_path / "bag")).validate()


def test_a_library_that_may_only_be_read_is_enough(made: BaggedLibrary, tmp_path: Path) -> None:
    with open_library(made.library.root, write=False) as library:
        assert isinstance(library, Library)
        assert write_bag(library, tmp_path / "bag").prints == 3
