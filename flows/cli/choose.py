"""`shoebox choose`: a person's decision about one face."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json
from pipeline.core.errors import UsageError


def choose(
    print_name: Annotated[str, typer.Argument(metavar="PRINT", help="Such as 0003-1.")],
    face: Annotated[
        int | None, typer.Option("--face", help="Its number, as `shoebox history PRINT` tells.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Restore it with this network.")
    ] = None,
    strength: Annotated[
        float | None, typer.Option("--strength", help="Restore it this strongly, 0 to 1.")
    ] = None,
    leave: Annotated[bool, typer.Option("--leave", help="Leave it as it is.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Take back what was decided; the recipe decides.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="Show the decisions in force.")] = False,
    library: p.Library = None,
    json: p.Json = False,
) -> None:
    """Decide about one face; the next run follows, whatever recipe it uses, until you say else.

    Example: shoebox choose 0003-1 --face 2 --leave --library ~/attic-library
    """
    root = p.library_path(library)
    from flows import choose as flow

    if show:
        if face is not None or model or strength is not None or leave or forget:
            raise UsageError("--list shows decisions and makes none")
        _show(print_name, flow.decisions(root, print_name), as_json=json)
        return
    if face is None:
        raise UsageError(
            "which face is meant?",
            remedy=f"Add --face N; `shoebox history {print_name}` lists them.",
        )
    typed = _typed(print_name, face, model, strength, leave, forget)
    decided = flow.choose(
        root,
        print_name,
        face,
        model=model,
        strength=strength,
        leave=leave,
        forget=forget,
        command=typed,
    )
    if json:
        say_json({"print": print_name, "face": face, "decided": decided})
        return
    say(f"Print {print_name}, face {face}: {decided}.")
    say(f"The next run follows it, such as `shoebox rerun --print {print_name}`.")


def _typed(
    print_name: str,
    face: int,
    model: str | None,
    strength: float | None,
    leave: bool,
    forget: bool,
) -> str:
    """The command as it stands in the ledger."""
    words = ["choose", print_name, "--face", str(face)]
    words += ["--model", model] if model else []
    words += ["--strength", f"{strength:g}"] if strength is not None else []
    words += ["--leave"] if leave else []
    words += ["--forget"] if forget else []
    return " ".join(words)


def _show(print_name: str, found: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    if not found:
        say(f"Nothing was decided about faces of print {print_name}; the recipe decides.")
    for entry in found:
        number = entry["face"]
        name = f"Face {number}" if number else "A face that is not found any more"
        done = "followed" if entry["followed"] else "waits for the next run"
        say(f"{name}: {entry['decided']} ({done}).")
