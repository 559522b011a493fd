"""The planner promises what the stage then makes, in words that are true."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from pipeline.core.errors import SizeRefused
from pipeline.core.photo import Photo
from pipeline.export.print_plan import MasterFacts, PrintPlan, plan_print, seen_from
from pipeline.export.size import parse_size
from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.stages import diagnose, enlarge
from pipeline.stages.base import Tools
from pipeline.stages.enlarge import Options, run


@pytest.fixture(scope="module")
def tools() -> Tools:
    wanted = {
        **enlarge.STAGE.models(Options()),
        **diagnose.STAGE.models(diagnose.Options()),
    }
    return Tools(ModelSet(resolve(load_catalog(), wanted, []), "cpu"))


def _options(width: int, height: int, **more: object) -> Options:
    return Options.model_validate({"width_px": width, "height_px": height, **more})


def _plan(side: int, sheet: int, fraction: float | None = 1.0, **more: object) -> PrintPlan:
    facts = MasterFacts(side, side, (300.0, 300.0), fraction)
    return plan_print(facts, _options(sheet, sheet, **more))


@pytest.mark.parametrize(
    ("sheet", "dpi", "verdict"),
    [
        (1000, 300, "fine"),
        (2000, 300, "fine"),
        (2010, 300, "model"),
        (4000, 600, "model"),
        (4010, 600, "warning"),
        (4000, 300, "warning"),  # 75 real dots per inch
        (6000, 600, "warning"),
        (6010, 600, "refused"),
    ],
)
def test_the_verdict_follows_the_enlargement(sheet: int, dpi: float, verdict: str) -> None:
    assert _plan(1000, sheet, target_dpi=dpi).verdict == verdict


def test_a_soft_original_is_warned_about_however_many_px_it_was_scanned_with() -> None:
    plan = _plan(4000, 2400, 0.1)
    assert plan.quality.real_dpi == pytest.approx(50.0)
    assert plan.verdict == "warning"


def test_the_sentence_tells_size_factors_and_distance() -> None:
    facts = MasterFacts(780, 975, (300.0, 300.0), 0.9)
    size = parse_size("8x10in", 300)
    options = _options(*size.pixels)
    assert plan_print(facts, options).sentence == (
        "8 x 10 in at 300 dpi: enlarged 3.1 times by Real-ESRGAN; shows about 90 real dots per "
        "inch: good on a wall from 1.0 m on, soft in the hand"
    )
    told = plan_print(facts, options, size="8x10in").sentence
    assert told.startswith("8x10in at 300 dpi")
    soft = plan_print(MasterFacts(1000, 1250, None, 0.5), options).sentence
    assert "enlarged 2.4 times, 2.2 of it by Real-ESRGAN" in soft
    plain = plan_print(facts, _options(*size.pixels, use_model=False)).sentence
    assert "Real-ESRGAN" not in plain


def test_what_is_not_known_is_not_claimed() -> None:
    plan = _plan(1000, 2000, None)
    assert "at most 150 real dots per inch" in plan.sentence
    assert plan.as_json()["print_real_dpi"] is None


def test_a_master_that_a_network_drew_is_not_said_to_hold_more_than_the_scan_did() -> None:
    """The artifacts pass doubles what the px resolve, not what the scan saw."""
    soft = {"resolution": {"fraction_of_nyquist": 0.3}}
    options = _options(1800, 1800)
    plain = plan_print(MasterFacts.of((1000, 1000), None, soft), options)
    drawn = plan_print(MasterFacts.of((1000, 1000), None, soft, redrawn=True), options)
    told = plan_print(
        MasterFacts.of((1000, 1000), None, soft, redrawn=True, master_fraction=0.7), options
    )
    assert plain.quality.real_dpi == drawn.quality.real_dpi == told.quality.real_dpi == 50.0
    assert "1.3 of it by Real-ESRGAN" in plain.sentence
    assert "enlarged 1.8 times with Real-ESRGAN" in drawn.sentence
    assert drawn.as_json()["enlarged_by_network"] is None
    assert "enlarged 1.8 times by Real-ESRGAN" in told.sentence


def test_a_refused_print_is_told_how_large_it_may_be() -> None:
    plan = _plan(300, 3000)
    assert plan.verdict == "refused"
    assert "6.0 x 6.0 in at 300 dpi" in plan.sentence
    assert _plan(300, 3000, max_enlargement=20).verdict == "warning"


@pytest.mark.parametrize(
    ("dpi", "words"),
    [
        (300, "sharp even from near"),  # 3438 / 300 = 11.5 in = 29 cm
        (220, "sharp at reading distance"),  # 40 cm
        (120, "good at arm's length, soft from near"),  # 73 cm
        (60, "good on a wall from 1.5 m on, soft in the hand"),
    ],
)
def test_distances_follow_from_one_minute_of_arc(dpi: float, words: str) -> None:
    assert seen_from(dpi) == words


def test_faces_that_the_edge_would_cut_are_told() -> None:
    facts = MasterFacts(1000, 1000, None, 1.0, faces=((0.1, 0.1, 0.3, 0.5),))
    plan = plan_print(facts, _options(2000, 300, fit="crop"))
    assert plan.placing.cut == (0,)
    assert plan.sentence.endswith("cuts 1 of 1 face")
    assert "1 of 1 face is cut" in plan.notes[-1]
    assert plan_print(facts, _options(2000, 2000, fit="crop")).as_json()["faces"] == 1


def test_a_plan_without_a_size_is_refused() -> None:
    with pytest.raises(SizeRefused):
        plan_print(MasterFacts(100, 100), Options())


def test_the_facts_come_from_what_the_ledger_recorded() -> None:
    diagnosis = {
        "resolution": {"fraction_of_nyquist": 0.42},
        "faces": [{"score": 0.9, "box_px": [100, 50, 200, 150]}],
    }
    facts = MasterFacts.of((1000, 500), (300.0, 300.0), diagnosis)
    assert facts.real_fraction == 0.42
    assert facts.faces == ((0.1, 0.1, 0.2, 0.3),)
    looked_closely = {
        "faces": [
            {"score": 0.9, "box_px": [500, 50, 600, 150], "doubt": ""},
            {"score": 0.9, "box_px": [0, 0, 50, 50], "doubt": "no face"},
        ]
    }
    facts = MasterFacts.of((1000, 500), None, diagnosis, looked_closely)
    assert facts.faces == ((0.5, 0.1, 0.6, 0.3),)
    assert MasterFacts.of((10, 10), None) == MasterFacts(10, 10)
    # A recipe that does not count faces records none.
    assert MasterFacts.of((10, 10), None, {"faces": None, "resolution": {}}).faces == ()


@pytest.mark.weights
@pytest.mark.parametrize(
    "more",
    [
        {"fit": "crop", "width_px": 700, "height_px": 200, "bleed_px": 12},
        {"fit": "crop", "width_px": 300, "height_px": 700, "border_px": 12},
        {"fit": "pad", "width_px": 800, "height_px": 600},
        {"fit": "shrink", "width_px": 300, "height_px": 300},
    ],
)
def test_the_plan_is_what_is_made(more: dict[str, object], tools: Tools) -> None:
    """Planned from the ledger's record of the very picture that is then printed."""
    from skimage import data

    picture = data.astronaut().astype(np.float32) / 255
    photo = Photo.of(np.pad(picture, ((0, 0), (0, 200), (0, 0)), mode="edge"), dpi=(300.0, 300.0))
    seen = diagnose.diagnose(photo, diagnose.Options(), tools)
    facts = MasterFacts.of((photo.width, photo.height), photo.dpi, seen.measures)
    options = Options.model_validate({**more, "use_model": False})
    planned = plan_print(facts, options).as_json()
    made = run(photo, options, tools)
    assert json.loads(json.dumps(planned)) == planned
    assert [made.photo.width, made.photo.height] == planned["sheet_px"]
    for name in ("trim_px", "content_px", "origin_px", "dpi", "enlargement"):
        assert made.measures[name] == planned[name]
    assert made.measures["source_box_px"] == pytest.approx(planned["source_box_px"], abs=0.2)
    # Diagnose looks beneath specks, the stage does not.
    assert made.measures["print_resolved_dpi"] == pytest.approx(planned["print_real_dpi"], rel=0.25)
    assert len(made.measures.get("faces_cut", [])) == planned["faces_cut"]


@pytest.mark.weights
def test_the_network_gives_as_much_as_was_planned(tools: Tools) -> None:
    from skimage import data

    piece = data.astronaut()[40:168, 160:288].astype(np.float32) / 255
    small = cv2.resize(piece, (64, 64), interpolation=cv2.INTER_AREA)
    photo = Photo.of(cv2.resize(small, (96, 96), interpolation=cv2.INTER_CUBIC).clip(0, 1))
    options = _options(300, 300)
    made = run(photo, options, tools).measures
    facts = MasterFacts(96, 96, None, made["fraction_of_nyquist"])
    planned = plan_print(facts, options).as_json()
    given = made["inference"]["network_input_px"][0]
    assert made["enlarged_by_network"] == pytest.approx(4 * given / 96, abs=1e-3)
    for name in ("enlargement", "enlarged_by_network", "enlarged_by_lanczos"):
        assert made[name] == pytest.approx(planned[name], rel=0.01)
