"""The latest decision about a face is in force, and only the print it is about is planned anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy.orm import Session

from pipeline.config.recipe import load_recipe
from pipeline.execute.face_choices import carried, choices_in_force, choices_of, in_force
from pipeline.plan.plan import make_plan
from pipeline.stages.face_choice import FaceChoice
from pipeline.store import record
from pipeline.store.choices import Action, FaceChoiceRow, add_face_choice
from pipeline.store.objects import StoredObject
from pipeline.store.rows import PrintRow

LEFT, RIGHT = (0.1, 0.1, 0.2, 0.3), (0.6, 0.1, 0.7, 0.3)


def row(
    number: int,
    box: tuple[float, float, float, float],
    action: Action = "leave",
    strength: float | None = None,
    model: str | None = None,
) -> FaceChoiceRow:
    return FaceChoiceRow(number, 1, box, 1, action, model, strength, "choose", "2026-01-01")


def test_the_latest_decision_about_a_face_replaces_the_earlier_ones() -> None:
    rows = [row(1, LEFT), row(2, RIGHT), row(3, LEFT, "restore", 0.4), row(4, LEFT, "restore", 0.6)]
    assert in_force(rows) == (
        FaceChoice(box=LEFT, strength=0.6),
        FaceChoice(box=RIGHT, leave=True),
    )


def test_a_face_found_a_little_elsewhere_is_the_same_face() -> None:
    moved = (0.11, 0.09, 0.21, 0.3)
    assert in_force([row(1, LEFT), row(2, moved, "restore", model="x")]) == (
        FaceChoice(box=moved, model="x"),
    )


def test_what_is_forgotten_is_forgotten_and_nothing_else() -> None:
    assert in_force([row(1, LEFT), row(2, RIGHT), row(3, LEFT, "forget")]) == (
        FaceChoice(box=RIGHT, leave=True),
    )
    assert in_force([row(1, LEFT), row(2, LEFT, "forget"), row(3, LEFT, "forget")]) == ()


def test_the_order_of_deciding_does_not_change_what_is_planned() -> None:
    one, other = row(1, LEFT), row(2, RIGHT, "restore", 0.4)
    assert in_force([one, other]) == in_force([other, one])


def test_a_decision_follows_its_face_when_the_print_is_cut_with_other_edges() -> None:
    before = np.array([[100.0, 50.0], [500.0, 50.0], [100.0, 350.0]])  # 400 x 300 px
    wider = np.array([[80.0, 30.0], [520.0, 30.0], [80.0, 370.0]])
    box = carried((0.25, 0.5, 0.5, 0.75), before, wider)
    # On the scan it is x 200..300, y 200..275.
    assert box == pytest.approx((120 / 440, 170 / 340, 220 / 440, 245 / 340), abs=1e-5)


def test_a_decision_follows_its_face_into_a_print_that_is_turned() -> None:
    whole = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 800.0]])
    turned = np.array([[600.0, 100.0], [600.0, 500.0], [300.0, 100.0]])  # its top is at the right
    box = carried((0.45, 0.25, 0.5, 0.375), whole, turned)
    # On the scan it is x 450..500, y 200..300: down is its right, left is its bottom.
    assert box == pytest.approx((0.25, 1 / 3, 0.5, 0.5), abs=1e-5)


def test_a_decision_does_not_jump_to_the_neighbour_on_the_page() -> None:
    left = np.array([[0.0, 0.0], [400.0, 0.0], [0.0, 300.0]])
    right = left + np.array([450.0, 0.0])
    assert carried((0.8, 0.4, 0.95, 0.6), left, right) is None


def add_cut(session: Session, scan_id: int, sha256: str, edge: int) -> PrintRow:
    quad = [[edge, edge], [500, edge], [500, 500], [edge, 500]]
    record.add_object(session, StoredObject(sha256, 1, ".tif"))
    place = {"cut": {"quad": quad}}
    return record.add_print(session, scan_id=scan_id, ordinal=1, sha256=sha256, geometry=place)


def test_decisions_are_in_force_for_every_cut_of_the_same_paper(open_bench) -> None:
    facts = {"box": "/b", "name_bytes": b"a", "sha256": "ab", "bytes": 1}
    with open_bench() as bench:
        with bench.library.ledger.write() as session:
            scan = record.add_scan(session, run_id=bench.run_id, **facts)
            first, second = (add_cut(session, scan.id, *cut) for cut in (("aa", 100), ("bb", 90)))
            add_face_choice(
                session, print_id=first.id, box=LEFT, face=1, action="leave", command="choose"
            )
        found = choices_in_force(bench.library)
        with bench.library.ledger.read() as session:
            assert choices_of(bench.library, session, second) == found[second.id]
    assert found[first.id] == (FaceChoice(box=LEFT, leave=True),)
    (choice,) = found[second.id]
    assert choice.leave
    assert choice.box == pytest.approx((50 / 410, 50 / 410, 90 / 410, 130 / 410), abs=1e-4)


def test_decisions_give_the_faces_step_of_their_print_a_new_key_and_no_other(open_bench) -> None:
    choices = {7: (FaceChoice(box=LEFT, leave=True),)}
    plan = make_plan(load_recipe("portrait"), {})
    with open_bench() as bench:
        archive = replace(bench, plan=plan, resolved={}, choices=choices)
        usual = [step.key(["x"]) for step in archive.plan.print_steps]
        decided = [step.key(["x"]) for step in archive.steps_of(7)]
        assert archive.steps_of(8) == archive.steps_of(None) == archive.plan.print_steps
    names = [step.name for step in archive.plan.print_steps]
    other = [n for n, a, b in zip(names, usual, decided, strict=True) if a != b]
    assert other == ["faces"], "what follows gets another input, and so another key"


def test_a_model_chosen_for_a_face_is_part_of_the_key(open_bench) -> None:
    from pipeline.models.catalog import load_catalog
    from pipeline.models.weights import resolve

    name = "RealESRGAN_x4plus-ncnn"
    found = resolve(load_catalog(), {f"faces:{name}": (name,)}, [])
    choices = {7: (FaceChoice(box=LEFT, model=name),)}
    plan = make_plan(load_recipe("portrait"), {})
    with open_bench() as bench:
        portrait = replace(bench, plan=plan, resolved=found, choices=choices)
        (use,) = next(step for step in portrait.steps_of(7) if step.name == "faces").models
    assert (use.role, use.name) == (f"faces:{name}", name)
