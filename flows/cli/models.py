"""`shoebox models`: which networks there are, where their weights lie, fetching more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from flows.cli import parameters as p
from flows.cli.console import out, say, say_json, showing_progress
from flows.listening import listener
from flows.model_folders import model_folders
from pipeline.core.errors import WeightsError
from pipeline.models.catalog import ModelCard, load_catalog
from pipeline.models.fetch import fetch as fetch_weights
from pipeline.models.weights import find, verify

app = typer.Typer(
    help="List the networks Shoebox knows, fetch weights, add your own.", no_args_is_help=True
)


@app.command("list")
def list_models(library: p.Library = None, json: p.Json = False) -> None:
    """Show the catalogue: role, licence, and whether the weights are there and whole.

    Example: shoebox models list
    """
    folders = model_folders(p.library_if_any(library))
    rows = [model_row(card, folders) for card in load_catalog(folders=folders).cards]
    if json:
        say_json(rows)
        return
    table = Table("name", "roles", "licence", "weights", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["name"], ", ".join(row["roles"]), row["licence"], row["state"])
    out.print(table, markup=False)


@app.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="A name from `shoebox models list`.")],
    library: p.Library = None,
) -> None:
    """Download official weights, check their digest, keep them for every library.

    With --library they are kept in that library instead. A download that was cut goes on where
    it stopped.

    Example: shoebox models fetch GFPGANv1.4
    """
    card = load_catalog().card(name)
    folder = model_folders(p.library_if_any(library))[0]
    with showing_progress():
        path = fetch_weights(card, folder, listener())
    say(f"{card.name} ({card.licence}) is at {path}")


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A .pth, .safetensors or ncnn .bin file.")],
    role: Annotated[
        list[str], typer.Option("--role", help="artifacts, enlarge, faces or deblur; repeatable.")
    ],
    licence: Annotated[
        str, typer.Option("--licence", help="The weights' licence, best as SPDX identifier.")
    ],
    name: Annotated[str, typer.Option("--name", help="What recipes call it.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where it comes from.")] = "",
    non_commercial: Annotated[
        bool, typer.Option("--non-commercial", help="The licence forbids commercial use.")
    ] = False,
    library: p.Library = None,
) -> None:
    """Add a network of your own: any architecture that spandrel loads. Nothing in it is executed.

    The file is copied into your model folder (with --library into that library's) and known by
    its digest from then on. A recipe uses it by its name, as in: [deblur] models = ["my-deblur"].

    Example: shoebox models add my-deblur.pth --role deblur --licence MIT
    """
    from pipeline.models.personal import Terms, add_model

    folders = model_folders(p.library_if_any(library))
    terms = Terms(licence, not non_commercial, source or f"added by hand: {file.name}")
    card = add_model(file, role, terms, folders[0], load_catalog(folders=folders), name)
    say(f"{card.name} ({card.architecture} x{card.scale}, {card.licence}) is at {folders[0]}")


def model_row(card: ModelCard, folders: list[Path]) -> dict[str, Any]:
    """One model of the catalogue as JSON, with the state of its weights on this machine."""
    path = find(card, folders)
    state = "not installed"
    if path is not None:
        try:
            verify(card, path)
            state = "ready"
        except WeightsError as error:
            state = f"wrong: {error.detail}"
    return {
        "name": card.name,
        "roles": list(card.roles),
        "licence": card.licence,
        "commercial_use": card.commercial_use,
        "sha256": card.sha256,
        "source": card.source,
        "path": str(path) if path else None,
        "state": state,
    }
