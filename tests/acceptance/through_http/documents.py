"""What stands on the paper and in the files of a reply."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from pypdf import PdfReader

from tests.acceptance.reading import CaseError
from tests.documents.read_letters import flat_text

JSON_FILE, CSV_FILE, PDF_FILE, SUMS_FILE = "records.json", "records.csv", "reply.pdf", "verify.txt"
_MARKED = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Letter:
    """A reply as files, read back."""

    files: Mapping[str, bytes] = field(repr=False)

    @property
    def pdf(self) -> bytes:
        return self.files[PDF_FILE]

    @cached_property
    def text(self) -> str:
        """What is printed, without white space."""
        return text_of(self.pdf)

    @cached_property
    def json(self) -> dict[str, Any]:
        """The letter as the JSON that goes with it."""
        return cast("dict[str, Any]", json.loads(self.files[JSON_FILE]))

    @cached_property
    def rows(self) -> list[list[str]]:
        """The rows of the CSV without the head."""
        text = self.files[CSV_FILE].removeprefix(_MARKED).decode()
        return list(csv.reader(io.StringIO(text)))[1:]

    @property
    def is_supplement(self) -> bool:
        return self.json["content"]["kind"] == "SUPPLEMENT"

    @property
    def content(self) -> dict[str, Any]:
        """What the letter says; of a supplement what it replaces the earlier reply by."""
        said: dict[str, Any] = self.json["content"]
        return said["reply"] if self.is_supplement else said

    @property
    def lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.content.get("lines", [])
        if [str(one["number"]) for one in found] != [row[0] for row in self.rows]:
            raise CaseError("the CSV and the JSON number other lines")
        return found

    def texts(self) -> dict[str, str]:
        """Name → text of all that leaves the house, what is inside of the PDF, too."""
        attached = {
            f"attached {name}": found[0].decode()
            for name, found in _reader(self.pdf).attachments.items()
        }
        files = {name: content.decode() for name, content in self.files.items() if name != PDF_FILE}
        return {PDF_FILE: self.text, **attached, **files}


def text_of(pdf: bytes) -> str:
    """All that is printed, without white space."""
    return flat_text(_reader(pdf))


def pages(pdf: bytes) -> int:
    return len(_reader(pdf).pages)


def _reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def unpacked(content: bytes) -> Letter:
    """The letter of a reply as files."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return Letter({name: opened.read(name) for name in opened.namelist()})
