from __future__ import annotations

import hashlib
import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import FetchFailed, WeightsWrong
from pipeline.core.progress import Silent
from pipeline.models.catalog import ModelCard
from pipeline.models.fetch import fetch

DATA = bytes(range(256)) * 4000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves DATA; the path says how well it behaves."""

    ranges: list[str | None]

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        if self.path == "/to-http":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/good")
            self.end_headers()
            return
        if self.path == "/absent":
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if self.path == "/no-ranges":
            start = 0
        body = DATA[start:] if self.path != "/other" else b"x" * len(DATA)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/breaks" and len(self.ranges) < 3:
            body = body[:300_000]
        if self.path == "/endless":
            body += b"more"
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", "-"]
    made = subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    with path.open("ab") as file:
        file.write(made.stdout)
    return path


@pytest.fixture
def server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a real https server whose certificate this process trusts."""
    Handler.ranges = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield f"https://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def card(url: str | None) -> ModelCard:
    return ModelCard(
        name="some-model",
        roles=("enlarge",),
        architecture="ESRGAN",
        scale=4,
        file="some-model.pth",
        sha256=hashlib.sha256(DATA).hexdigest(),
        bytes=len(DATA),
        licence="MIT",
        source="a test",
        commercial_use=True,
        url=url,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_download_is_verified_and_gets_its_name(tmp_path: Path, server: str) -> None:
    path = fetch(card(f"{server}/good"), tmp_path / "models", Silent())
    assert path.read_bytes() == DATA
    assert names(path.parent) == ["some-model.pth"]


def test_what_came_before_is_continued(tmp_path: Path, server: str) -> None:
    (tmp_path / ".some-model.pth.part").write_bytes(DATA[:123_456])
    assert fetch(card(f"{server}/good"), tmp_path, Silent()).read_bytes() == DATA
    assert Handler.ranges == ["bytes=123456-"]


def test_a_broken_connection_is_taken_up_again(tmp_path: Path, server: str) -> None:
    assert fetch(card(f"{server}/breaks"), tmp_path, Silent()).read_bytes() == DATA
    assert Handler.ranges == [None, "bytes=300000-", "bytes=600000-"]


def test_a_server_without_ranges_starts_anew(tmp_path: Path, server: str) -> None:
    (tmp_path / ".some-model.pth.part").write_bytes(b"stale")
    assert fetch(card(f"{server}/no-ranges"), tmp_path, Silent()).read_bytes() == DATA


def test_a_part_that_is_already_whole_is_published_without_a_connection(tmp_path: Path) -> None:
    (tmp_path / ".some-model.pth.part").write_bytes(DATA)
    assert fetch(card("https://127.0.0.1:9/none"), tmp_path, Silent()).read_bytes() == DATA
    # And a right file already there is left alone.
    assert fetch(card("https://127.0.0.1:9/none"), tmp_path, Silent()).read_bytes() == DATA


@pytest.mark.parametrize("damage", ["other file", "wrong beginning"])
def test_a_wrong_file_is_deleted_and_never_published(
    tmp_path: Path, server: str, damage: str
) -> None:
    if damage == "wrong beginning":
        (tmp_path / ".some-model.pth.part").write_bytes(b"x" * 1000)
    address = f"{server}/other" if damage == "other file" else f"{server}/good"
    with pytest.raises(WeightsWrong, match="is not some-model"):
        fetch(card(address), tmp_path, Silent())
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [("/absent", "answers 404"), ("/to-http", "refused the redirect to http:")],
)
def test_a_server_that_does_not_give_the_file_is_named(
    tmp_path: Path, server: str, path: str, words: str
) -> None:
    with pytest.raises(FetchFailed, match=words):
        fetch(card(server + path), tmp_path, Silent())
    assert not (tmp_path / "some-model.pth").exists()


def test_an_untrusted_certificate_is_refused(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(FetchFailed, match="certificate"):
        fetch(card(f"{server}/good"), tmp_path, Silent())


def test_without_a_network_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="refused"):
        fetch(card("https://127.0.0.1:9/none"), tmp_path, Silent())


def test_a_model_without_an_address_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed) as caught:
        fetch(card(None), tmp_path, Silent())
    assert "a test" in caught.value.advice


def test_a_wrong_file_already_there_is_not_silently_replaced(tmp_path: Path) -> None:
    (tmp_path / "some-model.pth").write_bytes(b"something a person put here")
    with pytest.raises(WeightsWrong):
        fetch(card("https://127.0.0.1:9/none"), tmp_path, Silent())
