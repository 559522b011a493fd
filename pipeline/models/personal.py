"""Models that a person adds: any network that spandrel loads, for a role its shape allows."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import UnknownModel, WeightsMissing
from pipeline.io.atomic import Writer, publish
from pipeline.io.digest import sha256_bytes
from pipeline.models.catalog import PERSONAL, Catalog, ModelCard, load_catalog
from pipeline.models.load import Identity, identified

ROLES = ("artifacts", "enlarge", "faces", "deblur")
"""Roles a person can add a network for."""

_FACES = frozenset({"GFPGAN", "ESRGAN", "Compact"})
_UNFIT = re.compile(r"[^A-Za-z0-9._+-]+")
_MOST_BYTES = 4 << 30


@dataclass(frozen=True)
class Terms:
    """What a person says about a model's licence.

    Args:
        licence: SPDX identifier, or words.
        commercial_use: whether it allows commercial use.
        source: where the file comes from.
    """

    licence: str
    commercial_use: bool
    source: str


def add_model(
    file: Path, roles: Sequence[str], terms: Terms, folder: Path, known: Catalog, name: str = ""
) -> ModelCard:
    """Copy a weights file into a model folder and enter it into that folder's catalogue.

    The file is read once, never executed, and loaded into its network before anything is written.

    Args:
        file: `.pth`, `.safetensors` or ncnn's `.bin`; it stays where it is.
        roles: what it shall be used for, out of `ROLES`.
        terms: its licence.
        folder: the model folder; made if absent.
        known: every model known so far.
        name: what recipes call it; the file's name when empty.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: it holds no network that spandrel knows, or code.
        UnknownModel: the role is none of these, does not suit the network, or the name is taken.
        DiskFull, WriteFailed: it cannot be stored.
        WeightsError: the folder's catalogue is damaged.
    """
    data = _read(file)
    found = identified(data, file)
    _check_roles(roles, found, file)
    plain = _UNFIT.sub("-", name or file.stem).strip("-._+") or "model"
    if any(card.name == plain for card in known.cards):
        raise UnknownModel(
            f"a model called {plain} is known already", remedy="Give another name with --name."
        )
    card = ModelCard(
        name=plain,
        roles=tuple(dict.fromkeys(roles)),
        architecture=found.architecture,
        scale=found.scale,
        file=f"{plain}{file.suffix.lower()}",
        sha256=sha256_bytes(data),
        bytes=len(data),
        licence=_one_line(terms.licence),
        source=_one_line(terms.source),
        commercial_use=terms.commercial_use,
        notes="Added by a person.",
    )
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / PERSONAL
    before = load_catalog(own).cards if own.is_file() else ()
    publish(folder / card.file, _writing(data), expected_sha256=card.sha256)
    text = "\n".join(_entry(one) for one in (*before, card))
    publish(own, _writing(text.encode("utf-8")))
    return card


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UnknownModel(f"{file} is larger than any network Shoebox can load")
        return file.read_bytes()
    except OSError as error:
        raise WeightsMissing(
            f"{file}: {error.strerror}", remedy="Check the path of the file."
        ) from error


def _check_roles(roles: Sequence[str], found: Identity, file: Path) -> None:
    for role in roles:
        if role not in ROLES:
            raise UnknownModel(
                f"no model can be added for the role {role!r}",
                remedy=f"Roles are {', '.join(ROLES)}.",
            )
        if role == "faces" and found.architecture not in _FACES:
            raise UnknownModel(
                f"{file} holds {found.architecture}, which cannot be driven for faces",
                remedy=f"Networks for faces are {', '.join(sorted(_FACES))}.",
            )
        if role != "faces" and found.architecture == "GFPGAN":
            raise UnknownModel(
                f"{file} holds {found.architecture}, which draws faces only",
                remedy="Add it with --role faces.",
            )
        if role == "enlarge" and found.scale == 1:
            raise UnknownModel(
                f"{file} holds {found.architecture} x1, which does not enlarge",
                remedy="Add it with --role artifacts or --role deblur.",
            )


def _entry(card: ModelCard) -> str:
    """One card as TOML; JSON's strings, numbers and lists are TOML's as well."""
    lines = ["[[model]]"]
    for field in fields(ModelCard):
        value = getattr(card, field.name)
        if value is not None and value != "":
            told = list(value) if isinstance(value, tuple) else value
            lines.append(f"{field.name} = {json.dumps(told, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    """Without control characters, which TOML does not take."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "unknown"


def _writing(data: bytes) -> Writer:
    def write(file: BinaryIO) -> None:
        file.write(data)

    return write
