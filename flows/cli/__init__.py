"""The command `shoebox`: one file for each group of commands, one boundary for errors."""

from __future__ import annotations


def main() -> None:
    """Run the command line; leaves with the exit code of what happened."""
    from flows.cli.app import run

    run()
