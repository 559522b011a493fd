"""`shoebox export`: finished prints as files for the print shop, the screen or the archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json, showing_progress
from flows.cli.runs import run_flow
from pipeline.core.errors import ExitCode, UsageError


def export(
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder for the files; with --bag the package.")
    ] = None,
    library: p.Library = None,
    print_name: p.PrintNames = None,
    size: p.Sizes = None,
    dpi: p.Dpi = 300.0,
    format: p.Format = "tiff",
    fit: p.Fitting = None,
    bleed: Annotated[
        str, typer.Option("--bleed", help="Printed beyond every edge and trimmed off, as 3mm.")
    ] = "0",
    border: Annotated[
        str, typer.Option("--border", help="White inside every edge, such as 5mm.")
    ] = "0",
    force: Annotated[
        bool, typer.Option("--force", help="Enlarge further than is worth the paper.")
    ] = False,
    sheet: Annotated[
        str | None,
        typer.Option("--sheet", help="Put many small prints on pages of this size, as A4."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only tell what each print would be; write nothing.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="srgb, adobe-rgb, display-p3 or a shop's RGB .icc file."),
    ] = None,
    intent: Annotated[
        Literal["perceptual", "relative", "saturation", "absolute"],
        typer.Option("--intent", help="Rendering intent of the conversion."),
    ] = "relative",
    black_point: Annotated[
        bool,
        typer.Option("--black-point/--no-black-point", help="Map black to black."),
    ] = True,
    proof: Annotated[
        str | None,
        typer.Option("--proof", help="Tell what is lost with this profile; CMYK files too."),
    ] = None,
    quality: Annotated[
        int,
        typer.Option("--quality", min=1, max=100, help="Of JPEG, WebP, JPEG XL, PDF; 1 to 100."),
    ] = 95,
    bit_depth: Annotated[
        int, typer.Option("--bit-depth", help="8 or 16; what the format takes when left out.")
    ] = 0,
    compression: Annotated[
        Literal["deflate", "lzw"], typer.Option("--compression", help="Of TIFF.")
    ] = "deflate",
    lossless: Annotated[
        bool, typer.Option("--lossless", help="WebP, JPEG XL and PDF without loss.")
    ] = False,
    contact_sheet: Annotated[
        str | None,
        typer.Option(
            "--contact-sheet", metavar="PAGE", help="One PDF of all prints with captions, on A4."
        ),
    ] = None,
    bag: Annotated[
        bool, typer.Option("--bag", help="Write an archive package (BagIt) with everything.")
    ] = False,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Who keeps the package, for its bag-info.")
    ] = "",
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", help="Sign with Content Credentials: PEM chain."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="The certificate's private key, PEM.")
    ] = None,
    overwrite: p.Overwrite = False,
    device: p.Device = "auto",
    json: p.Json = False,
) -> int:
    """Write masters, print sizes, sheets of small prints, a contact sheet or an archive package.

    Example: shoebox export --library ~/attic-library --to ~/prints --size 10x15cm --format jpeg
    """
    root = p.library_path(library)
    from flows.preflight import check_library

    check_library(str(root))
    names, sizes = list(print_name or ()), list(size or ())
    wishes: dict[str, Any] = {
        "dpi": dpi,
        "kind": format,
        "fit": fit,
        "bleed": bleed,
        "border": border,
        "force": force,
    }
    if plan:
        return _told_plans(root, names, sizes, wishes, as_json=json)
    if to is None:
        raise UsageError("no folder given", remedy="Add --to DIR, or --plan to look first.")
    wishes |= {
        "bit_depth": bit_depth,
        "quality": quality,
        "compression": compression,
        "lossless": lossless,
        "profile": profile,
        "intent": intent,
        "black_point": black_point,
        "proof": proof,
        "sheet": sheet,
        "certificate": str(certificate) if certificate else None,
        "key": str(key) if key else None,
        "overwrite": overwrite,
    }
    _refuse_unheeded(wishes, sizes, bag=bag, contact_sheet=contact_sheet, organisation=organisation)
    if contact_sheet is not None:
        return _contact_sheet(root, to, names, contact_sheet, overwrite, as_json=json)

    def start() -> dict[str, Any]:
        if bag:
            from flows.export_bag import export_bag

            done: dict[str, Any] = export_bag(
                str(root), str(to), names, sizes, organisation, device, wishes
            )
            return done
        from flows.export import export as flow

        made: dict[str, Any] = flow(
            library=str(root),
            to=str(to),
            prints=names or None,
            size=sizes or None,
            device=device,
            **wishes,
        )
        return made

    _check(root, to, sizes, wishes, bag=bag)
    return run_flow(start, as_json=json)


def _refuse_unheeded(
    wishes: dict[str, Any],
    sizes: list[str],
    *,
    bag: bool,
    contact_sheet: str | None,
    organisation: str,
) -> None:
    """Refuse options that would have no effect, rather than pass over them.

    Raises:
        UsageError: one of them is given.
    """
    from flows.export_request import ExportWishes

    asked = ExportWishes(**wishes)
    plain = asked == ExportWishes(dpi=asked.dpi, overwrite=asked.overwrite)
    if contact_sheet is not None and (bag or sizes or not plain):
        raise UsageError(
            "a contact sheet has no sizes, forms or package",
            remedy="Give --contact-sheet alone, with --print and --overwrite if wanted.",
        )
    if bag and not sizes and not plain:
        raise UsageError(
            "masters go into a package as they are: those options are for print sizes",
            remedy="Add --size, or leave them out.",
        )
    if organisation and not bag:
        raise UsageError("--organisation is for packages", remedy="Add --bag, or leave it out.")


def _check(root: Path, to: Path, sizes: list[str], wishes: dict[str, Any], *, bag: bool) -> None:
    """Refuse what is wrong with a request before a server is started for it."""
    # Nothing that imports Prefect: it would log and trace before the server's settings are made.
    from flows.export_request import ExportWishes, check_bag, export_request

    folder = root.absolute() / "exports" / "print" if bag else to.absolute()
    export_request(root.absolute(), folder, ExportWishes(sizes=tuple(sizes), **wishes))
    if bag:
        check_bag(root.absolute(), to.absolute())


def _told_plans(
    root: Path, names: list[str], sizes: list[str], wishes: dict[str, Any], *, as_json: bool
) -> int:
    """Tell what each print would be on each paper."""
    from flows.finished_prints import finished_prints
    from flows.print_plans import planned_papers
    from flows.requests import papers_of
    from pipeline.store.library import open_library

    if not sizes:
        raise UsageError("nothing to plan", remedy="Add --size, such as --size 8x10in.")
    given = {name: wishes[name] for name in ("fit", "bleed", "border", "force")}
    papers = papers_of(sizes, wishes["dpi"], **given)
    with open_library(root, write=False) as opened:
        plans = planned_papers(opened, finished_prints(opened, names or None), papers)
    if as_json:
        say_json([planned.as_json() for planned in plans.values()])
    else:
        for planned in plans.values():
            say(f"{planned.item.work.label}: {planned.plan.sentence}")
    refused = any(planned.refusal() for planned in plans.values())
    return int(ExitCode.SOME_FAILED if refused else ExitCode.DONE)


def _contact_sheet(
    root: Path, to: Path, names: list[str], page: str, overwrite: bool, *, as_json: bool
) -> int:
    from flows.caption_sheet import write_caption_sheet

    with showing_progress(quiet=as_json):
        told = write_caption_sheet(root, to, names or None, page, overwrite=overwrite)
    if as_json:
        say_json(told)
    else:
        say(f"{told['pictures']} prints on {told['pages']} pages: {told['path']}")
        if told["letters_lacking"]:
            letters = " ".join(told["letters_lacking"])
            say(f"Note: the sheet's typeface lacks {letters}; the exported files have them.")
    return int(ExitCode.DONE)
