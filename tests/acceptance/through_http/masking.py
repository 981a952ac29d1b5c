"""Two cases that must not be told apart, after what any two cases differ in is masked.

The written list (decision 0037): case number, verification code, addressee, dates, and the position
of the search. Everything else must be the same: the paper byte for byte, the files, what the doors
say, the numbers of events and their sizes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, LiteralString, cast

from api.documents.letters import letter_pdf
from tests.acceptance.through_http import documents
from tests.acceptance.through_http.desk import File
from tests.acceptance.through_http.documents import JSON_FILE, PDF_FILE, SUMS_FILE
from tests.acceptance.through_http.letters import letter_of

ALWAYS = frozenset({"verification_code", "position"})
_MEMBERS: Mapping[str, frozenset[str]] = {
    "case_number": frozenset({"number", "case_number"}),
    "addressee": frozenset({"addressee", "form", "identifiers", "names_searched"}),
    "dates": frozenset(),
    "verification_code": frozenset({"verification_code", "code_salt"}),
    "actors": frozenset({"actor", "preparers", "approver"}),
    # Where its events stand; its stream is random.
    "position": frozenset({"position", "viewed_at_position", "as_of", "case"}),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?|\d+年\d+月\d+日")
_POSITION = re.compile(rb'"as_of":\d+')
_SUM = re.compile(r"(?m)^([0-9a-f]{64}|# case .*$)")
EVENTS: LiteralString = """
    SELECT e.topic, e.state, coalesce(sum(octet_length(s.part)), 0), count(s.part)
      FROM ledger.events AS e
      LEFT JOIN ledger.sealed_parts AS s
        ON s.partition = e.partition AND s.position = e.notification_id
     WHERE e.originator_id = '{}'
     GROUP BY e.notification_id, e.topic, e.state, e.originator_version
     ORDER BY e.originator_version
"""
# What the post took is of the length of its picture, which holds the random code: the typesetter
# presses it. Padding hides all but a step of it.
_STORED = "reply-stored"
_STEP_BYTES = 4_096


def differing(left: File, right: File, mask: Sequence[str], *, apart: bool = False) -> list[str]:
    """What tells the two cases apart, besides what is masked; nothing when they are equal.

    Args:
        apart: each is in a ledger of its own, and so are the people who worked on it.
    """
    masked = ALWAYS | set(mask) | ({"actors"} if apart else set[str]())
    return [
        *of_letters(left, right, masked),
        *_of_answers(left, right, masked),
        *of_events(_events(left), _events(right)),
    ]


def of_letters(left: File, right: File, masked: frozenset[str]) -> Iterator[str]:
    """What differs between what went out, or would go out."""
    if len(left.replies) != len(right.replies):
        yield "numbers of replies"
    for mine, other in zip(left.replies, right.replies, strict=False):
        one, two = mine.letter, other.letter
        if one.files.keys() != two.files.keys():
            yield "names of the files"
            continue
        if masked_of(one.json, masked) != masked_of(two.json, masked):
            yield JSON_FILE
        elif not same_paper(one, two, masked):
            yield PDF_FILE
        if documents.pages(one.pdf) != documents.pages(two.pdf):
            yield "pages"
        for name in one.files.keys() - {JSON_FILE, PDF_FILE}:
            content, twin = one.files[name], two.files[name]
            if name == SUMS_FILE:
                content, twin = _unsummed(content), _unsummed(twin)
            if content != twin:
                yield name


def same_paper(one: documents.Letter, two: documents.Letter, masked: frozenset[str]) -> bool:
    """Whether the second letter, with what is masked of the first one, is the first, byte for byte.

    Each is made again from its JSON before that: so it is the paper that is compared.
    """
    mine, other = letter_of(one.json), letter_of(two.json)
    if letter_pdf(mine) != one.pdf or letter_pdf(other) != two.pdf:
        return False
    return letter_pdf(letter_of(_taken_over(one.json, two.json, masked))) == one.pdf


def _taken_over(mine: Any, other: Any, masked: frozenset[str], name: str = "") -> Any:  # noqa: ANN401 -- JSON
    """`other`, with what is masked as it stands in `mine`; both have one shape."""
    if name in _hidden(masked) or _is_principal(mine, masked):
        return mine
    if isinstance(other, dict):
        return {
            member: _taken_over(mine[member], one, masked, member)
            for member, one in cast("dict[str, Any]", other).items()
        }
    if isinstance(other, list):
        pairs = zip(cast("list[Any]", mine), cast("list[Any]", other), strict=True)
        return [_taken_over(one, two, masked) for one, two in pairs]
    is_dated = "dates" in masked and isinstance(other, str) and _DATE.search(other)
    return mine if is_dated else other


def _of_answers(left: File, right: File, masked: frozenset[str]) -> Iterator[str]:
    if [door for door, _ in left.told] != [door for door, _ in right.told]:
        yield "the doors"
    for (door, mine), (_, other) in zip(left.told, right.told, strict=False):
        if masked_of(mine, masked) != masked_of(other, masked):
            yield f"the answer of {door or 'the arrival'}"


def of_events(left: Sequence[tuple[Any, ...]], right: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """What differs between the events: how many of which type, and how large each is."""
    if [one[0] for one in left] != [one[0] for one in right]:
        yield "the types of the events"
    for mine, other in zip(left, right, strict=False):
        step = _STEP_BYTES if mine[0] == _STORED else 0
        if mine[1] != other[1] or mine[3] != other[3] or abs(mine[2] - other[2]) > step:
            yield f"the size of {mine[0]}: {mine[1:]} and {other[1:]}"


def sizes_of(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """(type, bytes of its header, bytes and number of its sealed parts) of each event, in order.

    Args:
        rows: what `EVENTS` finds of a case.
    """
    return [
        (kind, len(_POSITION.sub(b"", bytes(header))), sealed, parts)
        for kind, header, sealed, parts in rows
    ]


def _events(file: File) -> list[tuple[Any, ...]]:
    return sizes_of(file.world.corridor.fetch(EVENTS.format(file.id)))


def masked_of(value: object, masked: frozenset[str]) -> object:
    """An answer without what may differ."""
    if _is_principal(value, masked):
        return None
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {
            name: None
            if name in _hidden(masked) or _is_digest(name, one)
            else masked_of(one, masked)
            for name, one in members.items()
        }
    if isinstance(value, list):
        return [masked_of(one, masked) for one in cast("list[object]", value)]
    if isinstance(value, str) and "dates" in masked:
        return _DATE.sub("□", value)
    return value


def _hidden(masked: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*(_MEMBERS[one] for one in masked))


def _is_digest(name: str, value: object) -> bool:
    """Whether it is the hash of what is approved, which holds the random code.

    In a letter the member of that name is what the letter says.
    """
    return name == "content" and isinstance(value, str)


def _is_principal(value: object, masked: frozenset[str]) -> bool:
    """Whether it is the item that names the person: who is answered is who is recorded."""
    if not isinstance(value, dict) or "addressee" not in masked:
        return False
    return cast("dict[str, object]", value).get("code") == "PRINCIPAL"


def _unsummed(sums: bytes) -> bytes:
    """The list of sums without the sums, which follow from the files, and the number."""
    return _SUM.sub("-", sums.decode()).encode()
