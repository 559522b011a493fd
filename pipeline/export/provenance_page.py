"""One print's page in an archive package: what it shows, how it came to be, what to trust in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import relpath

from pipeline.core.caption import Caption
from pipeline.core.photo import Dpi
from pipeline.core.stage_names import ENLARGE
from pipeline.export.bag_story import Story
from pipeline.export.disclosure import disclosure
from pipeline.export.faces_told import face_lines
from pipeline.export.page_html import facts, link, page, paragraph, picture, table, text
from pipeline.export.provenance_words import decision_of, heading, made, outcome, purpose
from pipeline.export.weights_list import WeightsUsed
from pipeline.store.rows import ScanRow, StepRow

_MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Look:
    """A print's pictures for the screen, and how large it is.

    Args:
        size: width and height of the print, px.
        dpi: across and down, or None when the scan did not say.
        before, after: paths in the package of the print as it was cut and as it is now; the
            second is None when nothing has changed it.
        thumbnail: path of the small one for the list.
        backs: paths of pictures of the back, by digest of the scan.
    """

    size: tuple[int, int]
    dpi: Dpi | None
    before: str
    after: str | None
    thumbnail: str
    backs: Mapping[str, str] = field(default_factory=dict)

    @property
    def millimetres(self) -> tuple[float, float] | None:
        """Width and height of the paper in mm, or None when the resolution is not known."""
        if self.dpi is None:
            return None
        return (
            self.size[0] / self.dpi[0] * _MM_PER_INCH,
            self.size[1] / self.dpi[1] * _MM_PER_INCH,
        )


def provenance_page(
    story: Story,
    look: Look,
    objects: Mapping[str, str],
    weights: Mapping[str, WeightsUsed],
) -> str:
    """The page `provenance.html` of one print.

    Args:
        story: the print.
        look: its pictures.
        objects: by digest, where each file lies in the package.
        weights: by digest, what is known of the networks' weights.
    """
    here = story.item.folder
    title = story.caption.title or f"Photograph {story.name}"
    return page(
        f"{title} ({story.name})",
        [
            f"<p>{link(_from(here, 'data/index.html'), 'All photographs of this package')}</p>",
            f'<h1 dir="auto">{text(title)}</h1>',
            paragraph(_standing(story)),
            _pictures(story, look, objects),
            "<h2>What is known of it</h2>",
            facts([*caption_facts(story.caption), *_scan_facts(story, look, objects)]),
            "<h2>What in it was not photographed</h2>",
            paragraph(_trust(story), "told" if story.generated.models else ""),
            "<h2>How it came to be</h2>",
            _steps(story, objects),
            _networks(story, weights),
            _files(story, objects),
            paragraph(
                "The same record for programs is provenance.json beside this page (W3C PROV-JSON)."
            ),
        ],
    )


def caption_facts(caption: Caption) -> list[tuple[str, str]]:
    """What a person wrote, as names and HTML."""
    date = caption.date
    if caption.edtf and caption.edtf != date:
        date = f"{date} (as EDTF: {caption.edtf})" if date else caption.edtf
    return [
        ("When", text(date)),
        ("Where", text(caption.place)),
        ("People", text(", ".join(caption.people))),
        ("Keywords", text(", ".join(caption.keywords))),
        ("Note", text(caption.note).replace("\n", "<br>")),
    ]


def _standing(story: Story) -> str:
    if not story.current:
        return (
            "This is an earlier cut: the scan was cut differently since, and the photograph is in "
            "this package once more under another number."
        )
    if story.master is None:
        return "This print was not restored to the end; its steps so far are below."
    return ""


def _pictures(story: Story, look: Look, objects: Mapping[str, str]) -> str:
    here, name = story.item.folder, story.name
    cut = _named(here, objects, story.item.row.sha256, "the print as it was scanned")
    shown = [picture(_from(here, look.before), f"{name} as it was scanned", f"Before: {cut}")]
    if look.after:
        master = _named(here, objects, story.picture, "the restored master")
        shown.append(picture(_from(here, look.after), f"{name} restored", f"After: {master}"))
    for back in story.item.backs:
        if back.sha256 in look.backs:
            words = _named(here, objects, back.sha256, f"scan of the back, {back.name}")
            path = _from(here, look.backs[back.sha256])
            shown.append(picture(path, f"back of {name}", f"Back: {words}"))
    return f"<div>{''.join(shown)}</div>"


def _scan_facts(story: Story, look: Look, objects: Mapping[str, str]) -> list[tuple[str, str]]:
    size = f"{look.size[0]} x {look.size[1]} px"
    if look.dpi and look.millimetres:
        width, height = look.millimetres
        size += f" at {look.dpi[0]:g} dpi: {width:.0f} x {height:.0f} mm"
    here, scan = story.item.folder, story.item.scan
    backs = ", ".join(_named(here, objects, back.sha256, back.name) for back in story.item.backs)
    return [
        ("Number", text(story.name)),
        ("Size", text(size)),
        ("Scan", _named(here, objects, scan.sha256, scan.name)),
        ("Back", backs),
        ("Box", text(box_name(scan))),
        ("Recipe", text((story.run.recipe_name or "") if story.run else "")),
        ("Source type", f"<code>{text(story.source_type)}</code>"),
    ]


def _trust(story: Story) -> str:
    told = disclosure(story.generated).strip()
    if told:
        return f"{told} Compare with the picture before, in which no network had a hand."
    if story.changed:
        return "Nothing was generated. The picture was corrected, and shows what was scanned."
    return "Nothing was generated, and nothing was changed."


def _steps(story: Story, objects: Mapping[str, str]) -> str:
    led_to_it = {step.id for step in story.way}
    decided, lines = list(story.choices), []
    for step in story.item.steps:
        while decided and step.print_id and decided[0].created_at < step.started_at:
            lines.append(f"<li>{paragraph(decision_of(decided.pop(0)))}</li>")
        lines.append(_step(story, step, objects, step.id in led_to_it))
    lines += [f"<li>{paragraph(decision_of(row))}</li>" for row in decided]
    return f'<ol class="steps">\n{chr(10).join(lines)}\n</ol>'


def _step(story: Story, step: StepRow, objects: Mapping[str, str], counted: bool) -> str:
    here = story.item.folder
    master = story.master.sha256 if story.master else None
    models = list(dict.fromkeys(str(model.get("name", "")) for model in step.models))
    when = f"{step.started_at[:19].replace('T', ' ')} UTC, {step.seconds:.1f} s"
    with_ = f"; networks: {', '.join(models)} on {step.device}" if models else ""
    aside = "" if counted or step.stage == ENLARGE else "; not part of what led to the master"
    before = {use.sha256 for use in step.inputs}
    files = [
        _named(here, objects, use.sha256, made(use.role, use.sha256 == master))
        for use in step.outputs
        if use.sha256 in objects and use.sha256 not in before
    ]
    said = [
        f"<h3>{text(heading(step.stage))}</h3>",
        paragraph(purpose(step.stage), "small"),
        paragraph(outcome(step)),
        "".join(
            paragraph(f"{told[0].upper()}{told[1:]}.")
            for told in face_lines(step.stage, step.measures)
        ),
        "".join(paragraph(note) for note in step.notes),
        f"<p>Files: {', '.join(files)}</p>" if files else "",
        paragraph(
            f"{when}; step {step.id}, {step.stage} version {step.stage_version}{with_}{aside}.",
            "small",
        ),
        _all_of_it(step),
    ]
    return f"<li>{''.join(said)}</li>"


def _all_of_it(step: StepRow) -> str:
    told = {"options": dict(step.options), "measures": dict(step.measures)}
    written = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False)
    return (
        "<details><summary>Every option and measure</summary>"
        f'<pre class="small">{text(written)}</pre></details>'
    )


def _networks(story: Story, weights: Mapping[str, WeightsUsed]) -> str:
    digests = dict.fromkeys(
        str(model.get("sha256", "")) for step in story.item.steps for model in step.models
    )
    known = [weights[digest] for digest in digests if digest in weights]
    if not known:
        return ""
    rows = [
        (
            text(item.name),
            text(", ".join(item.roles).replace("_", " ")),
            text(item.licence),
            text(item.source),
            f"<code>{text(item.sha256)}</code>",
        )
        for item in known
    ]
    head = ("Network", "Used for", "Licence", "Source", "SHA-256 of its weights")
    return f"<h2>Neural networks</h2>\n{table(head, rows)}"


def _files(story: Story, objects: Mapping[str, str]) -> str:
    here = story.item.folder
    digests = dict.fromkeys(
        [story.item.scan.sha256, *(back.sha256 for back in story.item.backs)]
        + [story.item.row.sha256]
        + [use.sha256 for step in story.item.steps if step.print_id for use in step.outputs]
    )
    rows = [(_path(here, objects[d]), _code(d)) for d in digests if d in objects]
    rows += [(_path(here, export.path), _code(export.row.sha256)) for export in story.exports]
    elsewhere = [
        f"A file of {row.bytes} bytes was written outside the library; it is not in this package "
        f"(SHA-256 {row.sha256})."
        for row in story.elsewhere
    ]
    told = "".join(paragraph(line, "small") for line in elsewhere)
    return f"<h2>Files</h2>\n{table(('File', 'SHA-256'), rows)}\n{told}"


def _named(here: str, objects: Mapping[str, str], sha256: str, words: str) -> str:
    path = objects.get(sha256)
    return link(_from(here, path), words) if path else text(words)


def _path(here: str, path: str) -> str:
    return link(_from(here, path), path.removeprefix("data/"))


def _code(digest: str) -> str:
    return f"<code>{text(digest)}</code>"


def _from(folder: str, path: str) -> str:
    return relpath(path, folder)


def box_name(scan: ScanRow) -> str:
    """The box's own name; where it lay on somebody's disk is nobody's business later."""
    return scan.box.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
