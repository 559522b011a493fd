"""Writing an archive package: everything about some photographs, readable without Shoebox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from pipeline.core.caption import Caption
from pipeline.core.progress import Progress, Silent
from pipeline.export.bag_folder import BagFolder
from pipeline.export.bag_index import INDEX, index_page
from pipeline.export.bag_inventory import csv_bytes, inventory_csv
from pipeline.export.bag_layout import (
    ExportInBag,
    Layout,
    PrintInBag,
    lay_out_exports,
    lay_out_objects,
)
from pipeline.export.bag_objects import copy_exports, copy_objects
from pipeline.export.bag_pages import write_print
from pipeline.export.bag_paths import BagPaths
from pipeline.export.bag_readme import readme
from pipeline.export.bag_story import Story, completed, prints_in_bag, stories
from pipeline.export.bag_tags import check_bag, checked_info, write_tags
from pipeline.export.bag_workplace import check_space, check_target, give_name, workplace
from pipeline.export.export_story import software_name
from pipeline.export.recipe_text import recipe_toml
from pipeline.export.weights_list import weights_json, weights_used
from pipeline.models.catalog import Catalog, load_catalog
from pipeline.store import queries
from pipeline.store.backs import back_ids, backs_of, front_of
from pipeline.store.captions import caption_files, captions_in_force
from pipeline.store.ledger_dump import dump_card, dump_tables, objects_in
from pipeline.store.library import Library
from pipeline.store.objects import StoredObject
from pipeline.store.rows import RunRow, ScanRow
from pipeline.store.selection import EVERYTHING, Selection, print_ids, scan_ids

LEDGER = "data/ledger"
_PAGE_BYTES = 700_000
"""What the pages and small pictures of one print take, generously."""


@dataclass(frozen=True)
class BagReport:
    """What was written.

    Args:
        path: the package.
        library: the library's id.
        scans, prints, objects, exports: how many of each it holds.
        files: files of the payload.
        bytes: of the payload.
        left_out: exported files of the library that are gone or were changed since.
        elsewhere: how many exported files lie outside the library and did not go along.
    """

    path: Path
    library: str
    scans: int
    prints: int
    objects: int
    exports: int
    files: int
    bytes: int
    left_out: tuple[str, ...] = ()
    elsewhere: int = 0


@dataclass(frozen=True)
class _Contents:
    """All that one look into the ledger gave."""

    stored: tuple[StoredObject, ...]
    scans: tuple[ScanRow, ...]
    prints: tuple[PrintInBag, ...]
    stories: tuple[Story, ...]
    runs: tuple[RunRow, ...]
    layout: Layout
    fronts: Mapping[int, int]


def write_bag(
    library: Library,
    target: Path,
    *,
    selection: Selection = EVERYTHING,
    bag_info: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    catalog: Catalog | None = None,
) -> BagReport:
    """Write a package of these photographs, whole or not at all.

    It is built in a hidden folder beside its target, every object's digest compared while it is
    copied, validated with the package `bagit`, fsynced, and only then renamed.

    Args:
        library: an open library; reading is enough. Nothing in it is changed.
        target: the package's folder, which must not be there.
        selection: which prints, with their whole scans; all by default.
        bag_info: what else bag-info.txt says, by label: "Source-Organization", "Contact-Name" …
        progress: is told of the bytes copied, the prints described and the bytes checked.
        catalog: what is known of networks; by default what comes with Shoebox and with the library.

    Raises:
        TargetExists, TargetRefused: the target cannot be used.
        UsageError: a label of `bag_info` that BagIt does not allow.
        UnknownPrint: the ledger has no such print.
        OriginalDamaged, ObjectDamaged, ObjectMissing: the library is not whole; the detail names
            what is damaged and where it is used.
        DiskFull, WriteFailed, LibraryReadOnly: it cannot be written; nothing stands at the target.
        LibraryBusy: another process is writing this very package.
    """
    progress = progress or Silent()
    info = checked_info(bag_info or {})
    target = check_target(library, target)
    catalog = catalog or load_catalog(folders=[library.models])
    with workplace(target) as built:
        folder = BagFolder(built, progress)
        with library.ledger.read() as session:
            contents = _look_up(library, session, selection)
            _check_space(built, contents)
            _write_ledger(folder, library, session, selection)
        copy_objects(folder, library, contents.stored, contents.layout.objects, progress)
        exports, changed = copy_exports(folder, contents.layout.exports, progress)
        _write_pages(folder, library, contents, exports, info, catalog, progress)
        write_tags(
            folder,
            _info(library, contents, info),
            date=datetime.now(UTC).date().isoformat(),
            agent=software_name(),
        )
        folder.sync()
        check_bag(built, progress)
        give_name(built, target)
    payload = [found for path, found in folder.files.items() if path.startswith("data/")]
    return BagReport(
        path=target,
        library=library.id,
        scans=len(contents.scans),
        prints=len(contents.prints),
        objects=len(contents.stored),
        exports=len(exports),
        files=len(payload),
        bytes=sum(found.bytes for found in payload),
        left_out=tuple(sorted([*contents.layout.left_out, *changed])),
        elsewhere=len(contents.layout.elsewhere),
    )


def _look_up(library: Library, session: Session, selection: Selection) -> _Contents:
    scans = tuple(queries.scan_by_id(session, number) for number in scan_ids(session, selection))
    rows = [queries.print_by_id(session, number) for number in print_ids(session, selection)]
    rows.sort(key=lambda row: (row.scan_id, row.ordinal, row.id))
    fronts = _fronts(session, scans)
    backs = {number: backs_of(session, number) for number in sorted(set(fronts.values()))}
    prints = prints_in_bag(session, rows, scans, backs)
    stored = tuple(objects_in(session, selection))
    wanted = {row.id for row in rows}
    exported = [row for row in queries.exports_of(session) if row.print_id in wanted]
    paths = BagPaths()
    there, left_out, elsewhere = lay_out_exports(library, exported, paths)
    captions = caption_files(session)
    objects = lay_out_objects(stored, scans, prints, fronts, captions, paths)
    told: Mapping[int, Caption] = captions_in_force(session)
    run_ids = {step.run_id for item in prints for step in item.steps}
    return _Contents(
        stored,
        scans,
        tuple(prints),
        tuple(stories(session, prints, told)),
        tuple(queries.run_by_id(session, number) for number in sorted(run_ids)),
        Layout(objects, there, left_out, elsewhere),
        fronts,
    )


def _fronts(session: Session, scans: tuple[ScanRow, ...]) -> dict[int, int]:
    backs = back_ids(session)
    found = {scan.id: front_of(session, scan.id) for scan in scans if scan.id in backs}
    return {back: front.id for back, front in found.items() if front is not None}


def _check_space(built: Path, contents: _Contents) -> None:
    objects = sum(item.bytes for item in contents.stored)
    exports = sum(item.row.bytes for item in contents.layout.exports)
    pages = _PAGE_BYTES * (len(contents.prints) + 1)
    check_space(built, objects + exports + pages)


def _write_ledger(
    folder: BagFolder, library: Library, session: Session, selection: Selection
) -> None:
    folder.write_text(f"{LEDGER}/schema.json", _json(dump_card(library.id)))
    for name, lines in dump_tables(session, selection).items():
        folder.write_lines(f"{LEDGER}/{name}.jsonl", lines)


def _write_pages(
    folder: BagFolder,
    library: Library,
    contents: _Contents,
    exports: list[ExportInBag],
    info: Mapping[str, str],
    catalog: Catalog,
    progress: Progress,
) -> None:
    objects, elsewhere = contents.layout.objects, contents.layout.elsewhere
    steps = ((item.row.name, item.steps) for item in contents.prints)
    weights = weights_used(steps, catalog.cards)
    told, looks = [], {}
    progress.begin("describe prints", len(contents.stories), "print")
    for ledger_story in contents.stories:
        story = completed(library, ledger_story, exports, elsewhere)
        told.append(story)
        looks[story.name] = write_print(folder, story, library.id, objects, weights)
        progress.advance()
    with_prints = {item.scan.id for item in contents.prints} | set(contents.fronts)
    lone = [scan for scan in contents.scans if scan.id not in with_prints]
    description = _info(library, contents, info)["External-Description"]
    folder.write_text(INDEX, index_page(description, told, looks, lone, objects))
    folder.write("data/inventory.csv", inventory_csv(told, looks, objects))
    folder.write_text("data/README.txt", readme(description))
    folder.write_text("data/models.json", weights_json(weights.values()))
    for run in contents.runs:
        if run.recipe:
            folder.write_text(f"data/recipes/run-{run.id:04d}.toml", recipe_toml(run.recipe))
    placed = sorted(objects.items())
    folder.write(f"{LEDGER}/objects.csv", csv_bytes(("sha256", "path"), placed, guarded=False))
    lines = ((item.row.path, item.path, item.row.sha256) for item in exports)
    head = ("library_path", "path", "sha256")
    folder.write(f"{LEDGER}/exports.csv", csv_bytes(head, lines, guarded=False))


def _info(library: Library, contents: _Contents, info: Mapping[str, str]) -> dict[str, str]:
    prints = sum(story.current for story in contents.stories)
    backs = len(contents.fronts)
    scans = _counted(len(contents.scans) - backs, "scan")
    if backs:
        scans += f", with {_counted(backs, 'scan')} of their backs"
    description = (
        f"{_counted(prints, 'photograph')} on {scans}: what the scanner wrote, every step of the "
        "restoration, and the record of how each picture came to be."
    )
    identifier = f"urn:uuid:{library.id}"
    return {"External-Description": description, "External-Identifier": identifier, **info}


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _json(document: Mapping[str, str]) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
