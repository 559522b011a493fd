"""`shoebox verify`: is everything still there, and still what it was?"""

from __future__ import annotations

from typing import Any

from flows.cli import parameters as p
from flows.cli.console import complain, say, say_json, showing_progress
from flows.listening import listener
from pipeline.core.errors import ExitCode
from pipeline.store.library import open_library
from pipeline.store.verify import BadObject, VerifyReport
from pipeline.store.verify import verify as verify_library


def verify(library: p.Library = None, json: p.Json = False) -> int:
    """Hash every object again and check every row; changes nothing.

    Example: shoebox verify --library ~/attic-library
    """
    root = p.library_path(library)
    with open_library(root, write=False) as opened, showing_progress(quiet=json):
        found = verify_library(opened, listener())
    if json:
        say_json(_document(found))
    else:
        _show(found)
    return int(ExitCode.DONE if found.sound else ExitCode.LIBRARY_DAMAGED)


def _show(found: VerifyReport) -> None:
    say(f"{found.objects} objects hashed, {found.bytes / 1e6:.1f} MB.")
    _complain_of(found.originals, "ORIGINAL", "put the scan back into its box and digitize again")
    _complain_of(found.damaged, "DAMAGED", "the next `shoebox digitize` computes it again")
    _complain_of(found.missing, "MISSING", "the next `shoebox digitize` computes it again")
    for fault in found.rows_bad:
        complain(f"DATABASE {fault}: restore ledger.sqlite from a backup")
    for change in found.exports_changed:
        say(f"Export of {change.print_name} {change.reason}: {change.path}")
    if found.orphans:
        say(f"{len(found.orphans)} files belong to no step (harmless; adopted when needed).")
    if found.sound:
        say("Everything is whole.")


def _complain_of(bad: tuple[BadObject, ...], word: str, remedy: str) -> None:
    for item in bad:
        names = "; ".join((*item.originals, *item.used_by))
        complain(f"{word} {item.sha256}: {item.reason} ({names}); {remedy}")


def _document(found: VerifyReport) -> dict[str, Any]:
    return {
        "sound": found.sound,
        "objects": found.objects,
        "bytes": found.bytes,
        "originals": [vars(item) for item in found.originals],
        "damaged": [vars(item) for item in found.damaged],
        "missing": [vars(item) for item in found.missing],
        "orphans": [str(path) for path in found.orphans],
        "rows_bad": list(found.rows_bad),
        "exports_changed": [
            {"print": change.print_name, "path": str(change.path), "reason": change.reason}
            for change in found.exports_changed
        ],
    }
