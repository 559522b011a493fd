"""A recipe as the ledger kept it, written out as TOML that `--recipe` takes again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def recipe_toml(document: Mapping[str, Any]) -> str:
    """The recipe as TOML: first what is plain, then one table for each stage.

    TOML has no null: an option without a value is written as a comment.

    Args:
        document: JSON values; tables hold plain values and lists.
    """
    plain = {key: value for key, value in document.items() if not isinstance(value, Mapping)}
    lines = [_line(key, value) for key, value in plain.items()]
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{_key(key)}]", *(_line(name, item) for name, item in value.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    return f"# {_key(key)} is not set" if value is None else f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = (f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(item) for item in value if item is not None)}]"
    return _text(str(value))


def _text(words: str) -> str:
    # TOML's basic strings escape as JSON's do, once every letter beyond ASCII is left as it is;
    # DEL alone is a control character to TOML and none to JSON.
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
