"""Which encoding of colour a JPEG XL codestream says its samples are in.

Read and set in the bits of its header (ISO/IEC 18181-1, image header and colour encoding), since
the encoder at hand labels all 16-bit samples as linear light. Only the headers that it writes are
understood: whole pictures of integers with one colour, no extra channel and no ICC profile.
"""

from __future__ import annotations

from pipeline.core.errors import StageContractBroken

HEADER_BYTES = 64
"""Enough for any header that is understood here."""

_SIGNATURE = b"\xff\x0a"
_SIDE_BITS = (9, 13, 18, 30)
_GREY, _RGB = 1, 0
_D65, _SRGB_PRIMARIES = 1, 1
_LINEAR, _SRGB = 8, 13
# Enumerations from 2 to 17 are written as the number 2 in two bits, then the rest in four.
_FIRST_OF_FOUR_BITS = 2


def labelled_srgb(head: bytes) -> bytes:
    """The head of a codestream with the transfer curve of sRGB instead of linear light.

    Samples stored as they are (lossless) then are sRGB ones. In a lossy codestream, whose samples
    are stored as XYB, the label tells only in which encoding they are to be shown.

    Args:
        head: the first bytes of a codestream, `HEADER_BYTES` or all of it.

    Returns:
        as many bytes; the same ones when they said sRGB already.

    Raises:
        StageContractBroken: a header of another kind than the encoder is known to write.
    """
    bits = _Bits(head)
    if bits.take(16) != int.from_bytes(_SIGNATURE, "little"):
        raise StageContractBroken("not a JPEG XL codestream")
    _skip_size(bits)
    if bits.take(1):  # every default, of which sRGB is one
        return head
    _expect(bits.take(1) == 0, "extra fields")
    _expect(bits.take(1) == 0, "floating point")
    if bits.take(2) == 3:
        bits.take(6)  # bits a sample, less one
    bits.take(1)  # whether 16-bit buffers suffice
    _expect(bits.take(2) == 0, "an extra channel")
    bits.take(1)  # whether the samples are XYB
    if bits.take(1):  # the default colour encoding: sRGB
        return head
    _expect(bits.take(1) == 0, "an ICC profile")
    space = _enumeration(bits)
    _expect(space in (_RGB, _GREY), "another colour space")
    _expect(_enumeration(bits) == _D65, "another white")
    if space == _RGB:
        _expect(_enumeration(bits) == _SRGB_PRIMARIES, "other primaries")
    _expect(bits.take(1) == 0, "a gamma")
    at = bits.at
    curve = _enumeration(bits)
    _expect(curve in (_LINEAR, _SRGB), "another transfer curve")
    return bits.with_number(at + 2, 4, _SRGB - _FIRST_OF_FOUR_BITS)


def _skip_size(bits: _Bits) -> None:
    small = bits.take(1)
    bits.take(5 if small else _SIDE_BITS[bits.take(2)])
    if bits.take(3) == 0:  # no fixed ratio: the width follows
        bits.take(5 if small else _SIDE_BITS[bits.take(2)])


def _enumeration(bits: _Bits) -> int:
    selector = bits.take(2)
    if selector < 2:
        return selector
    return _FIRST_OF_FOUR_BITS + bits.take(4) if selector == 2 else 18 + bits.take(6)


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise StageContractBroken(f"a JPEG XL header with {otherwise}")


class _Bits:
    """Numbers out of bytes, the least significant bit first."""

    def __init__(self, data: bytes) -> None:
        self._length = len(data)
        self._number = int.from_bytes(data, "little")
        self.at = 0

    def take(self, count: int) -> int:
        """The next number of so many bits."""
        if self.at + count > 8 * self._length:
            raise StageContractBroken("a JPEG XL header that ends too early")
        taken = (self._number >> self.at) & ((1 << count) - 1)
        self.at += count
        return taken

    def with_number(self, at: int, count: int, value: int) -> bytes:
        """All bytes, with another number at a place."""
        cleared = self._number & ~(((1 << count) - 1) << at)
        return (cleared | value << at).to_bytes(self._length, "little")
