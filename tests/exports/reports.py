"""The cover report of a bag, read back by somebody else's reader."""

import re
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader


def read(bag: Path) -> PdfReader:
    return PdfReader(BytesIO((bag / "data/report.pdf").read_bytes()), strict=True)


def text(bag: Path) -> str:
    return "\n".join(page.extract_text() for page in read(bag).pages)


def flat(bag: Path) -> str:
    """All text without breaks and spaces, which the setting of lines moves."""
    return re.sub(r"\s", "", text(bag))
