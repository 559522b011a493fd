"""Others' programs find an archive package whole, and find it when it is not."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.export.bag import write_bag
from pipeline.store.library import open_library
from tests.pipeline.export.bagged_library import fill

Program = Callable[[str], str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    with open_library(folder / "library", write=True, create=True) as library:
        fill(library, folder / "elsewhere")
        write_bag(library, folder / "bag")
    return folder / "bag"


@pytest.fixture
def bag(written: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage, as copies on a shelf are."""
    return shutil.copytree(written, tmp_path / "bag")


def run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, words)), cwd=folder, capture_output=True, text=True, check=False
    )


def test_bagit_py_validates_a_package_and_finds_one_flipped_bit(
    bag: Path, program: Program
) -> None:
    bagit = program("bagit.py")
    whole = run(bagit, "--validate", bag, folder=bag.parent)
    assert whole.returncode == 0, whole.stderr
    assert "is valid" in whole.stderr
    victim = bag / "data/prints/0001-1/steps/06-artifacts.tif"
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    damaged = run(bagit, "--validate", bag, folder=bag.parent)
    assert damaged.returncode == 1
    assert "06-artifacts.tif" in damaged.stderr


def test_bagit_py_finds_a_file_missing_one_too_many_and_a_changed_tag_file(
    bag: Path, program: Program
) -> None:
    bagit = program("bagit.py")
    scan = next((bag / "data/scans").iterdir())
    data = scan.read_bytes()
    scan.unlink()
    assert run(bagit, "--validate", bag, folder=bag.parent).returncode == 1
    scan.write_bytes(data)
    (bag / "data/stranger.txt").write_text("x")
    assert run(bagit, "--validate", bag, folder=bag.parent).returncode == 1
    (bag / "data/stranger.txt").unlink()
    assert run(bagit, "--validate", bag, folder=bag.parent).returncode == 0
    info = bag / "bag-info.txt"
    info.write_text(info.read_text().replace("photographs", "pictures"))
    assert run(bagit, "--validate", bag, folder=bag.parent).returncode == 1


@pytest.mark.parametrize(
    ("name", "manifest"),
    [
        ("sha256sum", "manifest-sha256.txt"),
        ("sha256sum", "tagmanifest-sha256.txt"),
        ("sha512sum", "manifest-sha512.txt"),
        ("sha512sum", "tagmanifest-sha512.txt"),
    ],
)
def test_the_plain_programs_of_unix_check_the_manifests(
    bag: Path, program: Program, name: str, manifest: str
) -> None:
    checked = run(program(name), "--strict", "-c", manifest, folder=bag)
    assert checked.returncode == 0, checked.stderr
    lines = (bag / manifest).read_text(encoding="ascii").splitlines()
    assert len(checked.stdout.splitlines()) == len(lines) > 3
    assert all(re.fullmatch(r"[0-9a-f]+  [A-Za-z0-9_./-]+", line) for line in lines)


def test_steps_and_masks_open_in_other_programs(bag: Path, program: Program) -> None:
    info = run(program("tiffinfo"), "data/prints/0001-1/steps/06-artifacts.tif", folder=bag)
    assert info.returncode == 0
    assert "Image Width: 40 Image Length: 30" in info.stdout
    assert "Bits/Sample: 16" in info.stdout
    assert "Resolution: 254, 254 pixels/inch" in info.stdout
    paths = ["data/prints/0001-1/masks/03-repair-damage.png", "data/prints/0001-1/view-after.jpg"]
    for path in paths:
        seen = run(program("identify"), "-format", "%m %w %h", path, folder=bag)
        assert seen.stdout in {"PNG 40 30", "JPEG 40 30"}
