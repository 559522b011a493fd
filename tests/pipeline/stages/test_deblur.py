"""Blur of camera and lens is measured and taken back; what is sharp or uncertain is left alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Tools
from pipeline.stages.deblur import Options, deblur
from pipeline.stages.deconvolution import defocus_psf, motion_psf

TOOLS = Tools(ModelSet({}, "cpu"))
Pixels = NDArray[np.float32]


def clean(name: str) -> Pixels:
    picture = getattr(data, name)()
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    return picture.astype(np.float32) / np.float32(255)


def scanned(picture: Pixels, psf: Pixels, *, grey: bool = False) -> Photo:
    soft = cv2.filter2D(picture, -1, psf[::-1, ::-1], borderType=cv2.BORDER_REFLECT_101)
    noise = np.random.default_rng(5).normal(0, 1 / 255, picture.shape).astype(np.float32)
    pixels = np.clip(soft + (noise[..., :1] if grey else noise), 0, 1)
    return Photo.of(pixels, (300.0, 300.0), monochrome=grey)


def psnr(one: Pixels, two: Pixels) -> float:
    return float(-10 * np.log10(np.square(one - two).mean()))


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_camera_motion_is_found_and_taken_back(name: str) -> None:
    truth = clean(name)
    scan = scanned(truth, motion_psf(11.0, 30.0))
    outcome = deblur(scan, Options(), TOOLS)
    assert outcome.decision == "applied", outcome.reason
    assert "motion" in outcome.reason
    assert psnr(outcome.photo.pixels, truth) > psnr(scan.pixels, truth) + 1.0


def test_defocus_is_found_and_taken_back() -> None:
    truth = clean("astronaut")
    scan = scanned(truth, defocus_psf(3.0))
    outcome = deblur(scan, Options(), TOOLS)
    assert outcome.decision == "applied", outcome.reason
    assert psnr(outcome.photo.pixels, truth) > psnr(scan.pixels, truth) + 0.7


def test_a_grey_print_stays_exactly_grey() -> None:
    scan = scanned(clean("camera"), motion_psf(11.0, 60.0), grey=True)
    outcome = deblur(scan, Options(), TOOLS)
    assert outcome.decision == "applied", outcome.reason
    assert outcome.photo.monochrome


def test_colours_keep_their_tint() -> None:
    scan = scanned(clean("coffee"), motion_psf(11.0, 30.0))
    made = deblur(scan, Options(), TOOLS).photo.pixels
    inside = ((made > 0.02) & (made < 0.98)).all(axis=2)
    before, after = scan.pixels[inside], made[inside]
    assert np.abs((after[:, 0] - after[:, 1]) - (before[:, 0] - before[:, 1])).max() < 1e-3


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket", "chelsea"])
def test_a_sharp_print_is_left_alone(name: str) -> None:
    photo = Photo.of(clean(name), (300.0, 300.0))
    outcome = deblur(photo, Options(), TOOLS)
    assert outcome.photo is photo, outcome.reason
    assert outcome.reason


def test_a_kind_of_blur_that_the_recipe_leaves_alone_is_left_alone() -> None:
    scan = scanned(clean("astronaut"), defocus_psf(3.0))
    outcome = deblur(scan, Options(kinds=("motion",)), TOOLS)
    assert outcome.photo is scan
    assert outcome.measures["blur"]["kind"] == "defocus"


def test_a_print_that_the_scanner_sharpened_is_left_alone() -> None:
    scan = scanned(clean("astronaut"), defocus_psf(2.0)).pixels
    soft = cv2.GaussianBlur(scan, (0, 0), 2.0)
    photo = Photo.of(np.clip(scan + 1.5 * (scan - soft), 0, 1), (300.0, 300.0))
    outcome = deblur(photo, Options(), TOOLS)
    assert outcome.photo is photo, outcome.reason


def test_pieces_meet_without_a_seam() -> None:
    scan = scanned(clean("astronaut"), motion_psf(11.0, 30.0))
    whole = deblur(scan, Options(), TOOLS).photo.samples.astype(int)
    cut = deblur(scan, Options(), TOOLS, side=192).photo.samples.astype(int)
    inner = (slice(48, -48), slice(48, -48))  # nobody knows what lay beyond the picture's edge
    assert np.abs(whole - cut)[inner].max() <= 0.01 * 65535
    assert np.abs(whole - cut)[inner].mean() <= 0.0002 * 65535


def test_a_network_that_the_recipe_names_does_it_instead(tmp_path: Path) -> None:
    import torch
    from spandrel.architectures.NAFNet import NAFNet

    from pipeline.models.catalog import load_catalog
    from pipeline.models.personal import Terms, add_model
    from pipeline.models.weights import resolve

    torch.manual_seed(1)
    network = NAFNet(width=8, middle_blk_num=1, enc_blk_nums=[1], dec_blk_nums=[1])
    torch.save(network.state_dict(), tmp_path / "net.pth")
    folder = tmp_path / "models"
    add_model(
        tmp_path / "net.pth", ["deblur"], Terms("MIT", True, "a test"), folder, load_catalog()
    )
    resolved = resolve(load_catalog(folders=[folder]), {"deblur": ["net"]}, [folder])
    scan = scanned(clean("coffee")[100:300, 100:300], motion_psf(11.0, 30.0))
    options = Options(models=("net",), least_sure=0.0)
    outcome = deblur(scan, options, Tools(ModelSet(resolved, "cpu")))
    assert outcome.decision == "applied", outcome.reason
    assert outcome.models == ("net",)
    assert outcome.photo.samples.shape == scan.samples.shape
