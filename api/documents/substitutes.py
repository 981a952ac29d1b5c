"""What is printed in place of a character that the font lacks, and what the document tells of it.

Only the texts that are set are replaced. What is attached to a document, and what is computed from
a letter, keeps every character as it was written.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final, cast

from api.documents.forms import form_of
from api.documents.glyphs import Substitutes, TextSplitter, texts_of
from ledger.policies.substitutes import OTHERS, code_points, marks_left_out
from ledger.values import Json

NOTE = "substitutes"
"""Member of a body, for its note: [what is printed, the code points of what was written, those of
the marks that the printed form leaves out]."""
_OF_OTHERS: Final = ("〔U+…〕", "〔　〕内の文字コードの文字", "")


def used(data: Json | Mapping[str, Json], substitutes: Substitutes) -> Substitutes:
    """Those of the substitutes that stand for something in a text of `data`."""
    if not substitutes:
        return ()
    cut = TextSplitter(substitutes)
    found: set[str] = set()
    for text in texts_of(data):
        if not cut.is_plain(text):
            found |= {piece for piece, printed in cut.of(text) if printed is not None}
    chosen = {written for written, _ in substitutes}
    if any(form_of(one) is None for one in found - chosen):
        found.add(OTHERS)
    return tuple(one for one in substitutes if one[0] in found)


def printed(body: Mapping[str, Json], substitutes: Substitutes) -> dict[str, Json]:
    """The body as it is printed, with the note on what is printed in another form."""
    pairs = used(body, substitutes)
    shown = cast("dict[str, Json]", _replaced(dict(body), TextSplitter(pairs)))
    return {**shown, NOTE: [*_note(pairs)]} if pairs else shown


def printed_text(text: str, substitutes: Substitutes) -> str:
    """The text with its substitutes; whatever else stands in it is the same text."""
    return _printed(text, TextSplitter(substitutes))


def _printed(text: str, cut: TextSplitter) -> str:
    if cut.is_plain(text):
        return text
    return "".join(piece if instead is None else instead for piece, instead in cut.of(text))


def _note(pairs: Substitutes) -> Iterator[Json]:
    for written, instead in pairs:
        if written == OTHERS:
            yield [*_OF_OTHERS]
            continue
        left_out = marks_left_out(written, instead)
        yield [instead, code_points(written), code_points(left_out)]


def _replaced(value: Json, cut: TextSplitter) -> Json:
    if isinstance(value, str):
        return _printed(value, cut)
    if isinstance(value, list):
        return [*map(partial(_replaced, cut=cut), value)]
    if isinstance(value, dict):
        return {name: _replaced(inner, cut) for name, inner in value.items()}
    return value
