"""A signing certificate and its private key, read and looked over before they are used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import CredentialsRefused

if TYPE_CHECKING:
    from cryptography import x509

_MAX_BYTES = 2**20
_BY_CURVE = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_SMALLEST_RSA = 2048


@dataclass(frozen=True)
class SigningPair:
    """A chain of certificates with the key of the first.

    Args:
        name: the certificate's file, for messages.
        algorithm: as C2PA names it, such as "es256".
        chain: PEM.
        key: PEM; never shown.
    """

    name: str
    algorithm: str
    chain: bytes
    key: bytes = field(repr=False)


def read_pair(cert: Path, key: Path) -> SigningPair:
    """Read a chain and its key and see that they can belong together today.

    Args:
        cert: PEM, the signing certificate first, then those that vouch for it.
        key: PEM, not encrypted.

    Raises:
        CredentialsRefused: a file cannot be read or is not what it should be, the key is not the
            certificate's, a certificate is not valid today, or one does not vouch for the one
            before it.
    """
    chain = _chain(cert)
    private = _private_key(key)
    if private.public_key() != chain[0].public_key():
        raise CredentialsRefused(f"{key} is not the key of the certificate {cert}")
    now = datetime.now(UTC)
    for certificate in chain:
        _check_dates(cert, certificate, now)
    _check_vouching(cert, chain)
    algorithm = _algorithm(cert, private)
    return SigningPair(str(cert), algorithm, _read(cert), _plain_key(private))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise CredentialsRefused(f"{path}: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise CredentialsRefused(f"{path} is too long to be a certificate or a key")
    return data


def _chain(path: Path) -> list[x509.Certificate]:
    try:
        found: list[x509.Certificate] = _cryptography("x509").load_pem_x509_certificates(
            _read(path)
        )
        for certificate in found:
            certificate.public_key()
    except Exception as error:
        raise CredentialsRefused(f"{path} holds no certificate in PEM that can be read") from error
    return found


def _private_key(path: Path) -> Any:
    serialization = _cryptography("hazmat.primitives.serialization")
    data = _read(path)
    try:
        return serialization.load_pem_private_key(data, password=None)
    except TypeError as error:
        raise CredentialsRefused(
            f"{path} is locked with a password",
            remedy="Give a copy without one: openssl pkey -in KEY.pem -out PLAIN.pem",
        ) from error
    except Exception as error:
        raise CredentialsRefused(f"{path} holds no private key in PEM that can be read") from error


def _check_dates(path: Path, certificate: x509.Certificate, now: datetime) -> None:
    name = certificate.subject.rfc4514_string()
    if now < certificate.not_valid_before_utc:
        day = certificate.not_valid_before_utc.date()
        raise CredentialsRefused(f"{path}: the certificate of {name} is not valid before {day}")
    if now > certificate.not_valid_after_utc:
        day = certificate.not_valid_after_utc.date()
        raise CredentialsRefused(
            f"{path}: the certificate of {name} has been out of date since {day}"
        )


def _check_vouching(path: Path, chain: list[x509.Certificate]) -> None:
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except Exception as error:
            raise CredentialsRefused(
                f"{path}: {upper.subject.rfc4514_string()} does not vouch for "
                f"{lower.subject.rfc4514_string()}; the certificates must follow each other, the "
                "signing one first"
            ) from error


def _algorithm(path: Path, private: Any) -> str:
    curve = getattr(getattr(private, "curve", None), "name", "")
    if curve in _BY_CURVE:
        return _BY_CURVE[curve]
    kinds = (
        _cryptography("hazmat.primitives.asymmetric.ed25519"),
        _cryptography("hazmat.primitives.asymmetric.rsa"),
    )
    if isinstance(private, kinds[0].Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, kinds[1].RSAPrivateKey) and private.key_size >= _SMALLEST_RSA:
        return "ps256"
    raise CredentialsRefused(
        f"{path}: C2PA takes keys of EC (P-256, P-384, P-521), Ed25519, or RSA from 2048 bits"
    )


def _plain_key(private: Any) -> bytes:
    """The key as PKCS 8, which is all that c2pa reads."""
    forms = _cryptography("hazmat.primitives.serialization")
    data = private.private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
    )
    return bytes(data)


def _cryptography(module: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"cryptography.{module}")
    except ImportError as error:
        raise CredentialsRefused(
            f"the package cryptography is not there ({error})",
            remedy="Install it with pip install 'shoebox-prints[credentials]'.",
        ) from error
