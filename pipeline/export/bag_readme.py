"""README.txt of an archive package: how everything in it is read without Shoebox."""

from __future__ import annotations

import textwrap

_WIDTH = 99

README = """\
WHAT THIS IS

{description}

It was made by Shoebox, a program that restores scanned photographs. Nothing here needs that
program: every file is of a kind that many programs read, and this page says which.

Begin with index.html in any web browser. It works without a network.

WHAT IS WHERE  (paths below data/)

  index.html          every photograph with a small picture; leads to a page for each
  inventory.csv       the same as a table: one line a print (UTF-8 with a byte order mark)
  scans/              the scanner's own files, byte for byte, never changed
  backs/              scans of the backs of photographs, byte for byte
  captions/           the tables of captions that people wrote, byte for byte
  prints/NAME/        one photograph:
    steps/            the picture after each step that changed it, numbered in their order; its
                      page, and inventory.csv, tell which of them is the finished picture
    masks/            where a step worked: white is where something was found, filled or drawn
    view-*.jpg        small pictures for the page only; not the photograph
    provenance.html   how this photograph came to be, step by step, for people
    provenance.json   the same for programs
  exports/            files that were written for printing or viewing
  recipes/            which steps were to be done, with which options, for each run
  models.json         the neural networks that were used, with digests, licences and sources
  ledger/             the library's whole record: one table a file, one row a line
    objects.csv       digest and path of every original, step and mask
    exports.csv       the exported files: where they lay in the library, and where they lie here
    schema.json       the library's number and the version of its tables
  objects/            what belongs to none of the above; usually absent

Folders that would be empty are not there. A file that would be in two places is there once: pages
and objects.csv tell where.

WHICH STANDARDS

  package             BagIt 1.0, RFC 8493
  digests             SHA-256 and SHA-512, FIPS 180-4
  scans               as the scanner wrote them: TIFF 6.0, PNG (ISO/IEC 15948) or
                      JPEG (ISO/IEC 10918-1)
  steps               TIFF 6.0 (BigTIFF above 4 GB), 16 bits a channel, lossless (Deflate, Adobe's
                      Technical Note of 2002), with ICC profile and resolution inside. A picture
                      of one channel is grey. A second page, if there is one, is the scanner's
                      infrared channel.
  masks               PNG, 8 bits, grey
  provenance.json     W3C PROV-DM as PROV-JSON
  pages               HTML 5, no scripts
  tables              CSV, RFC 4180
  ledger, recipes     JSON (RFC 8259), one object a line; TOML 1.0. Bytes are written as
                      {{"base64": "..."}}. Times are UTC, ISO 8601.
  uncertain dates     EDTF, ISO 8601-2:2019

A cell of inventory.csv that a spreadsheet could take for a formula begins with an apostrophe that
is not part of the text.

IS IT STILL WHOLE?

In the folder above data/, on any Unix:      sha256sum -c manifest-sha256.txt
With Python and the package "bagit":         bagit.py --validate FOLDER
Keep at least two copies in two places, and run one of these once a year. Never repair a file in
place: copy it from a package that is still whole.

WHAT TO TRUST

The files in scans/ are what the scanner saw. Everything else was computed from them. Where a neural
network drew detail, the photograph's page says so, and the mask "generated" shows where: what is
drawn is plausible, not evidence.

BACK INTO SHOEBOX

  shoebox import-bag FOLDER --library NEW_LIBRARY

brings everything back: the record, the originals, every step.
"""


def readme(description: str) -> str:
    """The text for one package, whose description is a sentence or two."""
    return README.format(description=textwrap.fill(description, _WIDTH))
