"""Signed files say what was done, hold their pixels, and show when somebody touched them."""

from __future__ import annotations

import io
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

c2pa = pytest.importorskip("c2pa", reason="needs the extra credentials")


from pipeline.core.caption import PictureIdentity  # noqa: E402
from pipeline.core.errors import CredentialsRefused, DiskFull  # noqa: E402
from pipeline.export.credentials import (  # noqa: E402
    MEDIA_TYPES,
    ClaimFacts,
    Credentials,
    Edit,
)
from pipeline.io.atomic import publish  # noqa: E402
from pipeline.io.file_metadata import metadata_blocks  # noqa: E402
from pipeline.io.identity_read import identity_of  # noqa: E402
from pipeline.io.said import Said  # noqa: E402
from pipeline.io.xmp import ENHANCED, GENERATED, PRINT  # noqa: E402
from tests.pipeline.export.signing_pair import written_pair  # noqa: E402

FACTS = ClaimFacts(
    "Picnic — łódź",
    "Shoebox 0.1",
    GENERATED,
    "attic.tif",
    "5" * 64,
    edits=(Edit("split"), Edit("denoise"), Edit("faces", ("GFPGANv1.4",))),
)
IDENTITY = PictureIdentity(
    "0f1e2d3c-1111-4222-8333-000000000000", "0003-2", "a" * 64, "5" * 64, "c" * 64, "gentle"
)


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return Credentials.load(*written_pair(tmp_path_factory.mktemp("pair")))


def picture(kind: str) -> bytes:
    """A picture whose XMP says whose it is."""
    pixels = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    said = Said("Restored.", "Shoebox 0.1", ENHANCED, identity=IDENTITY)
    _, xmp, _ = metadata_blocks(said, size=(60, 40), dpi=None, is_srgb=True, kind=kind)
    assert xmp is not None
    if kind == "jxl":
        from imagecodecs import jpegxl_encode

        bare = bytes(jpegxl_encode(pixels, usecontainer=True))
        return bare + (len(xmp) + 8).to_bytes(4, "big") + b"xml " + xmp
    out = io.BytesIO()
    options: dict[str, Any] = {"xmp": xmp}
    if kind == "png":
        from PIL.PngImagePlugin import PngInfo

        options = {"pnginfo": PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())
    elif kind == "tiff":
        options = {"tiffinfo": {700: xmp}}
    elif kind == "webp":
        options["lossless"] = True
    Image.fromarray(pixels).save(out, kind.upper(), **options)
    return out.getvalue()


def decoded(data: bytes, kind: str) -> np.ndarray[Any, Any]:
    if kind == "jxl":
        from imagecodecs import jpegxl_decode

        return np.asarray(jpegxl_decode(data))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def signed(credentials: Credentials, kind: str, facts: ClaimFacts = FACTS) -> bytes:
    out = io.BytesIO()
    credentials.signed(io.BytesIO(picture(kind)), out, kind, facts)
    return out.getvalue()


def read_back(data: bytes, kind: str) -> tuple[dict[str, Any], str, set[str]]:
    """The manifest, the state, and the codes of what failed."""
    settings = c2pa.Settings.from_dict({"verify": {"remote_manifest_fetch": False}})
    reader = c2pa.Reader(MEDIA_TYPES[kind], io.BytesIO(data), context=c2pa.Context(settings))
    store = json.loads(reader.json())
    failed = store["validation_results"]["activeManifest"]["failure"]
    active = store["manifests"][store["active_manifest"]]
    return active, store["validation_state"], {item["code"] for item in failed}


def actions(found: dict[str, Any]) -> list[dict[str, Any]]:
    return next(
        a["data"]["actions"] for a in found["assertions"] if a["label"].startswith("c2pa.actions")
    )


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_the_manifest_is_in_the_file_and_valid(credentials: Credentials, kind: str) -> None:
    found, state, failed = read_back(signed(credentials, kind), kind)
    assert state == "Valid"
    assert failed == {"signingCredential.untrusted"}  # nobody vouches for the test's own root
    assert found["title"] == FACTS.title
    assert found["claim_generator_info"][0]["name"] == "Shoebox"
    assert found["claim_generator_info"][0]["version"] == "0.1"
    parent = found["ingredients"][0]
    assert parent["instance_id"] == "sha256:" + "5" * 64
    assert parent["relationship"] == "parentOf"
    assert found["signature_info"]["common_name"] == "Anna"


def test_each_step_is_an_action_that_says_whether_something_was_generated(
    credentials: Credentials,
) -> None:
    told = actions(read_back(signed(credentials, "png"), "png")[0])
    assert [one["action"] for one in told] == [
        "c2pa.opened",
        "c2pa.cropped",
        "c2pa.edited",
        "c2pa.edited",
    ]
    types = [one.get("digitalSourceType") for one in told]
    assert types == [None, None, ENHANCED, GENERATED]
    assert told[3]["softwareAgent"]["name"] == "GFPGANv1.4"
    assert "GFPGANv1.4" in told[3]["description"]


def test_a_scan_that_was_generated_before_is_said_to_be(credentials: Credentials) -> None:
    for kind in (GENERATED, PRINT):
        facts = ClaimFacts("t", "Shoebox", kind, "s", "5" * 64, edits=(Edit("split"),))
        told = actions(read_back(signed(credentials, "jpeg", facts), "jpeg")[0])
        assert told[0]["digitalSourceType"] == kind


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_signing_leaves_pixels_and_identity_as_they_were(
    credentials: Credentials, kind: str, tmp_path: Path
) -> None:
    data = signed(credentials, kind)
    assert np.array_equal(decoded(data, kind), decoded(picture(kind), kind))
    path = tmp_path / "signed"
    path.write_bytes(data)
    assert identity_of(path) == IDENTITY


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_a_touched_pixel_is_found_out(credentials: Credentials, kind: str) -> None:
    data = bytearray(signed(credentials, kind))
    plain = picture(kind)
    # The picture's data: a stretch in the middle of the file that signing left as it was.
    at = bytes(data).index(plain[len(plain) // 2 : len(plain) // 2 + 24])
    data[at + 12] ^= 1
    _, state, failed = read_back(bytes(data), kind)
    assert state == "Invalid"
    assert failed & {"assertion.dataHash.mismatch", "assertion.bmffHash.mismatch"}


def test_a_signed_file_is_published_like_any_other(
    credentials: Credentials, tmp_path: Path
) -> None:
    target = tmp_path / "out.jpg"

    def write(file: Any) -> None:
        credentials.signed(io.BytesIO(picture("jpeg")), file, "jpeg", FACTS)

    publish(target, write)
    assert read_back(target.read_bytes(), "jpeg")[1] == "Valid"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jpg"]


def test_a_disk_full_while_signing_is_named_as_such(
    credentials: Credentials, tmp_path: Path
) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > 1000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    with pytest.raises(OSError, match="No space left") as caught:
        credentials.signed(io.BytesIO(picture("jpeg")), Full(), "jpeg", FACTS)
    assert caught.value.errno == 28

    def onto_a_full_disk(file: Any) -> None:
        credentials.signed(io.BytesIO(picture("jpeg")), Full(), "jpeg", FACTS)

    with pytest.raises(DiskFull):
        publish(tmp_path / "out.jpg", onto_a_full_disk)
    assert list(tmp_path.iterdir()) == []


def test_a_kind_that_cannot_be_signed_is_refused(credentials: Credentials) -> None:
    with pytest.raises(CredentialsRefused, match="pdf") as caught:
        credentials.signed(io.BytesIO(b"%PDF-1.7"), io.BytesIO(), "pdf", FACTS)
    assert "jpeg" in caught.value.advice


def test_a_file_that_is_not_of_its_kind_is_refused(credentials: Credentials) -> None:
    with pytest.raises(CredentialsRefused):
        credentials.signed(io.BytesIO(b"no picture"), io.BytesIO(), "jpeg", FACTS)


def test_the_private_key_is_not_shown(credentials: Credentials) -> None:
    assert "PRIVATE" not in repr(credentials)


def test_without_the_package_the_way_to_get_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = written_pair(tmp_path)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(CredentialsRefused) as caught:
        Credentials.load(*pair)
    assert "pip install 'shoebox-prints[credentials]'" in caught.value.advice


def test_nothing_is_fetched_for_a_file_that_names_a_manifest_elsewhere(
    credentials: Credentials,
) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/manifest.c2pa"
        xmp = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
            '22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/'
            f'terms/" dcterms:provenance="{url}"/></rdf:RDF></x:xmpmeta>'
        )
        source, out = io.BytesIO(), io.BytesIO()
        Image.new("RGB", (9, 9)).save(source, "JPEG", xmp=xmp.encode())
        with pytest.raises(c2pa.C2paError):  # by default the package does ask
            c2pa.Reader("image/jpeg", source)
        assert asked == ["/manifest.c2pa"]
        credentials.signed(source, out, "jpeg", FACTS)
        server.shutdown()
    assert asked == ["/manifest.c2pa"]
