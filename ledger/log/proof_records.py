"""Reads showings and proofs as a stranger does: with the log's public key, and nothing of ours.

Source: `docs/reference/event-format.md`, section 9; RFC 9162, section 2.1.3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from ledger.crypto.answers import AnsweredLine, AnswerKeys, answer_of
from ledger.crypto.commitments import line_commitment, statement_commitment
from ledger.crypto.encoding import context
from ledger.crypto.notes import SignedNote, Verifier
from ledger.errors import CorruptRecordError
from ledger.format.content import check_line, check_statement
from ledger.format.envelope import Header
from ledger.format.header import event_hash, read_header
from ledger.format.json import canonical, strict
from ledger.format.proof import FORMS, VERSION
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashes import HASH_BYTES, leaf_hash
from ledger.merkle.proofs import verify_inclusion
from ledger.values import Json

_CHUNK: Final = "principals-appended"
_ANSWER: Final = "answer-committed"
_Members = Mapping[str, Json]
_Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProvenRecord:
    """What is proven of one transfer.

    Attributes:
        positions: of its events, in the log.
        statement: as canonical JSON; None where a showing has none.
        line: of the person, likewise; `number` of it in the transfer.
        statement_at, line_at: position of the event that each is in.
    """

    positions: tuple[int, ...]
    statement: bytes | None
    line: bytes | None
    stream: UUID
    number: int | None
    statement_at: int | None = None
    line_at: int | None = None


@dataclass(frozen=True, slots=True)
class ProvenAnswer:
    """What the answer told, as it was bound when the reply was approved.

    Attributes:
        case: of the request; position: where it is bound in the log.
        as_of: up to where the log was searched.
        asked: of whom.
        shown: how many lines are proven here; withheld: of how many the reply does not show all.
        form: 1 does not bind in which version each was told, and of what something is withheld.
    """

    case: UUID
    position: int
    as_of: int
    asked: Mapping[str, Json]
    shown: int
    withheld: int
    form: int

    @property
    def identifiers(self) -> list[dict[str, str]]:
        """The identifiers that were found to be the person's."""
        return cast("list[dict[str, str]]", self.asked["identifiers"])


@dataclass(frozen=True, slots=True)
class ProofContent:
    """What a proof proves.

    Attributes:
        answer: None of a reply of before answers were bound: then nothing says that no record was
            left out, or is shown that was not told.
    """

    checkpoint: Checkpoint
    records: tuple[ProvenRecord, ...]
    answer: ProvenAnswer | None = None


def read_proof(content: bytes, key: Verifier, ledger: str) -> ProofContent:
    """What the proof, or a single showing, proves; every hash is made again.

    Args:
        key: the log's; `ledger` the ledger's name.

    Raises:
        CorruptRecordError: it proves not all that it says, or holds more than it needs.
    """
    try:
        members = strict(content)
        is_proof = isinstance(members, dict) and "records" in members
        needs = {"checkpoint", "v", "records" if is_proof else "events"}
        may = {"answer"} if is_proof else {"line", "statement"}
        members = _closed(members, needs, needs | may)
        version = _number(members["v"])
        if version not in (FORMS if "answer" in members else (VERSION,)):
            raise CorruptRecordError("a proof of another version")
        checkpoint = _signed(_text(members["checkpoint"]), key, ledger)
        shown = [members]
        if is_proof:
            own = {"events", "line", "statement"}
            shown = [_closed(one, own) for one in _list(members["records"])]
        records = [_record(one, checkpoint, ledger, has_commitments=is_proof) for one in shown]
        answer = None
        if "answer" in members:
            form = FORMS[version]
            answer = _answer(members["answer"], checkpoint, ledger, records, form)
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError):
        raise CorruptRecordError("a proof is not what its format allows") from None
    if len(set(records)) < len(records):
        raise CorruptRecordError("a proof shows one record twice")
    return ProofContent(checkpoint, tuple(records), answer)


def _signed(content: str, key: Verifier, ledger: str) -> Checkpoint:
    note = SignedNote.read(content)
    note.verified([key])
    checkpoint = Checkpoint.read(note.text)
    if (checkpoint.text, checkpoint.origin) != (note.text, key.name):
        raise CorruptRecordError("the checkpoint is not that of this log")
    if not checkpoint.origin.endswith(f"/{ledger}"):
        raise CorruptRecordError("the checkpoint is of another ledger")
    return checkpoint


def _record(
    members: _Members, checkpoint: Checkpoint, ledger: str, *, has_commitments: bool
) -> ProvenRecord:
    """One record. `has_commitments`: its commitments are said besides."""
    headers: dict[_Place, Header] = {}
    positions: list[int] = []
    for e, one in enumerate(_list(members["events"])):
        event = _closed(one, {"header", "index", "path"}, {"header", "index", "path", "parts"})
        headers[e,] = _proven(event, checkpoint.size, checkpoint.root)
        if headers[e,].type == _CHUNK:
            raise CorruptRecordError("a chunk is shown by its completion only")
        positions.append(_number(event["index"]) + 1)
        for n, part in enumerate(_list(event["parts"]) if "parts" in event else []):
            headers[e, n] = _part(_closed(part, {"header", "index", "path"}), headers[e,], n)
    shown = {
        name: _closed_text(members[name], is_line=name == "line", has_commitments=has_commitments)
        for name in ("statement", "line")
        if name in members
    }
    places = {name: _parse_indexes(one["in"]) for name, one in shown.items()}
    _check_indexes(headers, set(places.values()))
    if {(one.ledger, one.stream) for one in headers.values()} != {(ledger, headers[0,].stream)}:
        raise CorruptRecordError("the events are not of one stream of this ledger")
    statement = line = number = None
    if "statement" in shown:
        statement = _statement(shown["statement"], headers[places["statement"]])
    if "line" in shown:
        header = headers[places["line"]]
        line = _line(shown["line"], header)
        number = _line_number(header, _number(shown["line"]["index"]), line)
    at = {name: positions[place[0]] for name, place in places.items()}
    return ProvenRecord(
        tuple(positions),
        statement,
        line,
        headers[0,].stream,
        number,
        at.get("statement"),
        at.get("line"),
    )


def _line_number(header: Header, j: int, text: bytes) -> int:
    """Its number in the transfer."""
    if header.lines_first is not None:
        return header.lines_first + j
    return _number(cast("dict[str, Json]", strict(text))["n"])


def _answer(
    value: Json,
    checkpoint: Checkpoint,
    ledger: str,
    records: Sequence[ProvenRecord],
    form: int,
) -> ProvenAnswer:
    """The answer that was bound, which told these records and no others."""
    members = _closed(value, {"asked", "event", "lines", "salt"})
    event = _closed(members["event"], {"header", "index", "path"})
    header = _proven(event, checkpoint.size, checkpoint.root)
    if (header.type, header.ledger) != (_ANSWER, ledger):
        raise CorruptRecordError("this event binds no answer of this ledger")
    asked = _closed(members["asked"], {"identifiers", "tried"})
    _hash(asked["tried"])
    for one in _list(asked["identifiers"]):
        for text in _closed(one, {"id", "scheme"}).values():
            _text(text)
    lines = [_answered_line(one, form) for one in _list(members["lines"])]
    as_of, position = _number(header.facts["as_of"]), _number(event["index"]) + 1
    if as_of >= position:
        raise CorruptRecordError("an answer as of a position behind itself")
    digests = [(one, True) if isinstance(one, bytes) else (one.digest, False) for one in lines]
    place = (ledger, header.stream, as_of)
    keys = AnswerKeys(form, _hash(members["salt"]))
    found = answer_of(keys, *place, canonical(asked), digests)
    if found != _hash(header.facts["answer"]):
        raise CorruptRecordError("the answer that was bound told something else")
    opened = [one for one in lines if isinstance(one, AnsweredLine)]
    shown = {(one.stream, one.number) for one in records}
    if len(records) != len(opened) or shown != {(one.stream, one.line) for one in opened}:
        raise CorruptRecordError("a record that was told is not shown, or one that was not told is")
    versions = {(one.stream, one.number, one.statement_at, one.line_at) for one in records}
    bound = {(one.stream, one.line, one.statement_at, one.line_at) for one in opened}
    if form > 1 and versions != bound:
        raise CorruptRecordError("a record is shown in another version than was told")
    for one in records:
        if max(one.positions) > as_of:
            raise CorruptRecordError("a record is shown as it was after the answer")
    withheld = len(lines) - len(opened)
    return ProvenAnswer(header.stream, position, as_of, asked, len(opened), withheld, form)


def _answered_line(value: Json, form: int) -> AnsweredLine | bytes:
    """One line, or its hash alone."""
    if isinstance(value, str):
        return _hash(value)
    places = ("statement_at", "line_at") if form > 1 else ()
    one = _closed(value, {"first", "last", "line", "stream", "version", *places})
    stream = UUID(_text(one["stream"]))
    if str(stream) != one["stream"]:
        raise CorruptRecordError("no stream where one belongs")
    return AnsweredLine(
        stream, *(_number(one[name]) for name in ("first", "last", "version", "line", *places))
    )


def _proven(one: _Members, size: int, root: bytes) -> Header:
    header = _text(one["header"]).encode()
    leaf = leaf_hash(event_hash(header))
    if not verify_inclusion(leaf, _number(one["index"]), size, _path(one["path"]), root):
        raise CorruptRecordError("an event does not stand where it is said to stand")
    return read_header(header)


def _part(one: _Members, completion: Header, n: int) -> Header:
    parts = completion.parts
    if parts is None:
        raise CorruptRecordError("an event without parts is shown with some")
    if (_number(one["index"]) > 0) != (n > 0):
        raise CorruptRecordError("the first part is not the recorded event")
    return _proven(one, parts.count, parts.root)


def _check_indexes(headers: Mapping[_Place, Header], shown: set[_Place]) -> None:
    """Something is shown, each of it in an event that is there, and no event for nothing."""
    extra = {place for place in headers if place[1:] > (0,)}
    if not shown or not extra <= shown <= headers.keys():
        raise CorruptRecordError("an event is shown that nothing is in, or is not there")
    if {place[:1] for place in headers} != {place[:1] for place in shown}:
        raise CorruptRecordError("an event is shown that nothing is in")


def _statement(one: _Members, header: Header) -> bytes:
    text = _text(one["text"]).encode()
    check_statement(text)
    place = context(header.ledger, header.stream, header.version)
    found = statement_commitment(_hash(one["salt"]), place, text)
    if found != header.statement or found != _hash(one.get("commitment", found.hex())):
        raise CorruptRecordError("the statement is not the one that was committed to")
    return text


def _line(one: _Members, header: Header) -> bytes:
    text, j = _text(one["text"]).encode(), _number(one["index"])
    check_line(text, is_numbered=header.lines_first is None)
    place = context(header.ledger, header.stream, header.version)
    if header.lines_root is None or j >= header.lines_count:
        raise CorruptRecordError("the event has no such line")
    found = line_commitment(_hash(one["salt"]), place, j, text)
    path = _path(one["path"])
    is_there = verify_inclusion(leaf_hash(found), j, header.lines_count, path, header.lines_root)
    if not is_there or found != _hash(one.get("commitment", found.hex())):
        raise CorruptRecordError("the line is not the one that was committed to")
    return text


def _closed_text(value: Json, *, is_line: bool, has_commitments: bool) -> _Members:
    needs = {"in", "salt", "text"}
    needs |= {"index", "path"} if is_line else set()
    return _closed(value, needs | {"commitment"} if has_commitments else needs)


def _closed(value: Json, needs: set[str], may: set[str] | None = None) -> _Members:
    if not isinstance(value, dict) or not needs <= value.keys() <= (may or needs):
        raise CorruptRecordError("an object has too few or too many members")
    return value


def _parse_indexes(value: Json) -> _Place:
    place = tuple(_number(one) for one in _list(value))
    if len(place) not in (1, 2):
        raise CorruptRecordError("a place is an event, or an event and a part")
    return place


def _path(value: Json) -> Sequence[bytes]:
    return [_hash(one) for one in _list(value)]


def _list(value: Json) -> list[Json]:
    if type(value) is not list:
        raise CorruptRecordError("no list where one belongs")
    return cast("list[Json]", value)


def _number(value: Json) -> int:
    if type(value) is not int or value < 0:
        raise CorruptRecordError("no number where one belongs")
    return value


def _text(value: Json) -> str:
    if type(value) is not str:
        raise CorruptRecordError("no text where one belongs")
    return value


def _hash(value: Json) -> bytes:
    found = bytes.fromhex(_text(value))
    if len(found) != HASH_BYTES or found.hex() != value:
        raise CorruptRecordError("no hash where one belongs")
    return found
