"""What becomes of faces: are they found, bettered, still themselves, and are red eyes made dark.

    python -m tests.benchmarks.faces --json
    python -m tests.benchmarks.faces --only restoring --half tuning --share 0.3 --sheets FOLDER

Choices are tuned on one portrait ("tuning"); the other is "held_out". It comes with matplotlib,
in the extra `benchmark`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.benchmarks import faces_finding, faces_identity, faces_red_eyes, faces_restoring
from tests.benchmarks.parts import Entry, parser_of, show

PARTS: dict[str, Entry] = {
    "finding": Entry(faces_finding.run, 10),
    "restoring": Entry(faces_restoring.run, 50),
    "identity": Entry(faces_identity.run, 30),
    "red eyes": Entry(faces_red_eyes.run, 48),
}


def main() -> None:
    """Read the command line, run, print; with --sheets also draw what was restored."""
    parser = parser_of(PARTS, __doc__.splitlines()[0])
    parser.add_argument("--sheets", type=Path, help="folder for before | after | truth")
    parser.add_argument("--pictures", type=Path, help="photographs to judge the guard with")
    asked = parser.parse_args()
    told = {
        **PARTS,
        "restoring": Entry(partial(faces_restoring.run, sheets=asked.sheets), 50),
        "identity": Entry(partial(faces_identity.run, pictures=asked.pictures), 30),
    }
    show(told, asked)


if __name__ == "__main__":
    main()
