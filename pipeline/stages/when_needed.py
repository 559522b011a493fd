"""Options of stages that redraw only what is noisy, blocky or soft."""

from __future__ import annotations

from pydantic import Field

from pipeline.stages.base import StageOptions
from pipeline.stages.measure.condition import Limits


class WhenNeededOptions(StageOptions):
    """What calls for redrawing; the measures are those of `measure.condition.Condition`."""

    only_when_needed: bool = Field(
        True, description="leave alone what is neither noisy, blocky nor soft"
    )
    noise_from: float = Field(
        0.0065, ge=0.0, le=1.0, description="standard deviation of noise that calls for it, 0 to 1"
    )
    blockiness_from: float = Field(
        0.16, ge=0.0, description="JPEG block edges over other edges, less 1, that call for it"
    )
    soft_below: float = Field(
        0.6, ge=0.0, le=1.0, description="real detail as a share of the pixels, below which it acts"
    )

    @property
    def limits(self) -> Limits:
        """The options as limits to judge by."""
        return Limits(self.noise_from, self.blockiness_from, self.soft_below)
