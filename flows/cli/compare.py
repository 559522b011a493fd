"""`shoebox compare`: several models or strengths on one print, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import parameters as p
from flows.cli.console import complain, duration, say, say_json, showing_progress
from flows.requests import kind_of
from pipeline.core.errors import ExitCode, TargetExists, UsageError

if TYPE_CHECKING:
    from flows.treatments import Result

_CROP = re.compile(r"(\d+)x(\d+)\+(\d+)\+(\d+)")


def compare(
    print_name: Annotated[
        str | None, typer.Argument(metavar="[PRINT]", help="Such as 0003-1.")
    ] = None,
    models: Annotated[
        str, typer.Option("--models", help="Names with commas between; `shoebox models list`.")
    ] = "",
    strengths: Annotated[
        str, typer.Option("--strengths", help="0 to 1, with commas between, such as 0.4,0.8.")
    ] = "",
    face: Annotated[
        int | None, typer.Option("--face", min=1, help="Only this face, by its number.")
    ] = None,
    crop: Annotated[
        str | None,
        typer.Option("--crop", metavar="WxH+X+Y", help="A piece of the print to show, px."),
    ] = None,
    photo: Annotated[
        Path | None, typer.Option("--photo", help="A picture file instead of a print.")
    ] = None,
    recipe: p.Recipe = "archive",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The sheet: PNG, TIFF or JPEG; else in the exports."),
    ] = None,
    library: p.Library = None,
    device: p.Device = "auto",
    overwrite: p.Overwrite = False,
    json: p.Json = False,
) -> int:
    """Write one sheet at 100 % with a print treated in several ways; the print stays as it is.

    Of a print of a library the recipe is its own; --recipe is for --photo.

    Example: shoebox compare 0003-1 --models GFPGANv1.4,RealESRGAN_x4plus --strengths 0.4,0.8
    """
    if (print_name is None) == (photo is None):
        raise UsageError("what is compared is either a PRINT or a --photo")
    if photo is not None and output is None:
        raise UsageError("nobody knows where the sheet goes", remedy="Add -o sheet.png.")
    from flows import compare as flow
    from flows.treatments import treatments

    wanted = treatments(_names(models), _numbers(strengths))
    window = _window(crop)
    _check_output(output, overwrite)
    with showing_progress(quiet=json):
        if photo is not None:
            root, label = p.library_if_any(library), photo.name
            sheet, results = flow.compare_file(
                photo, root, wanted, recipe=recipe, face=face, crop=window, device=device
            )
        else:
            own, label = p.library_path(library), str(print_name)
            sheet, results = flow.compare(own, label, wanted, face=face, crop=window, device=device)
    target = output or flow.usual_target(p.library_path(library), label)
    flow.write_sheet(sheet, target, label)
    if json:
        variants = [result.document() for result in results]
        say_json({"compared": label, "sheet": str(target), "variants": variants})
    else:
        _tell(results, target)
    return int(ExitCode.SOME_FAILED if any(r.error for r in results) else ExitCode.DONE)


def _tell(results: Sequence[Result], target: Path) -> None:
    for result in results:
        if result.error:
            complain(f"FAILED {result.treatment.name}: {result.error}")
        else:
            say(f"  {result.treatment.name}: {result.told} ({duration(result.seconds)})")
    say(f"Wrote {target}")


def _check_output(output: Path | None, overwrite: bool) -> None:
    """Refuse a file that cannot be written, before the long work."""
    if output is None:
        return
    kind_of(output)
    if not output.absolute().parent.is_dir():
        raise UsageError(f"{output.parent} is no folder", remedy="Make the folder first.")
    if output.exists() and not overwrite:
        raise TargetExists(str(output), remedy="Choose another file, or add --overwrite.")


def _names(given: str) -> list[str]:
    return [name for word in given.split(",") if (name := word.strip())]


def _numbers(given: str) -> list[float]:
    try:
        return [float(word) for word in _names(given)]
    except ValueError:
        raise UsageError(f"{given!r} are no numbers with commas between, such as 0.4,0.8") from None


def _window(given: str | None) -> tuple[slice, slice] | None:
    """Rows and columns of WxH+X+Y."""
    if given is None:
        return None
    found = _CROP.fullmatch(given.strip())
    width, height, left, top = map(int, found.groups()) if found else (0, 0, 0, 0)
    if not (width and height):
        raise UsageError(
            f"{given!r} is no piece of a print", remedy="Write --crop WxH+X+Y, px, as 600x400+0+80."
        )
    return slice(top, top + height), slice(left, left + width)
