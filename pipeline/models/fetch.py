"""Downloading weights, only ever when a person asks for it."""

from __future__ import annotations

import errno
import http.client
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

from pipeline.core.errors import DiskFull, FetchFailed, WeightsWrong, WriteFailed
from pipeline.core.progress import Progress
from pipeline.models.catalog import ModelCard
from pipeline.models.weights import verify

_TIMEOUT_SECONDS = 30
_ATTEMPTS = 3
_PIECE = 1 << 20
_BROKEN = (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError)


def fetch(card: ModelCard, folder: Path, progress: Progress) -> Path:
    """Download a model's official release file into a folder.

    What has come so far is kept in `.FILE.part` and continued by the next call. The file gets its
    name only when its length and digest are the catalogue's and it is safely on disk. A right
    file already there is left alone, without a connection.

    Args:
        card: the model; its url is https, and so is every redirect that is followed.
        folder: made if absent.
        progress: hears of bytes.

    Returns:
        Path of the verified file.

    Raises:
        FetchFailed: the model has no url, the server cannot be reached, answers with an error, or
            the connection broke three times.
        WeightsWrong: what came is not the catalogue's file; it is deleted.
        DiskFull, WriteFailed: the file cannot be stored.
    """
    target = folder / card.file
    if target.is_file():
        verify(card, target)
        return target
    if card.url is None:
        raise FetchFailed(
            f"{card.name} has no address to fetch it from",
            remedy=f"It comes from: {card.source}.",
        )
    part = folder / f".{card.file}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(card, card.url, part, progress)
        _check(card, part)
        part.replace(target)
        _settle(folder)
    except OSError as error:
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else WriteFailed
        raise kind(f"{target}: {error.strerror or error}") from error
    return target


def _check(card: ModelCard, part: Path) -> None:
    try:
        verify(card, part)
    except WeightsWrong as error:
        part.unlink()
        raise WeightsWrong(
            f"what {card.url} gave is not {card.name}: {error.detail}",
            remedy="Try again later; if it stays so, the release file was changed.",
        ) from error


def _download(card: ModelCard, url: str, part: Path, progress: Progress) -> None:
    """Fill `part` to its full length, going on after a broken connection."""
    have = part.stat().st_size if part.exists() else 0
    if have > card.bytes:
        part.unlink()
        have = 0
    progress.begin(f"fetch {card.name}", card.bytes, "byte")
    progress.advance(have)
    reason = ""
    for _ in range(_ATTEMPTS):
        if have == card.bytes:
            return
        reason = _continue(card, url, part, have, progress)
        now = part.stat().st_size if part.exists() else 0
        if reason and now == have:
            break
        have = now
    if have != card.bytes:
        raise FetchFailed(f"{card.name}: {url}: {reason or f'ended after {have} bytes'}")


def _continue(card: ModelCard, url: str, part: Path, have: int, progress: Progress) -> str:
    """Ask for the rest and append it; returns why it broke off, or nothing."""
    request = urllib.request.Request(url, headers={"User-Agent": "shoebox"})  # noqa: S310
    if have:
        request.add_header("Range", f"bytes={have}-")
    opener = urllib.request.build_opener(_HttpsOnly())
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            resumes = answer.status == http.HTTPStatus.PARTIAL_CONTENT and _starts_at(answer, have)
            with part.open("ab" if resumes else "wb") as file:
                if not resumes:
                    progress.advance(-have)
                    have = 0
                return _pour(answer, file, card.bytes - have, progress)
    except urllib.error.HTTPError as error:
        return f"the server answers {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except _BROKEN as error:
        return f"the connection broke: {error}"


def _starts_at(answer: http.client.HTTPResponse, have: int) -> bool:
    return (answer.headers.get("Content-Range") or "").startswith(f"bytes {have}-")


def _pour(answer: http.client.HTTPResponse, file: IO[bytes], room: int, progress: Progress) -> str:
    """Write what comes, never more than `room` bytes; returns why it broke off, or nothing."""
    reason = ""
    while room:
        try:
            piece = answer.read(min(_PIECE, room))
        except _BROKEN as error:
            reason = f"the connection broke: {error}"
            break
        if not piece:
            break
        file.write(piece)
        room -= len(piece)
        progress.advance(len(piece))
    file.flush()
    os.fsync(file.fileno())
    return reason


def _settle(folder: Path) -> None:
    """Make the new name durable, where the system knows how (Windows does it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to another https address and to nothing else."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            raise urllib.error.URLError(f"refused the redirect to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
