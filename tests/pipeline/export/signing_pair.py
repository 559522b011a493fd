"""A chain of two certificates and its key as files, such as a family might sign with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TODAY = datetime.now(UTC)
Key = Any


def certificate(
    name: str, key: Key, issuer: str, issuer_key: Key, *, days: int = 30, usage: Any = None
) -> x509.Certificate:
    """One certificate; an authority unless it has an extended usage."""
    authority = usage is None
    named = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, text),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Family archive"),
            ]
        )
        for text in (name, issuer)
    ]
    uses = {
        "digital_signature": not authority,
        "key_cert_sign": authority,
        "crl_sign": authority,
        "content_commitment": False,
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "encipher_only": False,
        "decipher_only": False,
    }
    builder = (
        x509.CertificateBuilder()
        .subject_name(named[0])
        .issuer_name(named[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(TODAY - timedelta(days=60))
        .not_valid_after(TODAY + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def written_pair(
    folder: Path,
    key: Key = None,
    *,
    days: int = 30,
    usage: Any = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    password: bytes | None = None,
    upside_down: bool = False,
) -> tuple[Path, Path]:
    """A chain of two and its key as PEM files."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    root = ec.generate_private_key(ec.SECP256R1())
    chain = [
        certificate("Anna", key, "Root", root, days=days, usage=usage),
        certificate("Root", root, "Root", root),
    ]
    pem = [one.public_bytes(serialization.Encoding.PEM) for one in chain]
    form = serialization.BestAvailableEncryption(password) if password else None
    cert, secret = folder / "chain.pem", folder / "key.pem"
    cert.write_bytes(b"".join(reversed(pem) if upside_down else pem))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            form or serialization.NoEncryption(),
        )
    )
    return cert, secret
