"""Calling a stage so that whatever goes wrong becomes one typed error."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.core.errors import OutOfMemory, ShoeboxError, StageFailed
from pipeline.core.photo import Photo
from pipeline.execute.outputs import check_outcome
from pipeline.plan.plan import PlannedStep
from pipeline.stages.base import Outcome, Tools


def run_stage(planned: PlannedStep, photo: Photo, tools: Tools) -> Outcome:
    """Run one planned stage on a photo and check what it made.

    Raises:
        ShoeboxError: as the stage raised it.
        OutOfMemory: memory ran out.
        StageFailed: the stage raised anything else.
        BadOutput, StageContractBroken: the result breaks the contract.
    """
    stage = planned.configured.stage
    run: Callable[..., Outcome] = stage.run
    try:
        outcome = run(photo, planned.configured.options, tools)
    except ShoeboxError:
        raise
    except MemoryError as error:
        raise OutOfMemory(f"{stage.name}: {error}") from error
    except Exception as error:
        raise StageFailed(f"{stage.name}: {type(error).__name__}: {error}") from error
    check_outcome(stage, photo, outcome)
    return outcome
