"""The network's weights are the ones the stage's version stands for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from pipeline.stages.measure import damage_net
from pipeline.stages.repair import STAGE

_KNOWN = {3: "26bea503f6ec60750b36ee56e18b676dea0123080fe2ba5eef8f129589573d6d"}


def _file() -> Path:
    return Path(damage_net.__file__).with_name(damage_net.WEIGHTS)


def test_new_weights_come_with_a_new_version_of_the_stage() -> None:
    assert hashlib.sha256(_file().read_bytes()).hexdigest() == _KNOWN[STAGE.version]


def test_the_file_holds_every_layer_in_its_shape() -> None:
    with np.load(_file()) as kept:
        shapes = {name: kept[name].shape for name in kept.files}
    wanted = {}
    for name, (out, into, side) in damage_net.LAYERS.items():
        wanted[f"{name}.weight"], wanted[f"{name}.bias"] = (out, into, side, side), (out,)
    assert shapes == wanted


def test_white_threads_on_even_grey_are_likelier_than_the_grey() -> None:
    paper = np.full((96, 96, 3), 0.4, np.float32)
    paper[40:42, 10:86] = 0.93
    odds = damage_net.log_odds(paper)
    assert odds.shape == (96, 96)
    assert odds[40:42, 20:76].mean() > odds[60:].mean() + 5
