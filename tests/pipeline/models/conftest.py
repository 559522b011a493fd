"""Shared by the model tests: the real weights that packages ship, and small real networks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.models.catalog import Catalog, ModelCard, load_catalog
from pipeline.models.weights import ResolvedModel, resolve

X4PLUS = "RealESRGAN_x4plus-ncnn"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def x4plus(catalog: Catalog) -> ResolvedModel:
    return resolve(catalog, {"artifacts": [X4PLUS]}, [])["artifacts"]


@pytest.fixture(scope="session")
def centerface(catalog: Catalog) -> ResolvedModel:
    return resolve(catalog, {"face_detector": ["CenterFace"]}, [])["face_detector"]


@pytest.fixture
def carded() -> Callable[..., ResolvedModel]:
    """Any file with a catalogue card whose digest is right, so that what comes after is tested."""

    def make(path: Path, architecture: str = "ESRGAN", scale: int = 4) -> ResolvedModel:
        data = path.read_bytes()
        card = ModelCard(
            name=path.stem,
            roles=("artifacts",),
            architecture=architecture,
            scale=scale,
            file=path.name,
            sha256=hashlib.sha256(data).hexdigest(),
            bytes=len(data),
            licence="MIT",
            source="a test",
            commercial_use=True,
        )
        return ResolvedModel("artifacts", card, path)

    return make


@pytest.fixture
def small_state() -> Callable[..., Mapping[str, Any]]:
    """Weights of a real RRDBNet with one block, seeded."""

    def make(seed: int = 0, scale: int = 4) -> Mapping[str, Any]:
        import torch
        from spandrel.architectures.ESRGAN import ESRGAN

        torch.manual_seed(seed)
        shuffle = 2 if scale == 2 else None
        network = ESRGAN(
            in_nc=12 if shuffle else 3,
            num_filters=16,
            num_blocks=2,
            scale=4,
            shuffle_factor=shuffle,
        )
        return network.state_dict()

    return make
