"""The commands put together, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback

import typer
from typer.exceptions import Abort, TyperException

from flows.cli import (
    captions,
    choose,
    compare,
    demo,
    digitize,
    doctor,
    export,
    history,
    import_bag,
    models,
    rerun,
    restore,
    status,
)
from flows.cli import verify as verify_command
from flows.cli.console import complain, verbose
from flows.interrupts import heeding_interrupts
from pipeline.core.errors import DiskFull, ExitCode, OutOfMemory, ShoeboxError, UsageError

app = typer.Typer(
    name="shoebox",
    help="Restore a box of scanned family prints, and remember how every pixel came to be.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("digitize")(digitize.digitize)
app.command("captions")(captions.captions)
app.command("restore")(restore.restore)
app.command("status")(status.status)
app.command("rerun")(rerun.rerun)
app.command("export")(export.export)
app.command("history")(history.history)
app.command("compare")(compare.compare)
app.command("choose")(choose.choose)
app.command("verify")(verify_command.verify)
app.command("import-bag")(import_bag.import_bag)
app.add_typer(models.app, name="models")
app.command("doctor")(doctor.doctor)


@app.callback()
def _root(
    verbose_errors: bool = typer.Option(
        False, "--verbose", help="Show full tracebacks with errors."
    ),
) -> None:
    verbose.set(verbose_errors)
    # It reports every odd tag of a scan; what matters of them is in our own events.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)


def run(arguments: list[str] | None = None) -> None:
    """Run one command and leave the process with its exit code."""
    with heeding_interrupts():
        code = int(exit_code_of(arguments))
    sys.exit(code)


def exit_code_of(arguments: list[str] | None) -> int:
    """Run one command; every error becomes a line on standard error and a code."""
    try:
        result = app(args=arguments, standalone_mode=False)
        if result == ExitCode.INTERRUPTED:  # what Typer makes of Ctrl-C
            return _interrupted()
        return int(result) if isinstance(result, int) else int(ExitCode.DONE)
    except (KeyboardInterrupt, Abort):
        return _interrupted()
    except TyperException as error:
        complain(UsageError(error.format_message()).line())
        return int(ExitCode.USAGE)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except (ShoeboxError, MemoryError, OSError) as error:
        return _complained(error)


def _interrupted() -> int:
    complain("Interrupted. The same command goes on where it stopped.")
    return int(ExitCode.INTERRUPTED)


def _complained(error: ShoeboxError | MemoryError | OSError) -> int:
    """Say what failed and give its code.

    Raises:
        OSError: one that has nothing to do with space, which would be a bug.
    """
    if isinstance(error, MemoryError):
        error = OutOfMemory(str(error))
    elif isinstance(error, OSError):
        if error.errno != errno.ENOSPC:
            raise error
        error = DiskFull(str(error))
    complain(error.line())
    if verbose.get():
        traceback.print_exc()
    return int(error.exit_code)
