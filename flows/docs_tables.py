"""The parts of the docs that are generated from the code: errors and recipe options.

`python -m flows.docs_tables` writes them; a test compares them, so they never fall behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.core.errors import EXIT_MEANINGS, error_classes
from pipeline.stages.registry import STAGES

_DOCS = Path(__file__).resolve().parent.parent / "docs"


def errors_page() -> str:
    """`docs/errors.md`: exit codes and every error with its remedy."""
    lines = [
        "# Errors and exit codes",
        "",
        "Generated from `pipeline/core/errors.py` by `make docs`.",
        "",
        "## Exit codes",
        "",
        "| code | meaning |",
        "|---|---|",
        *(f"| {int(code)} | {meaning} |" for code, meaning in EXIT_MEANINGS.items()),
        "",
        "## Errors",
        "",
        "| error | exit code | what happened | what to do |",
        "|---|---|---|---|",
        *(
            f"| E{cls.number} {cls.__name__} | {int(cls.exit_code)} "
            f"| {cls.summary()} | {cls.remedy} |"
            for cls in error_classes()
        ),
    ]
    return "\n".join(lines) + "\n"


def options_page() -> str:
    """`docs/recipe-options.md`: every option of every stage with its default and range."""
    lines = [
        "# Recipe options",
        "",
        "Generated from the stages by `make docs`. Write an option under its stage's table in a",
        "recipe; see [recipes](recipes.md).",
    ]
    for stage in STAGES:
        lines += ["", f"## [{stage.name}]", "", "| option | default | range | meaning |"]
        lines.append("|---|---|---|---|")
        schema = stage.options.model_json_schema()
        for name, field in schema.get("properties", {}).items():
            meaning = str(field.get("description", "")).replace("|", "\\|")
            default = _default(field.get("default"))
            lines.append(f"| `{name}` | {default} | {_range(field)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"`{item}`" for item in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "none" if value is None else f"`{value}`"


def _range(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        field = {**field, **field["anyOf"][0]}
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    words = [
        f"{word} {field[key]:g}"
        for key, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
            ("exclusiveMaximum", "below"),
        )
        if key in field
    ]
    return " ".join(words)


PAGES = {"errors.md": errors_page, "recipe-options.md": options_page}


def main() -> None:
    """Write the generated pages."""
    for name, page in PAGES.items():
        (_DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
