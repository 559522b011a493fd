"""Weights that are wrong, cut, missing or malicious: refused before any work, never run."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("prefect")

GFPGAN_BYTES = 348_632_874
X4PLUS_NCNN_BYTES = 33_424_520


class Payload:
    """Pickled, it makes a file when it is unpickled without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def with_models(job, folder: Path) -> dict[str, str]:
    return {**job.environment, "SHOEBOX_MODELS": str(folder)}


@pytest.mark.parametrize(
    ("file", "length", "words"),
    [
        ("GFPGANv1.4.pth", GFPGAN_BYTES, "has the digest"),
        ("GFPGANv1.4.pth", GFPGAN_BYTES // 2, f"not {GFPGAN_BYTES}"),
        ("REALESRGAN_X4PLUS_UP4X.bin", X4PLUS_NCNN_BYTES, "has the digest"),
        ("REALESRGAN_X4PLUS_UP4X.bin", 0, f"has 0 bytes, not {X4PLUS_NCNN_BYTES}"),
    ],
)
def test_wrong_or_cut_weights_are_refused_before_any_work(
    job, tmp_path: Path, file: str, length: int, words: str
) -> None:
    models, library = tmp_path / "models", tmp_path / "library"
    models.mkdir()
    with (models / file).open("wb") as weights:
        weights.truncate(length)
    said = job.run(*job.words(library, "archive"), environment=with_models(job, models))
    assert said.code == 6, said
    assert said.only_line().startswith("E602 ")
    assert words in said.err
    assert str(models / file) in said.err
    assert not library.exists()


def test_missing_weights_are_refused_before_any_work_with_the_command_that_fetches_them(
    job, tmp_path: Path
) -> None:
    recipe, library = tmp_path / "small-net.toml", tmp_path / "library"
    recipe.write_text(
        'name = "small-net"\ndescription = "A network that is not here."\n'
        'stages = ["split", "artifacts"]\n[artifacts]\nmodels = ["realesr-general-x4v3"]\n'
    )
    said = job.run(*job.words(library, recipe))
    assert said.code == 6, said
    assert said.only_line().startswith("E601 ")
    assert "shoebox models fetch realesr-general-x4v3" in said.err
    assert not library.exists()


def test_code_in_a_weights_file_never_runs_because_its_digest_is_another(
    job, tmp_path: Path
) -> None:
    models, trace = tmp_path / "models", tmp_path / "it-ran"
    models.mkdir()
    evil = pickle.dumps(Payload(trace), protocol=2)
    # As long as the real file, so that only the digest can tell.
    (models / "GFPGANv1.4.pth").write_bytes(evil.ljust(GFPGAN_BYTES, b"\0"))
    environment = with_models(job, models)
    for words in (job.words(tmp_path / "library", "archive"), ["models", "list"]):
        said = job.run(*words, environment=environment)
        assert said.code == (6 if words[0] == "digitize" else 0), said
    assert not trace.exists()
    pickle.loads(evil)  # noqa: S301 - to show that it would have run
    assert trace.exists()


def test_code_in_a_weights_file_never_runs_even_when_the_catalogue_vouches_for_it(
    job, tmp_path: Path
) -> None:
    trace, models, forged = tmp_path / "it-ran", tmp_path / "models", tmp_path / "forged"
    models.mkdir()
    evil = pickle.dumps({"conv_first.weight": Payload(trace)}, protocol=2)
    (models / "evil.pth").write_bytes(evil)
    shutil.copytree(str(files("configs").joinpath("models.toml").parent), forged / "configs")  # type: ignore[attr-defined]
    with (forged / "configs" / "models.toml").open("a") as catalogue:
        catalogue.write(
            '\n[[model]]\nname = "evil"\nroles = ["artifacts"]\narchitecture = "ESRGAN"\n'
            f'scale = 4\nfile = "evil.pth"\nsha256 = "{hashlib.sha256(evil).hexdigest()}"\n'
            f'bytes = {len(evil)}\nlicence = "MIT"\ncommercial_use = true\nsource = "a test"\n'
        )
    recipe, library = tmp_path / "evil.toml", tmp_path / "library"
    recipe.write_text(
        'name = "evil"\ndescription = "Trusts a file it should not."\n'
        'stages = ["split", "artifacts"]\n[artifacts]\nmodels = ["evil"]\n'
        "only_when_needed = false\n"
    )
    environment = with_models(job, models)
    environment["PYTHONPATH"] = f"{forged}:{environment['PYTHONPATH']}"
    said = job.run(*job.words(library, recipe), environment=environment)
    assert said.code == 6, said
    assert said.only_line().startswith("E602 ")
    assert "was not run" in said.err
    assert not trace.exists()
    assert job.rows(library, "select stage, status from step where stage = 'artifacts'") == [
        ("artifacts", "failed")
    ]
    pickle.loads(evil)  # noqa: S301 - to show that it would have run
    assert trace.exists()
