"""The formats that finished pictures leave Shoebox in, and what each of them can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.core.errors import UsageError

Kind = Literal["tiff", "jpeg", "png", "webp", "jxl", "pdf"]
Compression = Literal["deflate", "lzw"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FOR_THE_SCREEN = frozenset({"webp", "jxl"})
"""Written in sRGB unless another colour is asked for."""

_SUFFIXES: dict[str, str] = {
    "tiff": ".tif",
    "jpeg": ".jpg",
    "png": ".png",
    "webp": ".webp",
    "jxl": ".jxl",
    "pdf": ".pdf",
}
# The first one is the kind's own.
_DEPTHS: dict[str, tuple[int, ...]] = {
    "tiff": (16, 8),
    "jpeg": (8,),
    "png": (16, 8),
    "webp": (8,),
    "jxl": (8, 16),
    "pdf": (8, 16),
}
_WITH_QUALITY = frozenset({"jpeg", "webp", "jxl", "pdf"})
_WITH_LOSSLESS = frozenset({"webp", "jxl", "pdf"})
_LONGEST_SIDE = {"jpeg": 65_535, "webp": 16_383}
# Its encoder takes 21 to 28 bytes a px beside the picture when it is lossless.
_MOST_PIXELS_OF_LOSSLESS_WEBP = 80_000_000


@dataclass(frozen=True)
class DerivativeFormat:
    """How a derivative is written.

    Args:
        kind: "tiff", "jpeg" (4:4:4), "png", "webp", "jxl" (JPEG XL) or "pdf".
        bit_depth: 8 or 16; 0 takes the kind's own: 16 for TIFF and PNG, else 8. JPEG and WebP
            have 8 only.
        quality: 1..100, of JPEG and of WebP, JPEG XL and PDF where they are not lossless.
        compression: of TIFF only.
        lossless: of WebP, JPEG XL and PDF: every pixel is kept.
        bleed_px: of PDF: the TrimBox lies so far inside the page.

    Raises:
        UsageError: a combination that the format does not have, or a number out of range.
    """

    kind: Kind
    bit_depth: int = 0
    quality: int = 95
    compression: Compression = "deflate"
    lossless: bool = False
    bleed_px: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"no such format: {self.kind}; there are {', '.join(KINDS)}")
        depths = _DEPTHS[self.kind]
        if self.bit_depth == 0:
            object.__setattr__(self, "bit_depth", depths[0])
        if self.bit_depth not in depths:
            allowed = " or ".join(str(depth) for depth in sorted(depths))
            raise UsageError(
                f"{self.kind} cannot be written with {self.bit_depth} bits, only with {allowed}"
            )
        if not 1 <= self.quality <= 100:
            raise UsageError(f"quality {self.quality} is not within 1 and 100")
        if self.compression not in get_args(Compression):
            raise UsageError(f"no such compression: {self.compression}; there are deflate and lzw")
        self._refuse_what_the_kind_lacks()

    def _refuse_what_the_kind_lacks(self) -> None:
        if self.compression != "deflate" and self.kind != "tiff":
            raise UsageError(f"{self.compression} is a compression of tiff, not of {self.kind}")
        if self.lossless and self.kind not in _WITH_LOSSLESS:
            words = "is never lossless" if self.kind == "jpeg" else "is always lossless"
            raise UsageError(f"{self.kind} {words}; the choice is of {_listed(_WITH_LOSSLESS)}")
        if self.bleed_px < 0:
            raise UsageError(f"a bleed of {self.bleed_px} px is less than none")

    @property
    def suffix(self) -> str:
        """The file name's ending, with its dot."""
        return _SUFFIXES[self.kind]

    def refuse_size(self, width: int, height: int) -> None:
        """Refuse a picture that the format cannot hold.

        Args:
            width, height: px.

        Raises:
            UsageError: a side is longer than the format's headers can say, or packing it without
                loss would take more memory than Shoebox may.
        """
        limit = _LONGEST_SIDE.get(self.kind)
        if limit is not None and max(width, height) > limit:
            raise UsageError(
                f"{width}x{height} px do not fit into a {self.kind} file, whose sides end at "
                f"{limit:,} px; choose tiff, png or jxl, or a smaller size"
            )
        without_loss = self.kind == "webp" and self.lossless
        if without_loss and width * height > _MOST_PIXELS_OF_LOSSLESS_WEBP:
            raise UsageError(
                f"{width}x{height} px are too many for lossless webp, which takes 3 GB of memory "
                "for 80 megapixels; choose jxl, which is smaller too, or png"
            )


def _listed(kinds: frozenset[str]) -> str:
    return ", ".join(kind for kind in KINDS if kind in kinds)
