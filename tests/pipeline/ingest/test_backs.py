"""Backs are found by their names beside their fronts, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.ingest.backs import pair_backs, unpaired
from pipeline.ingest.discover import Candidate


def files(*names: str) -> list[Candidate]:
    return [Candidate(Path("/box") / name, name) for name in sorted(names)]


def pairs(*names: str) -> dict[str, list[str]]:
    pairing = pair_backs(files(*names))
    return {front.name: [back.name for back in backs] for front, backs in pairing.in_order}


@pytest.mark.parametrize(
    "back", ["a_back.tif", "a_b.jpg", "a_BACK.PNG", "A_B.tif", "a_Back.jpeg", "A_back.tiff"]
)
def test_a_back_is_kept_with_the_front_it_is_named_after(back: str) -> None:
    assert pairs("a.tif", back) == {"a.tif": [back]}


@pytest.mark.parametrize(
    "other", ["sub/a_back.tif", "a_c.tif", "a_bac.tif", "a-b.tif", "ab.tif", "_b.tif", "b.tif"]
)
def test_any_other_name_is_a_picture_of_its_own(other: str) -> None:
    assert pairs("a.tif", other) == {"a.tif": [], other: []}


def test_a_back_without_its_front_is_a_picture_and_is_named() -> None:
    pairing = pair_backs(files("a_back.tif", "c_b.tif"))
    assert [front.name for front in pairing.fronts] == ["a_back.tif", "c_b.tif"]
    assert [one.name for one in pairing.alone] == ["a_back.tif", "c_b.tif"]


def test_a_series_with_letters_is_not_remarked_upon() -> None:
    pairing = pair_backs(files("x_a.tif", "x_b.tif", "x_c.tif"))
    assert len(pairing.fronts) == 3
    assert pairing.alone == ()


def test_of_two_fronts_the_one_with_the_same_ending_has_the_back() -> None:
    assert pairs("a.jpg", "a.tif", "a_b.tif") == {"a.jpg": [], "a.tif": ["a_b.tif"]}
    assert pairs("a.jpg", "a.tif", "a_b.png") == {"a.jpg": ["a_b.png"], "a.tif": []}


def test_a_print_may_have_several_files_for_its_back() -> None:
    assert pairs("a.tif", "a_b.tif", "a_back.jpg") == {"a.tif": ["a_b.tif", "a_back.jpg"]}


def test_a_back_has_no_back_itself() -> None:
    assert pairs("a.tif", "a_b.tif", "a_b_b.tif") == {"a.tif": ["a_b.tif"], "a_b_b.tif": []}


def test_every_file_is_a_front_or_a_back_exactly_once() -> None:
    names = ["a.tif", "a_b.tif", "a_b_back.png", "A_B.jpg", "z_back.tif", "s/a.tif", "s/a_b.tif"]
    found = pairs(*names)
    assert sorted([*found, *(back for backs in found.values() for back in backs)]) == sorted(names)


def test_without_pairing_every_file_is_a_picture() -> None:
    pairing = unpaired(files("a.tif", "a_b.tif"))
    assert [front.name for front, backs in pairing.in_order if not backs] == ["a.tif", "a_b.tif"]
