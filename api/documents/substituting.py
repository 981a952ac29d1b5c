"""What is printed in place of a character that the font lacks, and what the document tells of it.

Only the texts that are set are replaced. What is attached to a document, and what is computed from
a letter, keeps every character as it was written.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import cast

from api.documents.glyphs import Substitutes, pieces, texts_of
from ledger.policies.substitutes import code_points
from ledger.values import Json

NOTE = "substitutes"
"""Member of a body: [what is printed, the code points of what was written], for its note."""


def used(data: Json | Mapping[str, Json], substitutes: Substitutes) -> Substitutes:
    """Those of the substitutes that stand for something in a text of `data`."""
    if not substitutes:
        return ()
    found: set[str] = set()
    for text in texts_of(data):
        if any(written in text for written, _ in substitutes):
            found |= {piece for piece, printed in pieces(text, substitutes) if printed is not None}
    return tuple(one for one in substitutes if one[0] in found)


def printed(body: Mapping[str, Json], substitutes: Substitutes) -> dict[str, Json]:
    """The body as it is printed, with the note on what is printed in another form."""
    told = used(body, substitutes)
    if not told:
        return dict(body)
    shown = cast("dict[str, Json]", _replaced(dict(body), told))
    return {**shown, NOTE: [*_note(told)]}


def printed_text(text: str, substitutes: Substitutes) -> str:
    """The text with its substitutes; whatever else stands in it is unchanged."""
    if not any(written in text for written, _ in substitutes):
        return text
    return "".join(
        piece if instead is None else instead for piece, instead in pieces(text, substitutes)
    )


def _note(told: Substitutes) -> Iterator[Json]:
    for written, instead in told:
        yield [instead, code_points(written)]


def _replaced(value: Json, substitutes: Substitutes) -> Json:
    if isinstance(value, str):
        return printed_text(value, substitutes)
    if isinstance(value, list):
        return [*map(partial(_replaced, substitutes=substitutes), value)]
    if isinstance(value, dict):
        return {name: _replaced(inner, substitutes) for name, inner in value.items()}
    return value
