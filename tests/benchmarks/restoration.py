"""How near the restoration comes to the truth, part by part, and whether it does any harm.

    python -m tests.benchmarks.restoration --json
    python -m tests.benchmarks.restoration --only colour damage --half tuning --share 0.2

Choices are tuned on one half of the seeds and of the photographs ("tuning"); what counts is the
other ("held_out"). Rivals that a person would use instead are scored in the same run.
"""

from __future__ import annotations

from tests.benchmarks import (
    restoration_colour,
    restoration_damage,
    restoration_deblur,
    restoration_diagnosis,
    restoration_harm,
    restoration_noise,
    restoration_order,
    restoration_split,
)
from tests.benchmarks.parts import Entry, parser_of, show

PARTS: dict[str, Entry] = {
    "split": Entry(restoration_split.run, 200),
    "diagnosis": Entry(restoration_diagnosis.run, 120),
    "colour": Entry(restoration_colour.run, 60),
    "noise": Entry(restoration_noise.run, 12),
    "damage": Entry(restoration_damage.run, 40),
    "deblur": Entry(restoration_deblur.run, 24),
    "order": Entry(restoration_order.run, 12),
    "harm": Entry(restoration_harm.run, 12),
}


def main() -> None:
    """Read the command line, run, print."""
    show(PARTS, parser_of(PARTS, __doc__.splitlines()[0]).parse_args())


if __name__ == "__main__":
    main()
