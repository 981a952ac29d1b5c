"""Texts that are there and say nothing: an item that is blank is an item that is missing (0069).

What the schema refuses when it is empty is refused as well when nothing in it can be seen: white
space of any kind, zero-width and other format characters, marks on nothing, fillers. The schema
cannot say so itself: its patterns know no category of Unicode that every validator reads alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from api.contract.bounds import DEFECTS_MAX
from api.contract.characters import Path, is_visible
from api.contract.member_reasons import article, why_required
from api.contract.pointers import pointer_to
from api.contract.shape import SCHEMA
from ledger.errors import Defect
from ledger.policies.blanks import FILLERS

BLANK: Final = "BLANK"

Schema = Mapping[str, Any]


def _properties(schema: Schema) -> Mapping[str, Schema]:
    return cast("Mapping[str, Schema]", schema.get("properties", {}))


def _texts(schema: Schema) -> frozenset[str]:
    """The members of an object that are texts and must not be empty."""
    return frozenset(name for name, one in _properties(schema).items() if "minLength" in one)


_TOP: Final = _texts(SCHEMA)
_INNER: Final = {name: _texts(one) for name, one in _properties(SCHEMA).items() if _texts(one)}
_ELEMENTS: Final = {
    name: cast("Schema", one["items"])
    for name, one in _properties(SCHEMA).items()
    if "items" in one
}
_LISTED: Final = frozenset(name for name, one in _ELEMENTS.items() if "minLength" in one)
_OF_EACH: Final = {name: _texts(one) for name, one in _ELEMENTS.items() if _texts(one)}


def blank_texts(data: Mapping[str, object]) -> tuple[Defect, ...]:
    """One defect for each text of `data` in which nothing can be seen, `DEFECTS_MAX` at most.

    An empty text and a member of a wrong type are the schema's to refuse.
    """
    found: list[Path] = []
    # Every transfer passes here, and hardly one has such a text: nothing is made for the others.
    for name, value in data.items():
        if isinstance(value, str):
            if name in _TOP and _is_blank(value):
                found.append((name,))
        elif isinstance(value, dict):
            if name in _INNER:
                _check_members(cast("Mapping[str, object]", value), _INNER[name], (name,), found)
        elif isinstance(value, list):
            _check_elements(cast("Sequence[object]", value), name, found)
    return tuple([_defect(path, data) for path in found[:DEFECTS_MAX]]) if found else ()


def _check_elements(elements: Sequence[object], name: str, found: list[Path]) -> None:
    if name in _LISTED:
        for n, one in enumerate(elements):
            if isinstance(one, str) and _is_blank(one):
                found.append((name, n))
    elif name in _OF_EACH:
        texts = _OF_EACH[name]
        # A thousand persons pass here: as `_check_members`, without a call and a path for each.
        for n, one in enumerate(elements):
            if isinstance(one, dict):
                for member, text in cast("Mapping[str, object]", one).items():
                    if member in texts and isinstance(text, str) and _is_blank(text):
                        found.append((name, n, member))


def _check_members(
    members: Mapping[str, object], texts: frozenset[str], path: Path, found: list[Path]
) -> None:
    for name, text in members.items():
        if name in texts and isinstance(text, str) and _is_blank(text):
            found.append((*path, name))


def _is_blank(text: str) -> bool:
    # The first character tells for nearly every text: a letter or a digit can be seen.
    if not text or (text[0].isalnum() and text[0] not in FILLERS):
        return False
    return not is_visible(text)


def _defect(path: Path, data: Mapping[str, object]) -> Defect:
    member = next(token for token in reversed(path) if isinstance(token, str))
    if path[0] == "principals" and member == "name":
        # Not wanted by itself: what identifies a person may do without a name.
        advice = f"state `name`, or leave it out ({article('principals', data)})"
    else:
        advice = why_required(member, data)
    return Defect(pointer_to(path), BLANK, f"holds nothing that can be seen; {advice}")
