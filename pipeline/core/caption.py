"""The caption of a photograph: what a person knows of it, as certain as it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """What somebody wrote about one print; "" and () where nothing is known.

    Args:
        title: a few words.
        date: when it was taken, as it was written: "1962?", "summer 1950s".
        edtf: the same date in EDTF (ISO 8601-2:2019), or "" when it has no such form for certain.
        place: where.
        people: who is on it, in the order they were written.
        keywords: subjects.
        note: anything else.
    """

    title: str = ""
    date: str = ""
    edtf: str = ""
    place: str = ""
    people: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return any((self.title, self.date, self.place, self.people, self.keywords, self.note))


@dataclass(frozen=True)
class PictureIdentity:
    """What leads from a file back to its record in the ledger.

    Args:
        library: the library's id.
        print_name: such as "0003-2".
        picture: hex SHA-256 of the object whose pixels the file shows.
        scan: hex SHA-256 of the original scan.
        step: the key of the step that made the picture, hex SHA-256: the same in every library
            and after every rerun, as the number of its row is not.
        recipe: the recipe's name.
    """

    library: str
    print_name: str
    picture: str
    scan: str
    step: str
    recipe: str
