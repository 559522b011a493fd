from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.core.errors import UnknownModel, UsageError, WeightsMissing, WeightsWrong
from pipeline.core.progress import Silent
from pipeline.models.catalog import Catalog
from pipeline.models.devices import choose_device, choose_dtype
from pipeline.models.model_set import ModelSet
from pipeline.models.provider import ModelSource
from pipeline.models.weights import ResolvedModel, resolve

X4PLUS = "RealESRGAN_x4plus-ncnn"


@pytest.fixture
def models(catalog: Catalog) -> ModelSet:
    wanted = {"artifacts": [X4PLUS], "enlarge": [X4PLUS], "faces": [X4PLUS]}
    return ModelSet(resolve(catalog, {**wanted, "face_detector": ["CenterFace"]}, []), "cpu")


@pytest.mark.weights
def test_roles_played_by_one_file_share_one_network(models: ModelSet) -> None:
    source: ModelSource = models
    assert source.upscaler("artifacts") is source.upscaler("enlarge")
    assert source.face_restorer() is source.face_restorer()
    assert source.face_detector() is source.face_detector()
    made = source.upscaler("artifacts").run(np.full((3, 2, 3), 0.5, np.float32), Silent())
    assert made.pixels.shape == (12, 8, 3)
    assert (made.model, made.device) == (X4PLUS, "cpu")


def test_a_file_changed_after_it_was_resolved_is_refused_before_it_is_used(
    tmp_path: Path, x4plus: ResolvedModel
) -> None:
    path = tmp_path / x4plus.card.file
    shutil.copy(x4plus.path, path)
    models = ModelSet({"artifacts": dataclasses.replace(x4plus, path=path)}, "cpu")
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1")
    with pytest.raises(WeightsWrong, match="digest"):
        models.upscaler("artifacts")
    path.unlink()
    with pytest.raises(WeightsMissing):
        models.upscaler("artifacts")


def test_a_role_without_a_model_is_missing(models: ModelSet) -> None:
    with pytest.raises(WeightsMissing, match="deblur"):
        models.upscaler("deblur")


def test_a_face_detector_is_no_upscaler(models: ModelSet) -> None:
    with pytest.raises(UnknownModel, match="CenterFace is no super-resolution network"):
        models.upscaler("face_detector")
    swapped = ModelSet({"face_detector": models.resolved["artifacts"]}, "cpu")
    with pytest.raises(UnknownModel, match="no face detector"):
        swapped.face_detector()


@pytest.mark.weights
def test_a_face_may_have_a_network_of_its_own(models: ModelSet, catalog: Catalog) -> None:
    own = resolve(catalog, {f"faces:{X4PLUS}": [X4PLUS]}, [])
    source = ModelSet({**models.resolved, **own}, "cpu")
    assert source.face_restorer(X4PLUS) is source.face_restorer()
    only = ModelSet(own, "cpu")
    assert only.face_restorer(X4PLUS).name == X4PLUS
    with pytest.raises(WeightsMissing, match=r"faces:GFPGANv1\.4"):
        source.face_restorer("GFPGANv1.4")


def test_roles_that_may_stay_empty_give_nothing(models: ModelSet) -> None:
    assert models.face_embedder() is None
    assert models.second_face_detector() is None
    swapped = ModelSet({"face_embedding": models.resolved["artifacts"]}, "cpu")
    with pytest.raises(UnknownModel, match="tells no face from another"):
        swapped.face_embedder()


def test_resolving_and_listing_models_does_not_import_torch() -> None:
    script = (
        "import sys\n"
        "from pipeline.models.catalog import load_catalog\n"
        "from pipeline.models.model_set import ModelSet\n"
        "from pipeline.models.weights import resolve\n"
        f"ModelSet(resolve(load_catalog(), {{'faces': [{X4PLUS!r}]}}, []), 'cpu')\n"
        "assert not {'torch', 'cv2', 'spandrel'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_models_need_neither_database_nor_prefect_nor_pydantic() -> None:
    script = (
        "import sys\n"
        "import pipeline.models.engine, pipeline.models.face_detector\n"
        "import pipeline.models.face_restorer, pipeline.models.fetch, pipeline.models.model_set\n"
        "assert not {'sqlalchemy', 'prefect', 'pydantic'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_auto_takes_a_device_that_computes() -> None:
    device = choose_device("auto")
    assert torch.ones(2, device=device).sum().item() == 2
    assert choose_device("cpu") == "cpu"
    assert choose_dtype("cpu") in (torch.bfloat16, torch.float32)


def test_an_unknown_device_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="tpu"):
        choose_device("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there_is_a_usage_error_not_a_silent_cpu() -> None:
    with pytest.raises(UsageError, match="no CUDA device"):
        ModelSet({}, "cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.weights
def test_a_cuda_device_agrees_with_the_cpu(x4plus: ResolvedModel) -> None:
    from pipeline.models.engine import NetworkUpscaler
    from pipeline.models.load import load_network

    picture = np.random.default_rng(0).random((60, 50, 3), np.float32)
    network = load_network(x4plus)
    here = NetworkUpscaler(network, "cpu", dtype=torch.float32).run(picture, Silent())
    there = NetworkUpscaler(network, "cuda:0").run(picture, Silent())
    assert there.dtype == "float16"
    assert -10 * np.log10(np.mean((here.pixels - there.pixels) ** 2)) > 45
