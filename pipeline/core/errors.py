"""Every error Shoebox raises on purpose: one rooted tree, numbered, each with a remedy.

The class docstring is the message shown to people; `remedy` says what to do about it; `detail`
(the argument) names the file or print and the exact reason. `docs/errors.md` is generated from
this module, so nothing about an error is written down twice.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    INPUT_REFUSED = 3
    LIBRARY_BUSY = 4
    LIBRARY_DAMAGED = 5
    WEIGHTS = 6
    RESOURCES = 7
    INTERRUPTED = 130


EXIT_MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "All done.",
    ExitCode.SOME_FAILED: "Some scans or prints failed; the rest are done.",
    ExitCode.USAGE: "The command, an option or a recipe is wrong; nothing was begun.",
    ExitCode.INPUT_REFUSED: "The input cannot be used; nothing was begun.",
    ExitCode.LIBRARY_BUSY: "Another process holds the library or the GPU.",
    ExitCode.LIBRARY_DAMAGED: "The library is damaged.",
    ExitCode.WEIGHTS: "Model weights are missing or wrong; nothing was begun.",
    ExitCode.RESOURCES: "Out of disk space or memory.",
    ExitCode.INTERRUPTED: "Interrupted; the same command goes on where it stopped.",
}


class ShoeboxError(Exception):
    """Something went wrong."""

    number: ClassVar[int] = 100
    exit_code: ClassVar[ExitCode] = ExitCode.SOME_FAILED
    remedy: ClassVar[str] = "The library's logs folder tells more, and so does `shoebox --verbose`."
    passes_on_retry: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, remedy: str | None = None) -> None:
        self.detail = detail
        self.advice = remedy or self.remedy
        super().__init__(detail or self.summary())

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: the message for people."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    def line(self) -> str:
        """One line for a person: number, reason, remedy."""
        reason = self.summary().rstrip(".")
        text = (
            f"E{self.number} {reason}: {self.detail}" if self.detail else f"E{self.number} {reason}"
        )
        return f"{text.rstrip('.')}. {self.advice}"


# --- 2: usage -------------------------------------------------------------------------------


class UsageError(ShoeboxError):
    """The command cannot be understood."""

    number = 200
    exit_code = ExitCode.USAGE
    remedy = "See the command's --help."


class RecipeRefused(UsageError):
    """The recipe is not valid."""

    number = 201
    remedy = "Correct the recipe; docs/recipe-options.md lists every key with its range."


class UnknownPrint(UsageError):
    """The library holds no such print."""

    number = 202
    remedy = "`shoebox status --library DIR` lists the prints."


class SizeRefused(UsageError):
    """The print size cannot be understood."""

    number = 203
    remedy = "Write a size as 8x10in, 10x15cm, 100x150mm, A4 or wallet."


class TargetExists(UsageError):
    """A file that Shoebox did not write stands in the way."""

    number = 204
    remedy = "Choose another folder, or add --overwrite."


class BoxRefused(UsageError):
    """The box cannot be used."""

    number = 205
    remedy = "Give the folder that holds the scans; it may not lie inside the library."


class TargetRefused(UsageError):
    """Nothing can be exported to this folder."""

    number = 206
    remedy = "Choose a folder outside the library."


class ProfileRefused(UsageError):
    """The ICC profile cannot be used for this picture."""

    number = 207
    remedy = "Ask the print shop for its RGB profile, or use srgb, adobe-rgb or display-p3."


class EnlargementRefused(UsageError):
    """The print would be enlarged too far to be worth its paper."""

    number = 208
    remedy = "Choose a smaller size or a lower --dpi, or add --force."


class CaptionsRefused(UsageError):
    """The file of captions cannot be used."""

    number = 209
    remedy = "Save it as CSV in UTF-8 with a column named file; `shoebox captions` writes one."


class CredentialsRefused(UsageError):
    """The certificate or key for Content Credentials cannot be used."""

    number = 210
    remedy = "Give a PEM certificate chain and its private key; docs/archive.md tells which."


# --- 3: input -------------------------------------------------------------------------------


class InputRefused(ShoeboxError):
    """The file cannot be used as a scan."""

    number = 300
    exit_code = ExitCode.INPUT_REFUSED
    remedy = "Scan the print again, or save the file as TIFF, PNG or JPEG."


class EmptyScan(InputRefused):
    """The file is empty or holds a picture without pixels."""

    number = 301
    remedy = "Copy it from the scanner again."


class NotAScan(InputRefused):
    """The contents are not a TIFF, PNG or JPEG picture."""

    number = 302
    remedy = "Save the picture as TIFF, PNG or JPEG, or take the file out of the box."


class TruncatedScan(InputRefused):
    """The file is cut short or damaged, so part of the picture is missing."""

    number = 303
    remedy = "Copy it from the scanner again, or scan the print again."


class UnsupportedScan(InputRefused):
    """The file is a picture of a kind that Shoebox does not read."""

    number = 304
    remedy = "Save it as RGB or grey TIFF or PNG with 8 or 16 bits, or as JPEG."


class ScanTooLarge(InputRefused):
    """The picture is larger than the limit for one scan."""

    number = 305
    remedy = "If the file is genuine, raise --max-megapixels."


class ScanChanged(InputRefused):
    """The file changed while it was being copied in."""

    number = 306
    remedy = "Wait until the scanner has finished writing, then run the command again."


class ScanUnreadable(InputRefused):
    """The file cannot be opened."""

    number = 307
    remedy = "Check that the file exists and that you may read it."


class BagRefused(InputRefused):
    """The archive package is damaged, incomplete or none of Shoebox's."""

    number = 308
    remedy = "Copy it again from where it is kept; `bagit.py --validate` tells what is wrong."


class NotOurFile(InputRefused):
    """The file does not say which library it came from, and no library knows it."""

    number = 309
    remedy = "Give the library that wrote it with --library."


# --- 4: busy --------------------------------------------------------------------------------


class LibraryBusy(ShoeboxError):
    """Another process is using this library."""

    number = 400
    exit_code = ExitCode.LIBRARY_BUSY
    remedy = "Wait until it has finished, or stop that process."


class LedgerLocked(LibraryBusy):
    """Another program holds the ledger's database."""

    number = 401
    remedy = "Close the program that has the database open, then run the command again."


class GpuBusy(ShoeboxError):
    """Another process is using this GPU."""

    number = 402
    exit_code = ExitCode.LIBRARY_BUSY
    remedy = "Wait until it has finished, or add --device cpu."


# --- 5: damaged -----------------------------------------------------------------------------


class LibraryDamaged(ShoeboxError):
    """The library is damaged."""

    number = 500
    exit_code = ExitCode.LIBRARY_DAMAGED
    remedy = "Run `shoebox verify --library DIR` to see what is affected."


class ObjectDamaged(LibraryDamaged):
    """A stored file no longer matches its digest."""

    number = 501
    remedy = "Run `shoebox digitize` again: checkpoints are recomputed from the original scan."


class ObjectMissing(LibraryDamaged):
    """A stored file is gone."""

    number = 502
    remedy = "Run `shoebox digitize` again: checkpoints are recomputed from the original scan."


class OriginalDamaged(LibraryDamaged):
    """The library's copy of an original scan no longer matches its digest."""

    number = 503
    remedy = (
        "Put the scan back into its box and run `shoebox digitize`, or restore the file from a "
        "backup; an original is never recomputed."
    )


class LedgerDamaged(LibraryDamaged):
    """The ledger's database is damaged."""

    number = 504
    remedy = "Restore ledger.sqlite from a backup; the objects beside it are untouched."


class NotALibrary(LibraryDamaged):
    """The folder is not a Shoebox library, or its ledger belongs to another one."""

    number = 505
    remedy = "Check --library; a new library needs an empty or new folder."


class LibraryTooNew(LibraryDamaged):
    """The library was written by a newer Shoebox."""

    number = 506
    remedy = "Install the newer Shoebox to open it."


class LibraryReadOnly(LibraryDamaged):
    """The library cannot be written to."""

    number = 507
    remedy = "Make the folder writable or choose another --library; nothing was begun."


# --- 6: weights -----------------------------------------------------------------------------


class WeightsError(ShoeboxError):
    """Model weights cannot be used."""

    number = 600
    exit_code = ExitCode.WEIGHTS
    remedy = "`shoebox models list` shows what is there."


class WeightsMissing(WeightsError):
    """Model weights are missing."""

    number = 601
    remedy = "Run `shoebox models fetch NAME`."


class WeightsWrong(WeightsError):
    """Model weights do not match the digest in the catalogue, or are cut."""

    number = 602
    remedy = "Delete the file and run `shoebox models fetch NAME`."


class UnknownModel(WeightsError):
    """The catalogue has no such model, or none for this role."""

    number = 603
    remedy = "`shoebox models list` shows the catalogue."


class FetchFailed(WeightsError):
    """The weights could not be downloaded."""

    number = 604
    remedy = "Check the network and run the command again; a part already there is resumed."


# --- 7: resources ---------------------------------------------------------------------------


class ResourcesExhausted(ShoeboxError):
    """The machine ran out of something."""

    number = 700
    exit_code = ExitCode.RESOURCES


class DiskFull(ResourcesExhausted):
    """No space is left where the file had to go; nothing was published."""

    number = 701
    remedy = "Free some space, then run the same command again: finished steps are kept."


class OutOfMemory(ResourcesExhausted):
    """Memory ran out."""

    number = 702
    remedy = "Close other programs or choose --device cpu, then run the same command again."
    passes_on_retry = True


class WriteFailed(ResourcesExhausted):
    """The file could not be written safely."""

    number = 703
    remedy = "Check the disk, then run the same command again: finished steps are kept."


# --- 1: one print failed --------------------------------------------------------------------


class StageFailed(ShoeboxError):
    """A stage failed on this print."""

    number = 110
    remedy = "`shoebox rerun --failed` tries it again."


class StageContractBroken(StageFailed):
    """A stage made or was given a picture that breaks the contract."""

    number = 111
    remedy = "This is a bug in the stage; the print's earlier checkpoints are untouched."


class BadOutput(StageFailed):
    """A stage's result is NaN, infinite or one flat colour, so it was thrown away."""

    number = 112
    remedy = "`shoebox rerun --failed` tries it again; the checkpoints before it are kept."


class ServerLost(ShoeboxError):
    """Prefect's server did not start, or stopped answering in the middle of the run."""

    number = 120
    remedy = "Run the same command again: finished steps are kept."


def error_classes() -> list[type[ShoeboxError]]:
    """Every error class in the order of its number, for the docs and their test."""
    found: list[type[ShoeboxError]] = []
    queue: list[type[ShoeboxError]] = [ShoeboxError]
    while queue:
        cls = queue.pop()
        found.append(cls)
        queue.extend(cls.__subclasses__())
    return sorted(found, key=lambda cls: cls.number)
