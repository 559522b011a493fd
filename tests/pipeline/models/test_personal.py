"""A person's own networks: added from a file, known by digest, used by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.core.errors import UnknownModel, WeightsError, WeightsMissing, WeightsWrong
from pipeline.core.progress import Silent
from pipeline.models.catalog import PERSONAL, load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.personal import Terms, add_model
from pipeline.models.weights import resolve

State = Callable[..., Mapping[str, Any]]
TERMS = Terms("MIT", True, 'a "test"\nwith an odd source')


@pytest.fixture
def nafnet(tmp_path: Path) -> Path:
    """Weights of a real NAFNet, a network for deblurring, small and seeded."""
    from spandrel.architectures.NAFNet import NAFNet

    torch.manual_seed(1)
    network = NAFNet(width=8, middle_blk_num=1, enc_blk_nums=[1, 1], dec_blk_nums=[1, 1])
    path = tmp_path / "my net.pth"
    torch.save(network.state_dict(), path)
    return path


def test_an_added_network_is_found_by_name_and_draws_pictures_of_any_size(
    tmp_path: Path, nafnet: Path
) -> None:
    folder = tmp_path / "models"
    card = add_model(nafnet, ["deblur"], TERMS, folder, load_catalog(folders=[folder]))
    assert (card.name, card.architecture, card.scale) == ("my-net", "NAFNet", 1)
    known = load_catalog(folders=[folder])
    assert known.card("my-net") == card
    resolved = resolve(known, {"deblur": ["my-net"]}, [folder])
    network = ModelSet(resolved, "cpu").upscaler("deblur")
    picture = np.random.default_rng(0).random((37, 50, 3), dtype=np.float32)
    made = network.run(picture, Silent())
    assert made.pixels.shape == picture.shape
    assert made.model == "my-net"


def test_two_networks_are_added_one_after_the_other(
    tmp_path: Path, nafnet: Path, small_state: State
) -> None:
    folder = tmp_path / "models"
    second = tmp_path / "second.pth"
    torch.save(dict(small_state()), second)
    add_model(nafnet, ["deblur"], TERMS, folder, load_catalog(folders=[folder]))
    add_model(second, ["artifacts", "enlarge"], TERMS, folder, load_catalog(folders=[folder]))
    names = [card.name for card in load_catalog(folder / PERSONAL).cards]
    assert names == ["my-net", "second"]


def test_a_name_that_is_taken_is_refused_and_nothing_is_written(
    tmp_path: Path, nafnet: Path
) -> None:
    folder = tmp_path / "models"
    with pytest.raises(UnknownModel, match="known already"):
        add_model(nafnet, ["deblur"], TERMS, folder, load_catalog(), name="CenterFace")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("role", "words"),
    [("enlarge", "does not enlarge"), ("faces", "for faces"), ("face_detector", "no model can")],
)
def test_a_role_that_does_not_suit_the_network_is_refused(
    tmp_path: Path, nafnet: Path, role: str, words: str
) -> None:
    with pytest.raises(UnknownModel, match=words):
        add_model(nafnet, [role], TERMS, tmp_path / "models", load_catalog())


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.pth"
    path.write_bytes(b"not a network")
    with pytest.raises(WeightsWrong, match="plain weights"):
        add_model(path, ["deblur"], TERMS, tmp_path / "models", load_catalog())
    with pytest.raises(WeightsMissing):
        add_model(tmp_path / "none.pth", ["deblur"], TERMS, tmp_path / "models", load_catalog())


def test_a_changed_file_is_not_loaded(tmp_path: Path, nafnet: Path) -> None:
    folder = tmp_path / "models"
    card = add_model(nafnet, ["deblur"], TERMS, folder, load_catalog())
    stored = folder / card.file
    stored.write_bytes(stored.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsWrong, match="digest"):
        resolve(load_catalog(folders=[folder]), {"deblur": [card.name]}, [folder])


def test_an_added_model_cannot_pass_for_an_official_one(tmp_path: Path, nafnet: Path) -> None:
    folder = tmp_path / "models"
    add_model(nafnet, ["deblur"], TERMS, folder, load_catalog(), name="other")
    own = folder / PERSONAL
    own.write_text(own.read_text(encoding="utf-8").replace('"other"', '"CenterFace"', 1), "utf-8")
    with pytest.raises(WeightsError, match="another model is called CenterFace"):
        load_catalog(folders=[folder])
