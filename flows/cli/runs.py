"""Running a flow from the command line: a Prefect API, progress, the summary in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.cli.console import complain, duration, say, say_json, showing_progress
from flows.local_server import prefect_api

_MOST_OUTPUTS = 12
_MOST_FINDINGS = 12


def run_flow(start: Callable[[], dict[str, Any]], *, as_json: bool) -> int:
    """Run a flow and report its summary.

    Args:
        start: imports the flow and calls it; `prefect` must not be imported before.
        as_json: print the summary as JSON and no progress.

    Returns:
        The exit code: 0, or 1 when some scans or prints failed.
    """
    with prefect_api(), showing_progress(quiet=as_json):
        summary = start()
    report(summary, as_json=as_json)
    return int(summary["exit_code"])


def report(summary: dict[str, Any], *, as_json: bool) -> None:
    """Tell what a run did: counts, notes, failures with their remedies, where the files are."""
    if as_json:
        say_json(summary)
        return
    files, prints, steps = summary["files"], summary["prints"], summary["steps"]
    if files["found"]:
        say(
            f"Scans: {files['found']} found, {files['new']} new, "
            f"{files['recognised']} known, {files['refused']} refused."
        )
    say(
        f"Prints: {prints['total']}, {prints['restored']} restored now, "
        f"{prints['already_done']} done before, {prints['failed']} failed."
    )
    say(
        f"Steps: {steps['ran']} ran, {steps['reused']} reused, {steps['failed']} failed; "
        f"{steps['skipped']} decided to change nothing."
    )
    _tell_findings(summary["findings"])
    for entry in summary["passed_over"]:
        say(f"Passed over {entry['name']}: {entry['reason']}.")
    for entry in summary["notes"]:
        say(f"Note: {entry['note']} ({_listed(entry['items'])}).")
    outputs = summary["outputs"]
    for path in outputs[:_MOST_OUTPUTS]:
        say(f"  {path}")
    if len(outputs) > _MOST_OUTPUTS:
        say(f"  ... and {len(outputs) - _MOST_OUTPUTS} more files beside them")
    if bag := summary.get("bag"):
        _tell_bag(bag)
    say(f"Took {duration(summary['seconds'])} on {summary['device']}.")
    for problem in summary["problems"]:
        complain(f"FAILED {problem['item']} ({problem['stage']}): {problem['error']}")


def _tell_findings(findings: list[dict[str, str]]) -> None:
    """What was found on each print; of many, on the first few."""
    for entry in findings[:_MOST_FINDINGS]:
        say(f"{entry['item']}: {entry['found']}.")
    more = len(findings) - _MOST_FINDINGS
    if more > 0:
        say(f"... and {more} more prints; `shoebox history PRINT` tells of each.")


def _tell_bag(bag: dict[str, Any]) -> None:
    """What an archive package holds, and what did not go along."""
    say(
        f"Package: {bag['prints']} prints on {bag['scans']} scans, {bag['objects']} objects, "
        f"{bag['exports']} exported files, {bag['bytes'] / 1e6:.1f} MB, validated."
    )
    for path in bag["left_out"]:
        say(f"Not in the package, because it is gone or was changed: {path}.")
    if bag["elsewhere"]:
        say(f"Not in the package: {bag['elsewhere']} files that were exported to other folders.")


def _listed(items: list[str]) -> str:
    if len(items) <= 3:
        return "; ".join(items)
    return f"{'; '.join(items[:2])} and {len(items) - 2} more"
