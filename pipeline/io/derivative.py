"""Derivatives: finished pictures for people, with resolution, profile and metadata inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ProfileRefused, StageContractBroken
from pipeline.core.photo import Photo
from pipeline.io.blocks import Blocks
from pipeline.io.colour import grey_profile, profile_space, srgb_profile
from pipeline.io.derivative_format import FOR_THE_SCREEN, DerivativeFormat, Kind
from pipeline.io.file_metadata import metadata_blocks
from pipeline.io.output_colour import OutputColour, converted, output_colour
from pipeline.io.said import Said
from pipeline.io.sample_rows import at_depth

__all__ = ["DerivativeFormat", "write_derivative"]

_SCREEN_COLOUR = "srgb"


def write_derivative(
    photo: Photo,
    file: BinaryIO,
    form: DerivativeFormat,
    *,
    said: Said,
    colour: OutputColour | None = None,
) -> None:
    """Write the photo's pixels in a format; equal arguments give equal bytes.

    Without `colour` they are written exactly, in their own profile; WebP and JPEG XL are for the
    screen and then converted to sRGB. A monochrome photo is written as one grey channel with a
    grey profile of the same tone curve, unless its profile has none to give, or the format (WebP)
    has no grey; then as RGB in its own profile.

    Args:
        photo: what to write; no profile means sRGB, which is then embedded.
        file: empty and seekable.
        form: the format.
        said: what the file says of itself; with an empty `source_type` no XMP packet is written.
        colour: the encoding to convert to first, or None.

    Raises:
        UsageError: a side longer than the format can hold.
        ProfileRefused: the format cannot hold this encoding.
        StageContractBroken: the photo's profile is not for its pixels.
    """
    form.refuse_size(photo.width, photo.height)
    shown = _in_colour(photo, form.kind, colour)
    samples, icc = _samples_and_profile(shown, form.kind)
    is_srgb = shown.icc is None or shown.icc == srgb_profile()
    if form.bit_depth == 8 and not np.may_share_memory(shown.samples, photo.samples):
        # Lets go of the converted 16-bit copy before the encoder takes memory of its own.
        samples = at_depth(samples, 8)
    del shown
    exif, xmp, iptc = metadata_blocks(
        said,
        size=(photo.width, photo.height),
        dpi=photo.dpi,
        is_srgb=is_srgb,
        kind=form.kind,
        channels=samples.shape[2],
    )
    blocks = Blocks(icc, photo.dpi, exif, xmp if said.source_type else None, iptc)
    _writer(form.kind, said)(file, samples, blocks, form)


def _in_colour(photo: Photo, kind: Kind, colour: OutputColour | None) -> Photo:
    if colour is None:
        if kind not in FOR_THE_SCREEN:
            return photo
        colour = output_colour(_SCREEN_COLOUR)
    if kind == "jxl" and colour.icc != srgb_profile():
        raise ProfileRefused(
            f"{colour.description}: JPEG XL is written in sRGB",
            remedy="Leave the profile out for jxl, or choose tiff, png, jpeg or webp.",
        )
    if kind == "webp" and colour.space == "GRAY":
        raise ProfileRefused(
            f"{colour.description}: WebP has no grey",
            remedy="Choose an RGB profile such as srgb for webp, or another format.",
        )
    return replace(converted(photo, colour), icc=colour.icc)


def _samples_and_profile(photo: Photo, kind: Kind) -> tuple[NDArray[Any], bytes]:
    """uint16 (H, W, 1 or 3) and the profile to embed with them."""
    icc = photo.icc or srgb_profile()
    if photo.monochrome and kind == "webp":
        return photo.samples, icc
    if photo.monochrome:
        grey = grey_profile(photo.icc)
        if grey is not None:
            return photo.samples, grey
    if profile_space(icc) != "RGB":
        raise StageContractBroken(f"colour pixels with a profile for {profile_space(icc)}")
    return np.broadcast_to(photo.samples, (photo.height, photo.width, 3)), icc


Write = Callable[[BinaryIO, NDArray[Any], Blocks, DerivativeFormat], None]


def _writer(kind: Kind, said: Said) -> Write:
    """The writer of a kind. Imported only now, as it brings its own encoder with it."""
    if kind == "tiff":
        from pipeline.io.write_tiff_picture import write_tiff_picture

        return write_tiff_picture
    if kind == "png":
        from pipeline.io.write_png import write_png

        return write_png
    if kind == "jpeg":
        from pipeline.io.write_jpeg import write_jpeg

        return write_jpeg
    if kind == "webp":
        from pipeline.io.write_webp import write_webp

        return write_webp
    if kind == "jxl":
        from pipeline.io.write_jxl import write_jxl

        return write_jxl
    return _pdf_writer(_title(said), said.software)


def _pdf_writer(title: str, software: str) -> Write:
    from pipeline.io.write_pdf import write_pdf

    def write(
        file: BinaryIO, samples: NDArray[Any], blocks: Blocks, form: DerivativeFormat
    ) -> None:
        write_pdf(file, samples, blocks, form, title=title, software=software)

    return write


def _title(said: Said) -> str:
    """What a window shows above the page: the caption's title, or the print's name."""
    return said.caption.title or (said.identity.print_name if said.identity else "Photograph")
