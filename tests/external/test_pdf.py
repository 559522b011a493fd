"""PDFs as other people's programs see them: size, boxes, colour, resolution, words."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.core.caption import Caption
from pipeline.core.photo import Photo
from pipeline.export.caption_pages import A4, CaptionedPicture, caption_pages
from pipeline.io.atomic import publish
from pipeline.io.blocks import Blocks
from pipeline.io.colour import grey_profile
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.profiles import display_p3_profile
from pipeline.io.write_pdf import write_pdf

Program = Callable[[str], str]

XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Łódź, lato 1962</rdf:li></rdf:Alt></dc:title>'
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()
BLEED = 35  # 3 mm at 300 dpi, rounded
WIDTH, HEIGHT = 1200 + 2 * BLEED, 1800 + 2 * BLEED


def _told(program: str, *arguments: object) -> str:
    command = [program, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def _fields(text: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


@pytest.fixture(scope="module", params=["jpeg", "lossless", "grey", "deep"])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One 4 x 6 in print with 3 mm of bleed, in each way it can be stored."""
    kind = request.param
    ramp = np.linspace(0, 65535, WIDTH).astype(np.uint16)
    samples = np.repeat(np.broadcast_to(ramp, (HEIGHT, WIDTH))[..., None], 3, axis=2)
    icc = display_p3_profile()
    if kind == "grey":
        samples, icc = samples[..., :1], grey_profile(icc) or b""
    form = DerivativeFormat(
        "pdf",
        16 if kind == "deep" else 8,
        lossless=kind in ("lossless", "deep"),
        bleed_px=BLEED,
    )
    path = tmp_path_factory.mktemp("pdf") / f"{kind}.pdf"

    def write(file: object) -> None:
        blocks = Blocks(icc, (300.0, 300.0), b"", XMP)
        write_pdf(file, samples, blocks, form, title="Łódź, lato 1962")  # type: ignore[arg-type]

    publish(path, write)
    return path


def test_pdfinfo_reads_the_true_size_and_the_boxes(printed: Path, program: Program) -> None:
    told = _fields(_told(program("pdfinfo"), "-box", printed))
    width, height = WIDTH / 300 * 72, HEIGHT / 300 * 72
    size = [float(word) for word in told["Page size"].split()[:3:2]]
    assert size == pytest.approx([width, height], abs=0.01)
    assert told["Pages"] == "1"
    for name in ("MediaBox", "BleedBox"):
        assert [float(v) for v in told[name].split()] == pytest.approx(
            [0, 0, width, height], abs=0.01
        )
    edge = BLEED / 300 * 72
    trim = [float(v) for v in told["TrimBox"].split()]
    assert trim == pytest.approx([edge, edge, edge + 4 * 72, edge + 6 * 72], abs=0.01)
    assert told["Title"] == "Łódź, lato 1962"
    assert told["Creator"] == "Shoebox"
    assert told["Metadata Stream"] == "yes"
    assert "CreationDate" not in told


def test_pdfimages_finds_one_picture_of_the_right_kind_and_resolution(
    printed: Path, program: Program
) -> None:
    lines = _told(program("pdfimages"), "-list", printed).splitlines()
    assert len(lines) == 3
    row = dict(
        zip(lines[0].replace("object ID", "object id").split(), lines[2].split(), strict=True)
    )
    kind = printed.stem
    assert (row["width"], row["height"]) == (str(WIDTH), str(HEIGHT))
    assert row["color"] == "icc"
    assert row["comp"] == ("1" if kind == "grey" else "3")
    assert row["bpc"] == ("16" if kind == "deep" else "8")
    assert row["enc"] == ("jpeg" if kind in ("jpeg", "grey") else "image")
    assert (row["x-ppi"], row["y-ppi"]) == ("300", "300")


def test_exiftool_reads_the_words_and_finds_no_damage(printed: Path, program: Program) -> None:
    told = _fields(_told(program("exiftool"), "-a", "-G1", "-s", printed))
    assert told["[XMP-dc]        Title"] == "Łódź, lato 1962"
    assert told["[PDF]           Title"] == "Łódź, lato 1962"
    assert told["[PDF]           Trapped"] == "False"
    assert not any(
        "Warning" in name or "Date" in name.split()[-1] for name in told if "PDF" in name
    )


def test_the_picture_comes_out_again_with_its_own_samples(program: Program, tmp_path: Path) -> None:
    samples = np.random.default_rng(3).integers(0, 256, (70, 110, 3), dtype=np.uint8)
    path = tmp_path / "print.pdf"
    form = DerivativeFormat("pdf", lossless=True)
    with path.open("w+b") as file:
        write_pdf(file, samples, Blocks(None, (300.0, 300.0), b""), form, title="")
    _told(program("pdfimages"), "-png", path, tmp_path / "out")
    with Image.open(tmp_path / "out-000.png") as picture:
        assert np.array_equal(np.asarray(picture), samples)


NAMES = ("Großmutter Müßig", "Żółć w Łodzi", "Ёлка и жена", "Ελλάδα, Ωδείον", "Þórður Sørensen")


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    photo = Photo(np.full((60, 80, 3), 40000, np.uint16))
    entries = [
        CaptionedPicture(photo, f"{n + 1:04d}-1", Caption(name, "summer 1950s", place="Wien"))
        for n, name in enumerate(NAMES)
    ]
    entries.append(CaptionedPicture(photo, "0006-1", Caption("日本", note="x" * 5000)))
    path = tmp_path_factory.mktemp("sheet") / "contact-sheet.pdf"
    publish(path, caption_pages(entries, A4, "Schachtel № 3"))
    return path


def test_pdftotext_finds_every_caption(sheet: Path, program: Program) -> None:
    text = _told(program("pdftotext"), "-enc", "UTF-8", sheet, "-")
    for name in NAMES:
        assert name in text
    assert text.count("summer 1950s · Wien") == len(NAMES)
    assert "Schachtel № 3" in text
    assert "1/1" in text.replace(" ", "")
    assert "stands for a letter that this typeface lacks" in text
    assert "…" in text


def test_the_sheet_is_a4_with_an_embedded_typeface(sheet: Path, program: Program) -> None:
    assert "(A4)" in _fields(_told(program("pdfinfo"), sheet))["Page size"]
    rows = _told(program("pdffonts"), sheet).splitlines()[2:]
    assert len(rows) == 1
    assert "NotoSans" in rows[0]
    assert rows[0].split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, subset, searchable


def test_words_are_drawn_within_the_page_and_apart(sheet: Path, program: Program) -> None:
    from xml.etree import ElementTree as Tree

    page = Tree.fromstring(_told(program("pdftotext"), "-bbox-layout", sheet, "-"))  # noqa: S314
    lines = [
        [float(line.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")]
        for line in page.iter("{http://www.w3.org/1999/xhtml}line")
    ]
    assert len(lines) > 15
    for left, top, right, bottom in lines:
        assert 35 <= left < right <= 595.3 - 35
        assert 30 <= top < bottom <= 842 - 30
    for index, one in enumerate(lines):
        for other in lines[index + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 0.5 or down <= 0.5
