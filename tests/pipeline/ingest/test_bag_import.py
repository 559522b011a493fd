"""A package becomes the library it was made of, or nothing at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import (
    BagRefused,
    DiskFull,
    LibraryTooNew,
    NotALibrary,
    ShoeboxError,
    TargetExists,
)
from pipeline.export.bag import write_bag
from pipeline.ingest.bag_import import import_bag
from pipeline.store.library import open_library
from pipeline.store.new_library import UNFINISHED
from pipeline.store.queries import history, prints
from pipeline.store.selection import Selection
from pipeline.store.session import SCHEMA
from pipeline.store.tables import APPEND_ONLY
from pipeline.store.verify import verify
from tests.pipeline.ingest.changed_bag import change_rows, refused

ROOT = Path(__file__).parents[3]
EXPORTED_IN_BAG = "data/exports/masters/0001-1.tif"
Reseal = Callable[[Path], None]
Digests = Callable[[Path], dict[str, str]]


def rows(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(root / "ledger.sqlite") as connection:
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608
            for name in APPEND_ONLY
        }


def told(root: Path) -> tuple[Any, ...]:
    """What `verify` and `history` say, paths of the library itself left out."""
    with open_library(root, write=False) as library:
        report = verify(library)
        changed = [
            (c.print_name, str(c.path.relative_to(root)), c.reason) for c in report.exports_changed
        ]
        with library.ledger.read() as session:
            stories = {row.name: history(session, row) for row in prints(session)}
    return vars(report) | {"exports_changed": changed}, stories  # type: ignore[return-value]


def test_everything_comes_back(
    source: Path, packed: Path, tmp_path: Path, digests: Digests
) -> None:
    root = tmp_path / "new" / "library"
    report = import_bag(packed, root)
    assert rows(root) == rows(source)
    assert told(root) == told(source)
    assert digests(root) == digests(source), "objects, exports, shoebox.json, README.txt"
    assert (report.scans, report.prints, report.objects, report.exports) == (1, 2, 5, 2)
    assert report.exports_missing == ("exports/masters/0001-2.tif",)
    assert not (root / UNFINISHED).exists()


def test_the_library_that_came_back_works_on_under_its_old_id(
    source: Path, packed: Path, tmp_path: Path
) -> None:
    import_bag(packed, tmp_path / "library")
    with open_library(source, write=False) as before:
        library_id = before.id
    with open_library(tmp_path / "library", write=True) as library:
        assert library.id == library_id
        for path in library.objects.files():
            assert os.name == "nt" or not path.stat().st_mode & 0o222


def test_a_package_of_what_came_back_is_the_same_package(
    packed: Path, tmp_path: Path, digests: Digests
) -> None:
    import_bag(packed, tmp_path / "library")
    with open_library(tmp_path / "library", write=False) as library:
        write_bag(library, tmp_path / "again")
    assert digests(tmp_path / "again" / "data") == digests(packed / "data")


def test_a_package_of_one_print_comes_back_too(source: Path, tmp_path: Path) -> None:
    with open_library(source, write=False) as library:
        write_bag(library, tmp_path / "bag", selection=Selection.of([2]))
    import_bag(tmp_path / "bag", tmp_path / "library")
    with open_library(tmp_path / "library", write=False) as library:
        assert verify(library).sound
    assert told(tmp_path / "library")[1] == told(source)[1]


def test_an_empty_folder_will_do_and_stays_when_the_package_is_refused(
    bag: Path, tmp_path: Path, flip_bit: Callable[[Path], None]
) -> None:
    target = tmp_path / "library"
    target.mkdir()
    flip_bit(bag / "data" / "README.txt")
    with pytest.raises(BagRefused):
        import_bag(bag, target)
    assert list(target.iterdir()) == []
    flip_bit(bag / "data" / "README.txt")
    import_bag(bag, target)
    assert (target / "shoebox.json").is_file()


@pytest.mark.parametrize("there", ["shoebox.json", "holiday.jpg", "objects", UNFINISHED + "x"])
def test_a_folder_that_holds_anything_is_left_alone(
    packed: Path, tmp_path: Path, there: str
) -> None:
    target = tmp_path / "library"
    target.mkdir()
    (target / there).write_text("mine")
    with pytest.raises(TargetExists):
        import_bag(packed, target)
    assert [(path.name, path.read_text()) for path in target.iterdir()] == [(there, "mine")]


def test_a_target_inside_the_package_is_refused(bag: Path, digests: Digests) -> None:
    before = digests(bag)
    with pytest.raises(BagRefused, match="inside the package"):
        import_bag(bag, bag / "data" / "library")
    assert digests(bag) == before


def test_a_newer_schema_is_refused_as_too_new(bag: Path, tmp_path: Path, reseal: Reseal) -> None:
    card = bag / "data" / "ledger" / "schema.json"
    newer = f"{int(SCHEMA) + 1:04d}"
    card.write_text(json.dumps({**json.loads(card.read_text()), "schema": newer}))
    reseal(bag)
    with pytest.raises(LibraryTooNew, match=newer):
        import_bag(bag, tmp_path / "library")
    assert not (tmp_path / "library").exists()


def test_an_older_schema_without_later_tables_is_taken(
    bag: Path, source: Path, tmp_path: Path, reseal: Reseal
) -> None:
    card = bag / "data" / "ledger" / "schema.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "schema": "0001"}))
    for table in ("face_choice", "caption", "scan_back"):
        (bag / "data" / "ledger" / f"{table}.jsonl").unlink()
    reseal(bag)
    import_bag(bag, tmp_path / "library")
    assert told(tmp_path / "library") == told(source)


def test_too_little_room_is_told_before_anything_is_read(
    bag: Path, tmp_path: Path, flip_bit: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    flip_bit(bag / "data" / "README.txt")  # Would be found out if anything were read.
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(DiskFull, match="are free"):
        import_bag(bag, tmp_path / "library")


def test_a_failure_while_rows_are_written_leaves_nothing(
    bag: Path, tmp_path: Path, reseal: Reseal
) -> None:
    change_rows(bag, "event", lambda row: None)
    (bag / "data" / "ledger" / "event.jsonl").write_text(
        json.dumps(
            {
                "id": 1,
                "run_id": 77,
                "scan_id": None,
                "print_id": None,
                "kind": "k",
                "message": "",
                "data": {},
                "created_at": "",
            }
        )
        + "\n"
    )
    reseal(bag)
    assert "FOREIGN KEY" in refused(bag, tmp_path / "deep" / "library")


KILLED = """
import os, sys
from pathlib import Path
from pipeline.ingest import bag_import
from pipeline.store import library, new_library, objects
where = sys.argv[3]
die = lambda *a, **k: os.kill(os.getpid(), 9)
if where == "first object":
    objects.ObjectStore.put = die
elif where == "rows":
    bag_import.load_tables = die
elif where == "card":
    new_library.write_card = die
bag_import.import_bag(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("where", ["first object", "rows", "card"])
def test_a_killed_import_is_no_library_and_is_simply_begun_anew(
    source: Path, packed: Path, tmp_path: Path, digests: Digests, where: str
) -> None:
    root = tmp_path / "library"
    process = subprocess.run(
        [sys.executable, "-c", KILLED, packed, root, where],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL
    assert (root / UNFINISHED).is_file()
    for how in ({"write": False}, {"write": True}, {"write": True, "create": True}):
        with pytest.raises(ShoeboxError) as caught, open_library(root, **how):  # type: ignore[arg-type]
            pass
        assert isinstance(caught.value, NotALibrary)
    import_bag(packed, root)
    assert rows(root) == rows(source)
    assert digests(root) == digests(source)


def test_two_imports_into_one_folder_do_not_mix(packed: Path, tmp_path: Path) -> None:
    from pipeline.core.errors import LibraryBusy
    from pipeline.store.lock import hold

    root = tmp_path / "library"
    root.mkdir()
    with hold(root), pytest.raises(LibraryBusy):
        import_bag(packed, root)
    import_bag(packed, root)
