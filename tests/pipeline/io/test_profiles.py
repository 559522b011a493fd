"""The profiles by name have the published numbers; a shop's own is taken or refused in words."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from pipeline.core.errors import ProfileRefused
from pipeline.io import profiles
from pipeline.io.colour import grey_profile, profile_fault, profile_name, srgb_profile
from pipeline.io.icc_tags import tags_of
from pipeline.io.profiles import (
    MAX_PROFILE_BYTES,
    PROFILE_NAMES,
    output_profile,
    proof_profile,
)
from tests.pipeline.io.printer_profile import changed, press_profile, printer_profile

# Colorants under D50 as the makers publish them: in Apple's "Display P3.icc", and in the
# specification of Adobe RGB (1998), section 4.3.6.
PUBLISHED = {
    "display-p3": (
        (0.51512, 0.24120, -0.00105),
        (0.29198, 0.69225, 0.04189),
        (0.15710, 0.06657, 0.78407),
    ),
    "adobe-rgb": (
        (0.60974, 0.31111, 0.01947),
        (0.20528, 0.62567, 0.06087),
        (0.14919, 0.06322, 0.74457),
    ),
}


def _numbers(tag: bytes) -> list[float]:
    count = (len(tag) - 8) // 4
    return [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 8)]


def _file(folder: Path, icc: bytes, name: str = "shop.icc") -> Path:
    path = folder / name
    path.write_bytes(icc)
    return path


@pytest.mark.parametrize("name", ["display-p3", "adobe-rgb"])
def test_the_primaries_are_the_published_ones(name: str) -> None:
    tags = tags_of(output_profile(name))
    for tag, expected in zip((b"rXYZ", b"gXYZ", b"bXYZ"), PUBLISHED[name], strict=True):
        np.testing.assert_allclose(_numbers(tags[tag]), expected, atol=4e-5)
    total = np.sum([_numbers(tags[tag]) for tag in (b"rXYZ", b"gXYZ", b"bXYZ")], axis=0)
    np.testing.assert_allclose(total, (0.9642, 1.0, 0.8249), atol=5e-5)


def test_display_p3_has_the_tone_curve_and_white_of_srgb() -> None:
    ours, srgb = tags_of(output_profile("display-p3")), tags_of(srgb_profile())
    for tag in (b"rTRC", b"gTRC", b"bTRC", b"wtpt", b"chad"):
        assert ours[tag] == srgb[tag]
    gamma, a, b, c, d = np.array(struct.unpack(">5i", ours[b"rTRC"][12:32])) / 65536
    np.testing.assert_allclose(
        (gamma, a, b, c, d), (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), atol=2e-5
    )


def test_adobe_rgb_has_gamma_563_256() -> None:
    curve = tags_of(output_profile("adobe-rgb"))[b"rTRC"]
    assert struct.unpack(">IH", curve[8:14]) == (1, 563)


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_every_name_gives_a_valid_undated_profile_with_a_grey_twin(name: str) -> None:
    icc = output_profile(name)
    assert struct.unpack_from(">I", icc)[0] == len(icc)
    assert icc[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    assert profile_fault(icc, "RGB") is None
    imagecodecs.cms_profile_validate(icc)
    grey = grey_profile(icc)
    assert grey is not None
    assert profile_fault(grey, "GRAY") is None
    assert icc == proof_profile(name)


def test_the_names_inside_say_what_they_are() -> None:
    assert profile_name(output_profile("adobe-rgb")) == "Compatible with Adobe RGB (1998)"
    assert profile_name(output_profile("display-p3")) == "Display P3"


def test_the_bytes_are_the_same_when_made_again() -> None:
    # Files are kept by digest: a date inside would make every export a new file.
    for make in (profiles.adobe_rgb_profile, profiles.display_p3_profile):
        assert make.__wrapped__() == make()


def test_a_print_shops_profile_is_taken_without_what_follows_it(tmp_path: Path) -> None:
    icc = printer_profile()
    assert output_profile(_file(tmp_path, icc + b"trailing")) == icc
    assert output_profile(str(_file(tmp_path, icc, "Ünï çode.icm"))) == icc
    grey = grey_profile(None)
    assert grey is not None
    assert output_profile(_file(tmp_path, grey)) == grey


@pytest.mark.parametrize(
    ("at", "to", "words"),
    [
        (12, b"scnr", "describes a scanner"),
        (12, b"link", "device link"),
        (12, b"abst", "effect"),
        (12, b"nmcl", "ink colours"),
        (16, b"Lab ", "Lab"),
        (16, b"XYZ ", "XYZ"),
        (16, b"6CLR", "'6CLR'"),
        (36, b"none", "not an ICC profile"),
    ],
)
def test_a_profile_for_something_else_is_refused_with_what_it_is_for(
    tmp_path: Path, at: int, to: bytes, words: str
) -> None:
    path = _file(tmp_path, changed(printer_profile(), at, to))
    for ask in (output_profile, proof_profile):
        with pytest.raises(ProfileRefused, match=re.escape(words)) as caught:
            ask(path)
        assert str(path) in str(caught.value)
        assert "srgb" in caught.value.line()


def test_a_refusal_tells_the_profiles_own_name(tmp_path: Path) -> None:
    path = _file(tmp_path, changed(printer_profile("Scan\x07ner 9"), 12, b"scnr"))
    with pytest.raises(ProfileRefused, match=r"\(Scan\?ner 9\)"):
        output_profile(path)


def test_a_cmyk_profile_serves_a_soft_proof_and_no_export(tmp_path: Path) -> None:
    path = _file(tmp_path, press_profile())
    assert proof_profile(path) == press_profile()
    with pytest.raises(ProfileRefused, match="it is for CMYK, the four inks") as caught:
        output_profile(path)
    assert "ask the shop for its RGB profile" in caught.value.line()


def test_a_cmyk_profile_that_is_no_real_one_is_refused_for_proofs_too(tmp_path: Path) -> None:
    path = _file(tmp_path, changed(printer_profile(), 16, b"CMYK"))
    with pytest.raises(ProfileRefused, match="cannot be used"):
        proof_profile(path)
    with pytest.raises(ProfileRefused):
        output_profile(path)


def test_a_cut_profile_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    icc = output_profile("adobe-rgb")
    for length in range(0, len(icc), 13):
        with pytest.raises(ProfileRefused):
            output_profile(_file(tmp_path, icc[:length]))


def test_a_profile_of_random_damage_is_refused_or_usable(tmp_path: Path) -> None:
    icc, random = output_profile("display-p3"), np.random.default_rng(1)
    for _ in range(200):
        damaged = np.frombuffer(icc, np.uint8).copy()
        places = random.integers(0, len(icc), 6)
        damaged[places] = random.integers(0, 256, 6)
        try:
            taken = output_profile(_file(tmp_path, damaged.tobytes()))
        except ProfileRefused:
            continue
        assert profile_fault(taken, "RGB") is None or profile_fault(taken, "GRAY") is None


def test_a_name_that_is_neither_known_nor_a_file_lists_the_names(tmp_path: Path) -> None:
    with pytest.raises(ProfileRefused, match="no such file") as caught:
        output_profile(tmp_path / "prophoto")
    assert "srgb, adobe-rgb, display-p3" in caught.value.advice
    with pytest.raises(ProfileRefused, match="cannot be read"):
        output_profile("a\x00b.icc")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_only_files_of_a_size_that_pictures_can_hold_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProfileRefused, match="not a file"):
        output_profile(tmp_path)
    os.mkfifo(tmp_path / "pipe.icc")
    with pytest.raises(ProfileRefused, match="not a file"):
        output_profile(tmp_path / "pipe.icc")
    huge = tmp_path / "huge.icc"
    with huge.open("wb") as file:
        file.truncate(MAX_PROFILE_BYTES + 1)
    with pytest.raises(ProfileRefused, match="16,777,217 bytes"):
        profiles.output_profile(huge)
