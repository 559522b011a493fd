"""The provenance of one print in the words of W3C PROV-DM, as PROV-JSON.

Entities are files named by their digest, the networks' weights, the recipe, the photograph on paper
and what people decided; activities are the steps, the runs and the exports; agents are the software
with its versions and the people. What a step declined to do is recorded as an activity that used a
picture and made none, so that no picture has two origins.

https://www.w3.org/TR/prov-dm/ and https://www.w3.org/submissions/prov-json/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pipeline.export.bag_layout import MASK
from pipeline.export.bag_story import Story
from pipeline.export.provenance_text import attributes, ordered, time_of
from pipeline.export.weights_list import WeightsUsed
from pipeline.io.digest import canonical_json, sha256_json
from pipeline.store.rows import StepRow

DIGESTS = "hash://sha256/"
"""Namespace of files: the digest follows (the hash URI of Trask et al., without a location)."""

_TERMS = "urn:shoebox:terms:"
_DUBLIN_CORE = "http://purl.org/dc/terms/"
_SCAN = "scan"


def prov_json(
    story: Story, library_id: str, objects: Mapping[str, str], weights: Mapping[str, WeightsUsed]
) -> str:
    """One print's provenance as PROV-JSON; equal arguments give equal text.

    Args:
        story: the print.
        library_id: the library's UUID.
        objects: by digest, where each file lies in the package.
        weights: by digest, what is known of the networks' weights.
    """
    record = _Record(story, library_id, objects, weights)
    record.photograph()
    record.people()
    for step in story.item.steps:
        record.step(step)
    record.files_written()
    return record.text()


class _Record:
    """The document while it is written; each thing is said once."""

    def __init__(
        self,
        story: Story,
        library_id: str,
        objects: Mapping[str, str],
        weights: Mapping[str, WeightsUsed],
    ) -> None:
        from prov.model import ProvDocument

        self._story, self._objects, self._weights = story, objects, weights
        self._document = ProvDocument()
        self._document.add_namespace("sha256", DIGESTS)
        self._document.add_namespace("library", f"urn:uuid:{library_id}#")
        self._document.add_namespace("shoebox", _TERMS)
        self._document.add_namespace("dcterms", _DUBLIN_CORE)
        self._paper = f"library:photograph-{story.name}"
        self._said: set[str] = set()
        self._origins: set[str] = set()

    def photograph(self) -> None:
        """The photograph on paper, its scan, and the scans of its back."""
        caption, scan = self._story.caption, self._story.item.scan
        self._entity(
            self._paper,
            "PhysicalPhotograph",
            {
                "prov:label": f"the photograph {self._story.name} on paper",
                "dcterms:title": caption.title,
                "dcterms:date": caption.edtf or caption.date,
                "dcterms:spatial": caption.place,
                "dcterms:subject": [*caption.people, *caption.keywords],
                "dcterms:description": caption.note,
                "shoebox:dateAsWritten": caption.date,
            },
        )
        self._derived(self._file(scan.sha256, "Scan", f"scan {scan.name}"), self._paper)
        for back in self._story.item.backs:
            entity = self._file(back.sha256, "ScanOfBack", f"scan of the back, {back.name}")
            self._derived(entity, self._paper)

    def people(self) -> None:
        """Who decided about faces, and what."""
        if not self._story.choices:
            return
        person = "library:person"
        self._agent(person, "prov:Person", {"prov:label": "who keeps the library"})
        for row in self._story.choices:
            entity = f"library:decision-{row.id}"
            self._entity(
                entity,
                "Decision",
                {
                    "prov:label": f"face {row.face}: {row.action}",
                    "shoebox:command": row.command,
                    "shoebox:box": canonical_json(list(row.box)),
                    "shoebox:model": row.model or "",
                    "shoebox:strength": row.strength,
                    "prov:generatedAtTime": time_of(row.created_at),
                },
            )
            self._document.wasAttributedTo(entity, person)

    def step(self, step: StepRow) -> None:
        """One step: what it read, what it made, with what, and why."""
        activity = f"library:step-{step.id}"
        self._said.add(activity)
        began = time_of(step.started_at)
        self._document.activity(
            activity,
            began,
            began + timedelta(seconds=step.seconds),
            attributes(
                {
                    "prov:type": self._term("Step"),
                    "prov:label": f"{step.stage} {step.decision or step.status}",
                    "shoebox:stage": step.stage,
                    "shoebox:stageVersion": step.stage_version,
                    "shoebox:status": step.status,
                    "shoebox:decision": step.decision or "",
                    "shoebox:reason": step.reason,
                    "shoebox:error": step.error_text or "",
                    "shoebox:options": canonical_json(dict(step.options)),
                    "shoebox:measures": canonical_json(dict(step.measures)),
                    "shoebox:notes": list(step.notes),
                    "shoebox:key": step.key,
                    "shoebox:device": step.device or "",
                    "shoebox:arithmetic": step.dtype or "",
                    "shoebox:sameWorkAs": f"step {step.same_as}" if step.same_as else "",
                }
            ),
        )
        self._document.wasAssociatedWith(activity, self._software(step.software), self._plan(step))
        read = [self._used_file(activity, use.role, use.sha256) for use in step.inputs]
        for model in step.models:
            self._use(activity, self._model(model), str(model.get("role", "")))
        for row in self._story.choices:
            if step.options.get("choices") and row.created_at < step.started_at:
                self._use(activity, f"library:decision-{row.id}", "decision")
        self._made(activity, step, read)

    def files_written(self) -> None:
        """Exported files, in the package or elsewhere, with the picture each shows."""
        there = {export.row.id: export.path for export in self._story.exports}
        rows = [export.row for export in self._story.exports] + list(self._story.elsewhere)
        for row in sorted(rows, key=lambda row: row.id):
            entity = self._file(row.sha256, "ExportedFile", f"exported file {row.id}")
            activity = f"library:export-{row.id}"
            self._document.activity(
                activity,
                None,
                time_of(row.created_at),
                attributes(
                    {
                        "prov:type": self._term("Export"),
                        "prov:label": f"file written for step {row.step_id}",
                        "prov:location": there.get(row.id, ""),
                        "shoebox:options": canonical_json(dict(row.options)),
                    }
                ),
            )
            source = str(row.options.get("source", ""))
            if source in self._objects:
                self._use(activity, f"sha256:{source}", "photo")
                self._derived(entity, f"sha256:{source}", activity)
            self._generated(entity, activity, "file")

    def text(self) -> str:
        """The document with sorted keys; the order of what is said does not depend on the run."""
        return ordered(self._document.serialize(format="json"))

    def _made(self, activity: str, step: StepRow, read: list[str]) -> None:
        if step.same_as:
            activity = self._first_done(activity, step, read)
        sources = {use.sha256 for use in step.inputs}
        for use in step.outputs:
            if use.sha256 in sources or use.sha256 not in self._objects:
                continue
            kind, label = self._kind_of(use.role, use.sha256)
            entity = self._file(use.sha256, kind, f"{label} of {step.stage}")
            if self._generated(entity, activity, use.role):
                for source in read:
                    self._derived(entity, source, activity)

    def _first_done(self, activity: str, step: StepRow, read: list[str]) -> str:
        """The step of another print whose result was taken over: that one made the files."""
        first = f"library:step-{step.same_as}"
        if first not in self._said:
            self._said.add(first)
            began = time_of(step.started_at)
            label = f"{step.stage}, done first for the same picture elsewhere in the library"
            said = {"prov:type": self._term("Step"), "prov:label": label, "shoebox:key": step.key}
            self._document.activity(first, began, None, attributes(said))
            for entity in read:
                self._document.used(first, entity)
        self._document.wasInformedBy(activity, first)
        return first

    def _kind_of(self, role: str, sha256: str) -> tuple[str, str]:
        if role.startswith(MASK):
            return "Mask", f"mask {role.removeprefix(MASK)}"
        if role == _SCAN:
            return "Scan", "scan"
        if self._story.master and sha256 == self._story.master.sha256:
            return "Master", "master, result"
        return "Checkpoint", "result"

    def _used_file(self, activity: str, role: str, sha256: str) -> str:
        entity = self._file(sha256, "Checkpoint", "picture")
        self._use(activity, entity, role)
        return entity

    def _use(self, activity: str, entity: str, role: str) -> None:
        self._document.used(activity, entity, None, None, attributes({"prov:role": role}))

    def _generated(self, entity: str, activity: str, role: str) -> bool:
        """Say what made a file, unless its origin is known; a repetition made nothing new."""
        if entity in self._origins or entity == f"sha256:{self._story.item.scan.sha256}":
            return False
        self._origins.add(entity)
        role_said = attributes({"prov:role": role})
        self._document.wasGeneratedBy(entity, activity, None, None, role_said)
        return True

    def _derived(self, made: str, source: str, activity: str | None = None) -> None:
        self._document.wasDerivedFrom(made, source, activity)

    def _file(self, sha256: str, kind: str, label: str) -> str:
        name = f"sha256:{sha256}"
        path = self._objects.get(sha256, "")
        self._entity(name, kind, {"prov:label": label, "prov:location": path})
        return name

    def _model(self, model: Mapping[str, Any]) -> str:
        digest = str(model.get("sha256", ""))
        name = f"sha256:{digest}" if digest else f"library:model-{model.get('name')}"
        known = self._weights.get(digest)
        self._entity(
            name,
            "NetworkWeights",
            {
                "prov:label": str(model.get("name", "")),
                "dcterms:license": known.licence if known else "",
                "dcterms:source": known.source if known else "",
            },
        )
        return name

    def _software(self, versions: Mapping[str, Any]) -> str:
        name = f"library:software-{sha256_json(dict(versions))[:16]}"
        told = {f"shoebox:version-{key}": str(value) for key, value in versions.items()}
        label = f"Shoebox {versions.get('shoebox-prints', '')}".strip()
        self._agent(name, "prov:SoftwareAgent", {"prov:label": label, **told})
        return name

    def _plan(self, step: StepRow) -> str:
        name = f"library:recipe-of-run-{step.run_id}"
        path = f"data/recipes/run-{step.run_id:04d}.toml"
        self._entity(name, "prov:Plan", {"prov:label": "recipe", "prov:location": path})
        return name

    def _entity(self, name: str, kind: str, told: Mapping[str, Any]) -> None:
        if name not in self._said:
            self._said.add(name)
            said = {"prov:type": self._term(kind), **told}
            self._document.entity(name, attributes(said))

    def _agent(self, name: str, kind: str, told: Mapping[str, Any]) -> None:
        if name not in self._said:
            self._said.add(name)
            said = {"prov:type": self._term(kind), **told}
            self._document.agent(name, attributes(said))

    def _term(self, name: str) -> Any:
        return self._document.valid_qualified_name(name if ":" in name else f"shoebox:{name}")
