"""A real library, a real scan in it, and a workbench over a small recipe without networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pipeline.config.recipe import parse_recipe
from pipeline.execute.workbench import Workbench, software_versions
from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.plan.plan import make_plan, wanted_models
from pipeline.store import record
from pipeline.store.library import open_library

SMALL = 'name = "small"\ndescription = "d"\nstages = ["split", "repair", "denoise"]\n'

OpenBench = Callable[..., AbstractContextManager[Workbench]]


@pytest.fixture
def open_bench(tmp_path: Path) -> OpenBench:
    """Open a workbench on the test's library: `with open_bench(recipe_text) as bench`."""

    @contextmanager
    def opened(text: str = SMALL) -> Iterator[Workbench]:
        recipe = parse_recipe(text, "test")
        resolved = resolve(load_catalog(), wanted_models(recipe, derivatives=False), [])
        with open_library(tmp_path / "library", write=True, create=True) as library:
            with library.ledger.write() as session:
                run_id = record.start_run(
                    session, command="test", recipe_name=recipe.name, recipe=dict(recipe.document)
                )
            models = ModelSet(resolved, device="cpu")
            plan, software = make_plan(recipe, resolved), software_versions()
            yield Workbench(library, plan, resolved, models, run_id, software=software)

    return opened


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A box with one noisy 16-bit scan, 96 x 64 px."""
    folder = tmp_path / "box"
    folder.mkdir()
    rng = np.random.default_rng(7)
    ramp = np.linspace(0.2, 0.8, 96)[None, :, None] * np.ones((64, 96, 3))
    noisy = np.clip(ramp + rng.normal(0, 0.05, ramp.shape), 0, 1)
    tifffile.imwrite(
        folder / "noisy.tif", np.round(noisy * 65535).astype(np.uint16), photometric="rgb"
    )
    return folder
