"""What a PDF draws for a text: the outlines of its glyphs, out of the fonts that lie inside it.

A reader's text comes from a table beside the glyphs (`/ToUnicode`), which says what they stand for
and not how they look. Here that table only tells where a text stands.

Our documents hold one kind of font: composite, CFF inside, two bytes a glyph.

Source: ISO 32000-1, 9.7 (composite fonts), 9.10.3 (ToUnicode).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from typing import Any

from fontTools.cffLib import CFFFontSet  # pyright: ignore[reportMissingTypeStubs] -- it ships none
from fontTools.pens.recordingPen import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
    RecordingPen,
)
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

Outline = tuple[Any, ...]
"""What a pen does for one glyph; empty for a blank."""

MISSING = 0
"""The glyph that every font draws for what it lacks (`.notdef`)."""
_GLYPH_BYTES = 2
_SINGLE = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


@dataclass(frozen=True)
class Font:
    """A font inside a file, with the table that tells what its glyphs stand for."""

    program: bytes
    to_unicode: bytes

    @cached_property
    def texts(self) -> dict[int, str]:
        """Glyph → what a reader takes it for."""
        found: dict[int, str] = {}
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", self.to_unicode, re.DOTALL):
            for code, text in _SINGLE.findall(block):
                found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
        assert b"beginbfrange" not in self.to_unicode, "our typesetter writes no ranges"
        return found

    @cached_property
    def _glyphs(self) -> Any:  # noqa: ANN401 -- fontTools has no types
        fonts: Any = CFFFontSet()
        fonts.decompile(BytesIO(self.program), None)
        return fonts[0].CharStrings

    def outline(self, glyph: int) -> Outline:
        """How the glyph looks."""
        return drawn(self._glyphs[f"cid{glyph:05}" if glyph else ".notdef"])


def drawn(glyph: Any) -> Outline:  # noqa: ANN401 -- a glyph of fontTools
    pen: Any = RecordingPen()
    glyph.draw(pen)
    return tuple(pen.value)


def _shown(page: PageObject) -> Iterator[tuple[Font, int]]:
    """Every glyph that the page shows, in the order in which the file shows them."""
    resources: Any = page["/Resources"]
    fonts = {name: _font(one.get_object()) for name, one in resources["/Font"].items()}
    font = next(iter(fonts.values()))
    for parts, operator in ContentStream(page.get_contents(), page.pdf).operations:
        operands: Any = parts
        if operator == b"Tf":
            font = fonts[operands[0]]
        elif operator in {b"Tj", b"TJ"}:
            for one in operands if operator == b"Tj" else operands[0]:
                codes = getattr(one, "original_bytes", b"")
                for at in range(0, len(codes), _GLYPH_BYTES):
                    yield font, int.from_bytes(codes[at : at + _GLYPH_BYTES], "big")


def _font(font: Any) -> Font:  # noqa: ANN401 -- a PDF object
    descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    program: bytes = descriptor["/FontFile3"].get_object().get_data()
    return _read(program, font["/ToUnicode"].get_object().get_data())


@cache
def _read(program: bytes, to_unicode: bytes) -> Font:
    return Font(program, to_unicode)


def printed(reader: PdfReader, text: str) -> list[tuple[Outline, ...]]:
    """How `text`, one glyph a character, looks at each place where a reader finds it."""
    wanted = _SELECTORS.sub("", text)
    found: list[tuple[Outline, ...]] = []
    for page in reader.pages:
        glyphs = list(_shown(page))
        # A glyph of several characters, or of none that is known, is part of no such text.
        chars = [_SELECTORS.sub("", font.texts.get(glyph, "")) for font, glyph in glyphs]
        flat = "".join(char if len(char) == 1 else "\0" for char in chars)
        found += [
            tuple(font.outline(glyph) for font, glyph in glyphs[slice(*hit.span())])
            for hit in re.finditer(re.escape(wanted), flat)
        ]
    return found


def missing(reader: PdfReader) -> set[Outline]:
    """How what a font lacks would look."""
    return {font.outline(MISSING) for page in reader.pages for font, _ in _shown(page)}
