"""What an enlargement means for the print: who draws it, what it really shows, when to warn.

The planner tells it before a sheet is made, the stage records it afterwards; both reckon here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import EnlargementRefused
from pipeline.stages.sheet_layout import Layout

FINE_UP_TO = 2.0
"""Enlargement that a person does not notice."""

WARN_ABOVE = 4.0
"""Enlargement above which a network cannot draw all of it."""

LEAST_REAL_DPI = 100.0
"""Real dots per inch under which a print is soft at arm's length: a 20/20 eye resolves 1 arc
minute, so `ARC_MINUTE` / 100 = 34 in (87 cm)."""

ARC_MINUTE = 3438.0
"""Inches from which dots of 1 in subtend one arc minute, 1 / tan(1/60 degree)."""

_GIVEN = 1.1
"""px given to a network for each that the picture really resolves. It was trained on pictures
blurred first: some 0.3 dB nearer to the truth than with just as many, for a fifth more time."""

_ROUNDING = 1e-6


@dataclass(frozen=True)
class PrintQuality:
    """An enlargement, taken apart.

    Args:
        enlargement: px of the sheet for each px of the picture.
        by_network: how much of it the network does; 1.0 when none is used.
        by_lanczos: the rest, a factor as well.
        real_dpi: what the picture really resolves for each inch of paper, before it is enlarged;
            an upper bound when `measured` is false.
        dpi: resolution of the sheet.
        measured: whether the picture's real resolution is known.
    """

    enlargement: float
    by_network: float
    by_lanczos: float
    real_dpi: float
    dpi: float
    measured: bool = True

    @property
    def shown_dpi(self) -> float:
        """Real dots on an inch of the print, at most those of the sheet."""
        return min(self.real_dpi, self.dpi)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before it goes on paper."""
        said = []
        if self.enlargement > WARN_ABOVE + _ROUNDING:
            said.append(
                f"the print is enlarged {self.enlargement:.1f} times: more than {WARN_ABOVE:g} "
                "times is more than a small original gives"
            )
        if self.real_dpi < LEAST_REAL_DPI:
            metres = ARC_MINUTE / self.real_dpi * 0.0254
            said.append(
                f"the print resolves about {told_dpi(self.real_dpi)} dots per inch: it looks soft "
                f"from nearer than {metres:.1f} m"
            )
        return tuple(said)

    def as_measures(self) -> dict[str, Any]:
        """The factors as JSON."""
        return {
            "enlargement": round(self.enlargement, 4),
            "enlarged_by_network": round(self.by_network, 4),
            "enlarged_by_lanczos": round(self.by_lanczos, 4),
        }


def quality_of(
    layout: Layout,
    picture: tuple[int, int],
    fraction: float | None,
    dpi: float,
    *,
    network_scale: int | None,
    drawn_fraction: float | None = None,
) -> PrintQuality:
    """What a layout means.

    Args:
        layout: of the print.
        picture: (width, height), px.
        fraction: how much of its size the picture really resolves, 0..1; None when unknown.
        dpi: resolution of the sheet.
        network_scale: the factor of the network that draws it, None when none does.
        drawn_fraction: how much the picture resolves with what a network drew into it before;
            `fraction` when None.
    """
    known = 1.0 if fraction is None else fraction
    by_network = 1.0
    if network_scale is not None:
        seen = known if drawn_fraction is None else drawn_fraction
        drawn = network_scale * network_input(picture, seen)[0] / picture[0]
        by_network = min(drawn, layout.enlargement)
    return PrintQuality(
        layout.enlargement,
        by_network,
        layout.enlargement / by_network,
        # Along the axis that is spread most: the print is as soft as that.
        dpi * known / layout.enlargement,
        dpi,
        measured=fraction is not None,
    )


def network_input(picture: tuple[int, int], fraction: float) -> tuple[int, int]:
    """(width, height) in px at which a picture is given to a network."""
    at = min(1.0, _GIVEN * fraction)
    return max(1, round(picture[0] * at)), max(1, round(picture[1] * at))


def refuses(layout: Layout, most: float) -> bool:
    """Whether a print is enlarged more than `most` times."""
    return layout.enlargement > most * (1 + _ROUNDING)


def require_worth(layout: Layout, most: float, dpi: float) -> None:
    """Refuse a print that is not worth its paper.

    Raises:
        EnlargementRefused: it is enlarged more than `most` times.
    """
    if refuses(layout, most):
        across, down = (length / dpi for length in layout.trim)
        raise EnlargementRefused(
            f"{across:.3g} x {down:.3g} in at {dpi:g} dpi is {layout.enlargement:.1f} times the px "
            f"of the restored print; {too_far(layout, most, dpi)}"
        )


def too_far(layout: Layout, most: float, dpi: float) -> str:
    """Why a print is refused, and how large it may be."""
    across, down = (length / dpi * most / layout.enlargement for length in layout.trim)
    return (
        f"at most {most:g} times is worth the paper, which is {across:.1f} x {down:.1f} in at "
        f"{dpi:g} dpi"
    )


def told_dpi(dpi: float) -> str:
    """A resolution as well as it is known: the measurement is within 20 %."""
    step = 10 if dpi >= 100 else 5 if dpi >= 20 else 1
    return str(max(1, round(dpi / step) * step))
