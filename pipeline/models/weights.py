"""Weights on disk: where they are looked for, how they are verified, which one is chosen."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import UnknownModel, WeightsMissing, WeightsWrong
from pipeline.io.digest import sha256_bytes, sha256_file
from pipeline.models.catalog import Catalog, ModelCard


@dataclass(frozen=True)
class ResolvedModel:
    """A role, the model that will play it, and the verified file.

    Args:
        role: what it is used for.
        card: the catalogue's entry.
        path: the weights file; its digest matched when it was resolved.
        fallback_for: name of the first choice when that one was not there, else None.
    """

    role: str
    card: ModelCard
    path: Path
    fallback_for: str | None = None


def find(card: ModelCard, folders: Sequence[Path]) -> Path | None:
    """Where the model's file is, unverified: the folders in order, then the package shipping it.

    A model that needs a module which is not installed is not there. The package is located
    without importing it, so none of its code runs.
    """
    if card.module is not None and importlib.util.find_spec(card.module) is None:
        return None
    candidates = [folder / card.file for folder in folders]
    packaged = _packaged(card)
    if packaged is not None:
        candidates.append(packaged)
    return next((path for path in candidates if path.is_file()), None)


def _packaged(card: ModelCard) -> Path | None:
    if card.package is None:
        return None
    package, _, inside = card.package.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / inside


def verify(card: ModelCard, path: Path) -> None:
    """Check a weights file against the catalogue: its length, then its digest.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: its length or digest is another one.
    """
    try:
        length = path.stat().st_size
        _compare(card, path, length, "" if length != card.bytes else sha256_file(path))
    except OSError as error:
        raise WeightsMissing(f"{card.name}: {path}: {error.strerror}") from error


def read_verified(card: ModelCard, path: Path) -> bytes:
    """The bytes of a weights file, the very ones whose digest was checked.

    Loading from these bytes leaves no moment in which another file could take its place.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: its length or digest is not the catalogue's.
    """
    try:
        length = path.stat().st_size
        data = path.read_bytes() if length == card.bytes else b""
    except OSError as error:
        raise WeightsMissing(f"{card.name}: {path}: {error.strerror}") from error
    _compare(card, path, length, sha256_bytes(data))
    return data


def _compare(card: ModelCard, path: Path, length: int, digest: str) -> None:
    if length != card.bytes:
        raise WeightsWrong(f"{card.name}: {path} has {length} bytes, not {card.bytes}")
    if digest != card.sha256:
        raise WeightsWrong(f"{card.name}: {path} has the digest {digest}, not {card.sha256}")


def resolve(
    catalog: Catalog, wanted: Mapping[str, Sequence[str]], folders: Sequence[Path]
) -> dict[str, ResolvedModel]:
    """Choose a verified file for each role before any work begins.

    Args:
        catalog: the known models.
        wanted: role -> acceptable model names, best first.
        folders: where a person keeps weights, searched in this order before packages.

    Returns:
        Role -> the first model that is present. When it is not the first choice, its
        `fallback_for` names the one that was.

    Raises:
        UnknownModel: a name is not in the catalogue, does not serve the role, or no name is given.
        WeightsWrong: the first file present is not the catalogue's. A damaged file is never
            passed over for the next choice: the person believes it is in use.
        WeightsMissing: none of a role's models is there; names the command that fetches one.
    """
    return {role: _choose(catalog, role, names, folders) for role, names in wanted.items()}


def resolve_present(
    catalog: Catalog, wanted: Mapping[str, Sequence[str]], folders: Sequence[Path]
) -> dict[str, ResolvedModel]:
    """The same for roles that may stay empty: those none of whose models is there are left out.

    Raises:
        UnknownModel, WeightsWrong: as for `resolve`; a damaged file is an error here too.
    """
    there = {
        role: names
        for role, names in wanted.items()
        if any(find(catalog.card(name), folders) is not None for name in names)
    }
    found = resolve(catalog, there, folders)
    return {role: replace(model, fallback_for=None) for role, model in found.items()}


def purpose(role: str) -> str:
    """What a role is for: `faces:NAME`, played by the model that a person named, is `faces`."""
    return role.partition(":")[0]


def _choose(
    catalog: Catalog, role: str, names: Sequence[str], folders: Sequence[Path]
) -> ResolvedModel:
    if not names:
        raise UnknownModel(f"no model is named for the role {role!r}")
    cards = [catalog.card(name) for name in names]
    for card in cards:
        if purpose(role) not in card.roles:
            able = ", ".join(other.name for other in catalog.for_role(purpose(role)))
            raise UnknownModel(f"{card.name} cannot serve the role {role!r}; these can: {able}")
    for card in cards:
        path = find(card, folders)
        if path is not None:
            verify(card, path)
            return ResolvedModel(role, card, path, None if card is cards[0] else cards[0].name)
    raise WeightsMissing(
        f"none of {', '.join(names)} is there for the role {role!r}", remedy=_how_to_get(cards)
    )


def _how_to_get(cards: Sequence[ModelCard]) -> str:
    for card in cards:
        if card.url is not None:
            return f"Run `shoebox models fetch {card.name}`."
    for card in cards:
        if card.package is not None:
            package = card.package.partition("/")[0]
            return f"Install Shoebox again: {card.name} comes with its dependency {package}."
    return f"Put the file {cards[0].file} into the model folder."
