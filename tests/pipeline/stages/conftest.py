"""Photographs with known damage, and the real networks, for the stages that use them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.float32]:
    """float32 (512, 512, 3): clean, sharp, one face."""
    from skimage import data

    return data.astronaut().astype(np.float32) / 255


@pytest.fixture(scope="session")
def aged_portrait(astronaut: NDArray[np.float32]) -> Photo:
    """A head, 96 px of real detail scanned at 240 px (600 dpi), with noise."""
    head = astronaut[20:260, 110:350]
    small = cv2.resize(head, (96, 96), interpolation=cv2.INTER_AREA)
    scanned = cv2.resize(small, (240, 240), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(5).normal(0, 0.02, scanned.shape)
    return Photo.of(np.clip(scanned + noise, 0, 1).astype(np.float32), dpi=(600.0, 600.0))


@pytest.fixture(scope="session")
def neural_tools() -> Tools:
    """The networks that the installed packages ship, on the CPU."""
    from pipeline.models.catalog import load_catalog
    from pipeline.models.model_set import ModelSet
    from pipeline.models.weights import resolve
    from pipeline.stages import artifacts, enlarge, faces

    wanted = {
        **artifacts.STAGE.models(artifacts.Options()),
        **faces.STAGE.models(faces.Options()),
        **enlarge.STAGE.models(enlarge.Options()),
    }
    return Tools(ModelSet(resolve(load_catalog(), wanted, []), "cpu"))
