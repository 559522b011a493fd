"""The provenance of a print as W3C PROV: valid, without contradictions, back to the paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from prov.model import ProvDocument

from tests.pipeline.export.bagged_library import UNKNOWN_WEIGHTS, WEIGHTS, BaggedLibrary


@pytest.fixture
def told(bagged) -> tuple[BaggedLibrary, Path]:
    return bagged.made, bagged.bag / "data/prints"


@pytest.fixture
def text(told: tuple[BaggedLibrary, Path]) -> str:
    return (told[1] / "0001-1/provenance.json").read_text(encoding="utf-8")


@pytest.fixture
def document(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def entity(made: BaggedLibrary, name: str) -> str:
    return f"sha256:{made.stored[name].sha256}"


def test_what_is_written_is_read_back_the_same_by_the_package_prov(text: str) -> None:
    read = ProvDocument.deserialize(content=text, format="json")
    again = ProvDocument.deserialize(content=read.serialize(format="json"), format="json")
    assert read == again
    assert len(read.get_records()) > 40
    # Another form of PROV can be made of it, so nothing in it is known to JSON alone.
    assert "wasDerivedFrom" in read.get_provn()


def test_the_way_back_from_an_exported_file_ends_at_the_photograph_on_paper(
    told: tuple[BaggedLibrary, Path], document: dict[str, Any]
) -> None:
    made, _ = told
    sources: dict[str, list[str]] = {}
    for relation in document["wasDerivedFrom"].values():
        sources.setdefault(relation["prov:generatedEntity"], []).append(relation["prov:usedEntity"])
    (export,) = [
        name
        for name, said in document["entity"].items()
        if said.get("prov:location") is None and said["prov:label"] == "exported file 5"
    ]
    way = [export]
    while way[-1] in sources:
        way.append(sources[way[-1]][0])
    names = ["master", "repaired", "cut-1", "scan-1"]
    assert way[1:] == [*(entity(made, name) for name in names), "library:photograph-0001-1"]


def test_no_file_is_made_twice_and_none_is_its_own_origin(document: dict[str, Any]) -> None:
    made = [relation["prov:entity"] for relation in document["wasGeneratedBy"].values()]
    assert len(made) == len(set(made))
    used = {(r["prov:activity"], r["prov:entity"]) for r in document["used"].values()}
    generated = {
        (r["prov:activity"], r["prov:entity"]) for r in document["wasGeneratedBy"].values()
    }
    assert used.isdisjoint(generated)
    declared = set(document["entity"])
    assert {name for _, name in used} <= declared
    assert set(made) <= declared


def test_steps_are_activities_with_times_options_measures_and_outcomes(
    document: dict[str, Any],
) -> None:
    steps = {
        said["shoebox:stage"]
        + "-"
        + said["shoebox:status"]
        + "-"
        + said.get("shoebox:decision", ""): said
        for said in document["activity"].values()
        if said["prov:type"]["$"] == "shoebox:Step"
    }
    assert set(steps) == {
        "ingest-done-applied",
        "split-done-applied",
        "repair-done-applied",
        "denoise-failed-",
        "denoise-done-skipped",
        "artifacts-done-applied",
    }
    drawn = steps["artifacts-done-applied"]
    assert drawn["prov:startTime"] == "2026-05-04T10:00:00+00:00"
    assert drawn["prov:endTime"] == "2026-05-04T10:00:01.500000+00:00"
    assert json.loads(drawn["shoebox:options"]) == {"strength": 0.5}
    assert "did not work" in steps["denoise-failed-"]["shoebox:error"]


def test_networks_are_entities_with_digest_and_licence(document: dict[str, Any]) -> None:
    known = document["entity"][f"sha256:{WEIGHTS}"]
    assert known["prov:type"]["$"] == "shoebox:NetworkWeights"
    assert known["dcterms:license"] == "BSD-3-Clause"
    assert "catalogue" in document["entity"][f"sha256:{UNKNOWN_WEIGHTS}"]["dcterms:license"]
    roles = {
        use["prov:role"]
        for use in document["used"].values()
        if use["prov:entity"] in (f"sha256:{WEIGHTS}", f"sha256:{UNKNOWN_WEIGHTS}")
    }
    assert roles == {"artifacts", "face_detector"}


def test_who_did_it_is_told_by_version_and_what_a_person_decided_is_theirs(
    document: dict[str, Any],
) -> None:
    agents = {said["prov:type"]["$"]: said for said in document["agent"].values()}
    assert agents["prov:SoftwareAgent"]["shoebox:version-numpy"] == "2.0"
    assert "prov:Person" in agents
    (decision,) = [name for name in document["entity"] if name.startswith("library:decision")]
    (attribution,) = document["wasAttributedTo"].values()
    assert attribution["prov:entity"] == decision
    assert document["entity"][decision]["shoebox:command"].startswith("rerun --print")


def test_the_photograph_on_paper_bears_its_caption(document: dict[str, Any]) -> None:
    paper = document["entity"]["library:photograph-0001-1"]
    assert paper["dcterms:date"] == "1962?"
    assert sorted(paper["dcterms:subject"]) == ["+Karl", "Anna Ä", "garden"]
    backs = [
        said
        for said in document["entity"].values()
        if said["prov:type"]["$"] == "shoebox:ScanOfBack"
    ]
    assert [said["prov:location"] for said in backs] == ["data/backs/0001_page_back.png"]


def test_every_place_told_is_a_file_of_the_package(told: tuple[BaggedLibrary, Path]) -> None:
    _, prints = told
    for path in prints.rglob("provenance.json"):
        said = json.loads(path.read_text(encoding="utf-8"))
        places = {
            thing["prov:location"]
            for kind in ("entity", "activity")
            for thing in said[kind].values()
            if "prov:location" in thing
        }
        assert places
        assert [p for p in places if not (prints.parents[1] / p).is_file()] == []


def test_a_print_without_any_step_of_its_own_has_a_record_too(
    told: tuple[BaggedLibrary, Path],
) -> None:
    said = json.loads((told[1] / "0001-2/provenance.json").read_text(encoding="utf-8"))
    assert {activity["shoebox:stage"] for activity in said["activity"].values()} == {
        "ingest",
        "split",
    }


def test_work_taken_over_from_another_print_has_one_origin_in_every_record(
    told: tuple[BaggedLibrary, Path],
) -> None:
    made, prints = told
    makers = set()
    for name in ("0001-1", "0002-1"):
        said = json.loads((prints / name / "provenance.json").read_text(encoding="utf-8"))
        makers |= {
            relation["prov:activity"]
            for relation in said["wasGeneratedBy"].values()
            if relation["prov:entity"] == entity(made, "repaired")
        }
    assert makers == {f"library:step-{made.repair}"}
    (informed,) = said["wasInformedBy"].values()
    assert informed["prov:informant"] == f"library:step-{made.repair}"
