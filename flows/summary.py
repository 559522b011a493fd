"""What a run did, counted while it goes on, told at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flows.tasks import FinishedStep
from pipeline.core.errors import ExitCode, ShoeboxError


@dataclass
class RunSummary:
    """Counts and sentences of one run."""

    library: str
    recipe: str
    run_id: int
    device: str
    box: str | None = None
    files: dict[str, int] = field(
        default_factory=lambda: {"found": 0, "new": 0, "recognised": 0, "refused": 0}
    )
    prints: dict[str, int] = field(
        default_factory=lambda: {"total": 0, "restored": 0, "already_done": 0, "failed": 0}
    )
    steps: dict[str, int] = field(
        default_factory=lambda: {"ran": 0, "reused": 0, "skipped": 0, "failed": 0}
    )
    outputs: list[str] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    passed_over: list[dict[str, str]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    plans: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def exit_code(self) -> ExitCode:
        """0 when nothing failed, else 1."""
        return ExitCode.SOME_FAILED if self.problems else ExitCode.DONE

    def count_step(self, label: str, step: FinishedStep) -> None:
        """Count a finished step and keep its notes and what it found."""
        self.steps["ran" if step["ran"] else "reused"] += 1
        if step["decision"] == "skipped":
            self.steps["skipped"] += 1
        for note in step["notes"]:
            self.note(note, label)
        if step["found"]:
            self.findings.setdefault(label, []).append(step["found"])

    def note(self, sentence: str, label: str) -> None:
        """Keep a sentence for the end, once, with the items it is about."""
        labels = self.notes.setdefault(sentence, [])
        if label not in labels:
            labels.append(label)

    def problem(self, item: str, stage: str, error: ShoeboxError) -> None:
        """Count a failure."""
        self.problems.append({"item": item, "stage": stage, "error": error.line()})

    def document(self) -> dict[str, Any]:
        """The summary as JSON."""
        return {
            "library": self.library,
            "box": self.box,
            "recipe": self.recipe,
            "run_id": self.run_id,
            "device": self.device,
            "files": self.files,
            "prints": self.prints,
            "steps": self.steps,
            "outputs": self.outputs,
            "problems": self.problems,
            "passed_over": self.passed_over,
            "findings": [
                {"item": item, "found": "; ".join(found)} for item, found in self.findings.items()
            ],
            "plans": self.plans,
            "notes": [{"note": note, "items": items} for note, items in self.notes.items()],
            "seconds": round(self.seconds, 2),
            "exit_code": int(self.exit_code),
        }
