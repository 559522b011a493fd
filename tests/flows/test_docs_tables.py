from __future__ import annotations

from pathlib import Path

import pytest

from flows.docs_tables import PAGES
from pipeline.config.recipe import load_recipe

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `make docs`"


def test_an_option_is_listed_with_its_range() -> None:
    page = PAGES["recipe-options.md"]()
    strength = load_recipe("archive").document["denoise"]["strength"]
    assert f"| `strength` | `{strength}` | from 0 to 2 |" in page
    assert "above 0" in page
