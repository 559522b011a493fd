"""A certificate and key that cannot sign are refused before any work, with the reason."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

c2pa = pytest.importorskip("c2pa", reason="needs the extra credentials")

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402
from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: E402
from imagecodecs import png_encode  # noqa: E402
from numpy import zeros  # noqa: E402

from pipeline.core.errors import CredentialsRefused  # noqa: E402
from pipeline.export.credentials import ClaimFacts, Credentials  # noqa: E402
from pipeline.io.xmp import ENHANCED  # noqa: E402
from tests.pipeline.export.signing_pair import written_pair  # noqa: E402


@pytest.mark.parametrize(
    "key",
    [
        lambda: ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate,
        lambda: rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "Ed25519", "RSA"],
)
def test_other_keys_that_c2pa_takes_sign_too(tmp_path: Path, key: Any) -> None:
    found = Credentials.load(*written_pair(tmp_path, key()))
    out = io.BytesIO()
    facts = ClaimFacts("t", "Shoebox", ENHANCED, "scan.tif", "5" * 64)
    found.signed(io.BytesIO(png_encode(zeros((4, 4), "u1"))), out, "png", facts)
    assert c2pa.Reader("image/png", out).get_validation_state() == "Valid"


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    cert, _ = written_pair(tmp_path)
    _, key = written_pair(tmp_path / "other")
    with pytest.raises(CredentialsRefused, match="is not the key of"):
        Credentials.load(cert, key)


def test_a_certificate_out_of_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialsRefused, match="out of date since"):
        Credentials.load(*written_pair(tmp_path, days=-2))


def test_a_certificate_for_another_purpose_is_refused(tmp_path: Path) -> None:
    usage = ExtendedKeyUsageOID.SERVER_AUTH
    with pytest.raises(CredentialsRefused, match=r"chain\.pem"):
        Credentials.load(*written_pair(tmp_path, usage=usage))


def test_a_chain_in_the_wrong_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialsRefused):
        Credentials.load(*written_pair(tmp_path, upside_down=True))


def test_a_foreign_certificate_in_the_chain_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    cert, key = written_pair(tmp_path)
    other, _ = written_pair(tmp_path / "other")
    cert.write_bytes(cert.read_bytes() + other.read_bytes())
    with pytest.raises(CredentialsRefused, match="does not vouch for"):
        Credentials.load(cert, key)


def test_a_key_with_a_password_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(CredentialsRefused, match="password") as caught:
        Credentials.load(*written_pair(tmp_path, password=b"x"))
    assert "openssl pkey" in caught.value.advice


@pytest.mark.parametrize("which", [0, 1], ids=["certificate", "key"])
@pytest.mark.parametrize("contents", [b"", b"junk", b"\x00" * (2**20 + 1), None])
def test_files_that_are_no_such_thing_are_refused_by_name(
    tmp_path: Path, which: int, contents: bytes | None
) -> None:
    paths = written_pair(tmp_path)
    if contents is None:
        paths[which].unlink()
    else:
        paths[which].write_bytes(contents)
    with pytest.raises(CredentialsRefused) as caught:
        Credentials.load(*paths)
    assert paths[which].name in caught.value.detail
