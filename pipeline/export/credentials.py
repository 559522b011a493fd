"""Content Credentials: what was done to a picture, signed with the user's own certificate.

The manifest follows the C2PA specification 2; the package c2pa-python (extra `credentials`) writes
it. Nothing is fetched and nothing is sent: no time stamp authority, no revocation check, no remote
manifest.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.core.errors import CredentialsRefused
from pipeline.export.certificate import SigningPair, read_pair
from pipeline.io.xmp import ENHANCED, GENERATED

MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "jxl": "image/jxl",
}
"""The kinds of file that can be signed. A PDF would be written anew by another program, in five
times its size of memory, with an attachment that print shops do not expect."""

_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
_CUTTING = "split"
_SCAN = "scan"
_GOOD_STATES = ("Valid", "Trusted")


@dataclass(frozen=True)
class Edit:
    """One step that changed the picture.

    Args:
        stage: its name, such as "denoise".
        models: the networks that generated something in it; empty when none did.
    """

    stage: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimFacts:
    """What the manifest of one file says.

    Args:
        title: the picture's.
        software: what wrote the file, as "Shoebox 0.1".
        source_type: IPTC's digital source type of the file, as its XMP gives it.
        scan_name: name of the scan's file.
        scan_sha256: hex SHA-256 of the scan.
        scan_kind: "tiff", "png" or "jpeg".
        edits: what was done to the scan, in order.
    """

    title: str
    software: str
    source_type: str
    scan_name: str
    scan_sha256: str
    scan_kind: str = "tiff"
    edits: Sequence[Edit] = field(default_factory=tuple)


@dataclass(frozen=True)
class Credentials:
    """A certificate chain with its key, known to sign."""

    pair: SigningPair

    @classmethod
    def load(cls, cert: Path, key: Path) -> Credentials:
        """Read the two files and sign a picture of one px with them, before any work begins.

        Args:
            cert: PEM, the signing certificate first, then those that vouch for it.
            key: PEM, not encrypted.

        Raises:
            CredentialsRefused: the package is missing, or the pair cannot sign; with the reason.
        """
        credentials = cls(read_pair(cert, key))
        facts = ClaimFacts("Trial", "Shoebox", ENHANCED, "scan", "0" * 64)
        signed = io.BytesIO()
        credentials.signed(io.BytesIO(_one_px()), signed, "png", facts)
        state, reason = _validation(signed, MEDIA_TYPES["png"])
        if state not in _GOOD_STATES:
            raise CredentialsRefused(f"{cert}: {reason or 'its signature is not valid'}")
        return credentials

    def signed(self, source: BinaryIO, target: BinaryIO, kind: str, facts: ClaimFacts) -> None:
        """Write the source with a manifest in it; pixels and metadata stay as they are.

        Memory: two to three times the file's size.

        Args:
            source: a whole file, seekable.
            target: empty, seekable, open for reading and writing.
            kind: the file's format.
            facts: what the manifest says.

        Raises:
            CredentialsRefused: a kind that cannot be signed, or the signing failed.
            OSError: the source could not be read, or the target not written.
        """
        c2pa = _package()
        check_kind(kind)
        watched, sink = _Watched(source), _Watched(target)
        source.seek(0)
        pair = self.pair
        info = c2pa.C2paSignerInfo(pair.algorithm, pair.chain, pair.key, None)
        try:
            signer = c2pa.Signer.from_info(info)
            context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS), signer)
            builder = c2pa.Builder(manifest(kind, facts), context)
            builder.sign(MEDIA_TYPES[kind], watched, sink)
        except c2pa.C2paError as error:
            for stream in (sink, watched):
                if stream.error is not None:
                    raise stream.error from None
            raise CredentialsRefused(f"{pair.name}: {error}") from error


def check_kind(kind: str) -> None:
    """See, before work begins, that files of a kind can be signed.

    Raises:
        CredentialsRefused: they cannot.
    """
    if kind not in MEDIA_TYPES:
        raise CredentialsRefused(
            f"Content Credentials cannot be put into {kind}",
            remedy=f"Choose one of {', '.join(MEDIA_TYPES)}.",
        )


def manifest(kind: str, facts: ClaimFacts) -> dict[str, Any]:
    """The manifest's definition as c2pa-python takes it.

    The first action opens the scan, which is named by its digest as the one parent; each edit is an
    action of its own, and says of itself whether a network generated something in it.
    """
    name, _, version = facts.software.partition(" ")
    agent = {"name": name, **({"version": version} if version else {})}
    opened: dict[str, Any] = {
        "action": "c2pa.opened",
        "parameters": {"ingredientIds": [_SCAN]},
        "softwareAgent": agent,
    }
    if facts.source_type not in _types_of_edits(facts.edits):
        opened["digitalSourceType"] = facts.source_type
    return {
        "claim_generator_info": [agent],
        "title": facts.title,
        "format": MEDIA_TYPES[kind],
        "ingredients": [
            {
                "title": facts.scan_name,
                "format": f"image/{facts.scan_kind}",
                "instance_id": f"sha256:{facts.scan_sha256}",
                "relationship": "parentOf",
                "label": _SCAN,
            }
        ],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {"actions": [opened, *(_action(edit, agent) for edit in facts.edits)]},
            }
        ],
    }


def _types_of_edits(edits: Sequence[Edit]) -> set[str]:
    return {_action(edit, {}).get("digitalSourceType", "") for edit in edits}


def _action(edit: Edit, agent: dict[str, str]) -> dict[str, Any]:
    if edit.stage == _CUTTING:
        return {"action": "c2pa.cropped", "description": edit.stage, "softwareAgent": agent}
    if not edit.models:
        said = {"description": edit.stage, "digitalSourceType": ENHANCED}
        return {"action": "c2pa.edited", "softwareAgent": agent, **said}
    models = ", ".join(edit.models)
    return {
        "action": "c2pa.edited",
        "description": f"{edit.stage}: detail generated by {models}",
        "softwareAgent": {"name": models},
        "digitalSourceType": GENERATED,
    }


class _Watched:
    """A stream that remembers what went wrong in it; c2pa only says that something did."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def read(self, length: int = -1) -> bytes:
        try:
            return self._stream.read(length)
        except OSError as error:
            self.error = error
            raise

    def write(self, data: bytes) -> int:
        try:
            return self._stream.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self.error = error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _validation(signed: BinaryIO, media_type: str) -> tuple[str, str]:
    """The state c2pa gives a signed file, and the first reason against it but for missing trust."""
    c2pa = _package()
    signed.seek(0)
    context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
    with c2pa.Reader(media_type, signed, context=context) as reader:
        results = reader.get_validation_results() or {}
        state = str(reader.get_validation_state())
    failures = results.get("activeManifest", {}).get("failure", [])
    told = [str(item.get("explanation", item.get("code", ""))) for item in failures]
    return state, next((text for text in told if "untrusted" not in text), "")


def _one_px() -> bytes:
    from imagecodecs import png_encode
    from numpy import zeros

    return bytes(png_encode(zeros((1, 1), "u1")))


def _package() -> Any:
    try:
        import c2pa
    except (ImportError, OSError) as error:  # OSError: its library is not for this machine
        raise CredentialsRefused(
            f"the package c2pa-python is not there ({error})",
            remedy="Install it with pip install 'shoebox-prints[credentials]'.",
        ) from error
    return c2pa
