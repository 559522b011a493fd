"""Plain HTML for pages that are kept: no script, no network, style inside, all words escaped."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import quote

_STYLE = """
body{font:16px/1.5 Georgia,'Times New Roman',serif;color:#222;background:#fff;max-width:60rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2rem}
h3{font-size:1.05rem;margin:1.2rem 0 .2rem}
figure{display:inline-block;vertical-align:top;margin:0 1rem 1rem 0;max-width:28rem}
figure img{max-width:100%;height:auto;border:1px solid #999}
figcaption,.small{font-size:.85rem;color:#555}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5rem 0}
dt{font-weight:bold}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td p{margin:0 0 .2rem}li p{margin:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #ccc}
code{font:.8rem/1.4 Consolas,Menlo,monospace;overflow-wrap:anywhere}
.told{border-left:4px solid #a60;background:#fff6e5;padding:.5rem 1rem}
ol.steps>li{margin-bottom:1rem}details{margin-top:.2rem}
@media print{body{margin:0;max-width:none;font-size:11pt}a{color:inherit;text-decoration:none}
figure{max-width:46%;margin:0 2% .5rem 0}figure,li,tr{break-inside:avoid}h2{break-after:avoid}}
""".strip()

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows; the joiners that some scripts need are kept."""


def text(words: object) -> str:
    """Any words as HTML text: escaped, without control and direction marks; new lines stay."""
    kept = ("\ufffd" if _misleads(character) else character for character in str(words))
    return html.escape("".join(kept), quote=True)


def _misleads(character: str) -> bool:
    if character in "\n\t":
        return False
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs")


def link(path: str, words: object) -> str:
    """A link to a file of the package, relative to the page."""
    return f'<a href="{text(quote(path))}">{text(words)}</a>'


def picture(path: str, alternative: str, caption: str) -> str:
    """A figure with a picture of the package and a line below it."""
    return (
        f'<figure><img src="{text(quote(path))}" alt="{text(alternative)}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def paragraph(words: object, kind: str = "") -> str:
    """A paragraph, or nothing for no words."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{text(words)}</p>" if words else ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of names with what belongs to each, as HTML; those without anything are left out."""
    lines = [f'<dt>{text(name)}</dt><dd dir="auto">{value}</dd>' for name, value in pairs if value]
    return f"<dl>\n{chr(10).join(lines)}\n</dl>" if lines else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of HTML cells; the first cell of every row names it."""
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    lines = [
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    ]
    inside = "\n".join(lines)
    return f"<table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{inside}\n</tbody>\n</table>"


def page(title: str, body: Iterable[str]) -> str:
    """A whole document of HTML 5."""
    inside = "\n".join(part for part in body if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        f"{inside}\n</body>\n</html>\n"
    )
