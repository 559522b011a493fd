"""Which networks' weights made a library's pictures: digests, licences, sources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from pipeline.models.catalog import ModelCard
from pipeline.store.rows import StepRow

_UNKNOWN = "not in the catalogue"


@dataclass
class WeightsUsed:
    """One file of weights that was used.

    Args:
        name: what recipes and the ledger call it.
        sha256: of the file.
        licence: SPDX identifier, or words when it is not known.
        source: where it came from.
        url: of the official release file, or None.
        architecture: the network, or "".
        bytes: length of the file, or None.
        commercial_use: whether the licence allows it, or None when it is not known.
        notes: a sentence for people.
        roles: what it was used for.
        prints: the prints it was used on.
    """

    name: str
    sha256: str
    licence: str = _UNKNOWN
    source: str = _UNKNOWN
    url: str | None = None
    architecture: str = ""
    bytes: int | None = None
    commercial_use: bool | None = None
    notes: str = ""
    roles: list[str] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)


def weights_used(
    steps_by_print: Iterable[tuple[str, Sequence[StepRow]]], cards: Sequence[ModelCard]
) -> dict[str, WeightsUsed]:
    """By digest the weights that steps really used, with what the catalogue knows of them.

    Args:
        steps_by_print: a print's name and its steps.
        cards: the catalogue; a digest it does not know is listed all the same.
    """
    known = {card.sha256: card for card in cards}
    found: dict[str, WeightsUsed] = {}
    for print_name, steps in steps_by_print:
        for step in steps:
            for model in step.models:
                digest = str(model.get("sha256") or "")
                if not digest:
                    continue
                if digest not in found:
                    name = str(model.get("name", ""))
                    found[digest] = _of(name, digest, known.get(digest))
                _add(found[digest].roles, str(model.get("role", "")))
                _add(found[digest].prints, print_name)
    return dict(sorted(found.items(), key=lambda item: (item[1].name, item[0])))


def weights_json(found: Iterable[WeightsUsed]) -> str:
    """The list as JSON for `models.json`."""
    about = (
        "Networks whose weights had a hand in these pictures. The weights themselves are not in "
        "the package: their size and licences forbid it; the digest tells the very file."
    )
    document = {"about": about, "models": [asdict(item) for item in found]}
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _of(name: str, digest: str, card: ModelCard | None) -> WeightsUsed:
    if card is None:
        return WeightsUsed(name, digest)
    return WeightsUsed(
        name,
        digest,
        card.licence,
        card.source,
        card.url,
        card.architecture,
        card.bytes,
        card.commercial_use,
        card.notes,
    )


def _add(items: list[str], item: str) -> None:
    if item and item not in items:
        items.append(item)
