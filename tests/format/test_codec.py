"""Sealing and opening: what goes in comes out, and what may not go in is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.clock import JAPAN
from ledger.crypto.keys import DataKey, key_id_of
from ledger.errors import CorruptRecordError, TooLargeError
from ledger.format.copies import carried_forward, verify_copy
from ledger.format.decoder import open_document, open_event
from ledger.format.encoder import fingerprint, seal
from ledger.format.envelope import EventDraft, Original, SealedEvent, StoredFact
from ledger.format.header import instant_text, read_header
from ledger.format.json import canonical, encoded, parse, strict
from ledger.values import Json
from tests.format.golden.building import FACTS, RECORD_KEY, STATEMENT, data_key, person
from tests.matrix import every

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
records = st.dictionaries(
    st.from_regex("[a-z0-9_]{1,8}", fullmatch=True),
    st.recursive(
        st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.from_regex("[a-z]{1,3}", fullmatch=True), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


LEDGER = "golden"
AT = datetime(2026, 11, 24, 0, 3, 2, 120_000, UTC)
KEYS = {RECORD_KEY.id: RECORD_KEY}
REGISTER_KEY = data_key("register", "codec register", date(2036, 12, 31))
EXCLUSION_KEY = data_key("exclusion", "codec exclusion", date(2029, 11, 30))


def draft(**members: Any) -> EventDraft:  # noqa: ANN401 -- any member
    default: dict[str, Any] = {
        "type": "provision-recorded",
        "stream": UUID(int=8),
        "version": 1,
        "at": AT,
        "actor": "emitter-1",
        "command": UUID(int=9),
        "facts": FACTS,
        "judged_at": 0,
        "record": {"source": "s", "id": "i", "order_11": "0"},
        "statement": canonical(STATEMENT),
        "lines": (person(1),),
        "first": 0,
        "fingerprint": bytes(32),
    }
    return EventDraft(**(default | members))


BARE: dict[str, Any] = {
    "facts": {},
    "judged_at": None,
    "statement": None,
    "lines": (),
    "first": None,
    "fingerprint": None,
}


def fact_of(event: SealedEvent) -> StoredFact:
    return StoredFact(1, event.stream, event.version, event.type, event.header, event.sealed)


@given(
    record=records,
    people=st.lists(st.integers(1, 99), min_size=1, max_size=9, unique=True),
    verify=st.booleans(),
)
def test_what_is_sealed_opens_again(
    record: dict[str, Json], people: list[int], *, verify: bool
) -> None:
    given_draft = draft(record=record | {"order_11": "4"}, lines=tuple(map(person, people)))
    event = seal(given_draft, RECORD_KEY, LEDGER)
    opened = open_event(fact_of(event), KEYS, LEDGER, verify=verify)
    content = opened.content
    assert content is not None
    assert content.record == given_draft.record
    assert (content.statement, content.lines) == (given_draft.statement, given_draft.lines)
    assert (opened.header.at, opened.header.actor) == (AT, "emitter-1")
    assert opened.header.facts == given_draft.facts
    assert opened.header.lines_count == len(people)


@every(
    "wrong",
    [
        {"facts": {**FACTS, "note": "x"}},
        {"facts": {**FACTS, "basis": "by word of mouth"}},
        {"facts": {**FACTS, "findings": ["B", "A"]}},
        {"actor": "Hanako M"},
        {"actor": "a" * 65},
        {"at": AT.replace(tzinfo=None)},
        {"at": AT.astimezone(timezone(timedelta(hours=9)))},
        {"at": AT.replace(microsecond=1)},
        {"judged_at": None},
        {"record": None},
        {"record": {"order_11": "5"}},
        {"record": {"order_11": 0}},
        {"record": {"order_11": "0", "note": None}},
        {"record": {"order_11": "0", "Note": "x"}},
        {"fingerprint": None},
        {"statement": None},
        {"first": None},
        {"lines": tuple(person(1) for _ in range(1_001))},
        {"type": "provision-noted"},
        {"type": "transfer-corrected", "fingerprint": None},
        {"type": "transfer-completed"},
        {"keys": (bytes(32),)},
        {"copies": Original(1, 1)},
    ],
)
def test_a_draft_that_the_format_does_not_allow_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CorruptRecordError):
        seal(draft(**wrong), RECORD_KEY, LEDGER)


def test_a_type_is_sealed_under_a_key_of_its_classes() -> None:
    for key in (None, REGISTER_KEY):
        with pytest.raises(CorruptRecordError):
            seal(draft(), key, LEDGER)
    keys = (bytes([2]) * 32, bytes([1]) * 32)
    expired = draft(type="records-expired", record=None, keys=keys, **BARE)
    header = read_header(seal(expired, None, LEDGER).header)
    assert header.keys == (bytes([1]) * 32, bytes([2]) * 32)
    assert header.blind is not None
    with pytest.raises(CorruptRecordError):
        seal(expired, REGISTER_KEY, LEDGER)
    with pytest.raises(CorruptRecordError):
        seal(replace(expired, keys=tuple(bytes([n]) * 32 for n in range(33))), None, LEDGER)


def test_content_of_more_than_4_mib_is_too_large() -> None:
    record: dict[str, Json] = {"order_11": "0", "note": "x" * (4 * 1024 * 1024)}
    with pytest.raises(TooLargeError):
        seal(draft(record=record), RECORD_KEY, LEDGER)


def review(record: dict[str, Json], **sealing: Any) -> SealedEvent:  # noqa: ANN401 -- options
    return seal(
        draft(type="review-sealed", record=record, **BARE), EXCLUSION_KEY, LEDGER, **sealing
    )


def test_exclusions_have_one_size_and_a_raised_one_is_read() -> None:
    many: dict[str, Json] = {"excluded": [[n, n, "ii"] for n in range(500)]}
    none: dict[str, Json] = {"excluded": []}
    sizes = {len(review(record).sealed or b"") for record in (none, many)}
    assert sizes == {8_192 + 28}
    raised = review({"excluded": []}, fixed_bytes=16_384)
    keys = {EXCLUSION_KEY.id: EXCLUSION_KEY}
    assert open_event(fact_of(raised), keys, LEDGER).content is not None
    with pytest.raises(TooLargeError):
        review({"note": "x" * 8_192})


def test_two_seals_of_one_draft_share_nothing_but_their_size() -> None:
    one, two = seal(draft(), RECORD_KEY, LEDGER), seal(draft(), RECORD_KEY, LEDGER)
    first, second = read_header(one.header), read_header(two.header)
    assert first.statement != second.statement
    assert first.lines_root != second.lines_root
    assert one.sealed != two.sealed
    assert first.sealed_size == second.sealed_size


def test_a_row_of_another_header_is_refused_with_its_position() -> None:
    fact = fact_of(seal(draft(), RECORD_KEY, LEDGER))
    for other in (
        replace(fact, version=2),
        replace(fact, stream=UUID(int=7)),
        replace(fact, type="receipt-recorded"),
        replace(fact, header=fact.header + b" "),
    ):
        with pytest.raises(CorruptRecordError, match="position 1") as refused:
            open_event(other, KEYS, LEDGER)
        assert refused.value.position == 1
    with pytest.raises(CorruptRecordError):
        open_event(fact, KEYS, "other")


def test_a_key_that_its_id_does_not_commit_to_is_refused() -> None:
    event = seal(draft(), RECORD_KEY, LEDGER)
    other = DataKey(RECORD_KEY.id, bytes(32), "record", date(2029, 1, 1))
    assert key_id_of(other.secret, LEDGER) != RECORD_KEY.id
    with pytest.raises(CorruptRecordError, match="commits"):
        open_event(fact_of(event), {RECORD_KEY.id: other}, LEDGER)


def test_a_document_opens_as_itself_only() -> None:
    pages = (b"page one", b"x" * 70_000)
    published = draft(type="notice-published", record={"notice_id": "n"}, attached=pages, **BARE)
    event = seal(published, REGISTER_KEY, LEDGER)
    header = read_header(event.header)
    assert [size for _, size in header.attached] == [65_536 + 28, 2 * 65_536 + 28]
    for n, page in enumerate(pages):
        assert open_document(header, REGISTER_KEY, n, event.attached[n]) == page
    for n, sealed in ((1, event.attached[0]), (2, event.attached[0]), (0, event.attached[0][:-1])):
        with pytest.raises(CorruptRecordError):
            open_document(header, REGISTER_KEY, n, sealed)
    with pytest.raises(CorruptRecordError):
        open_document(header, RECORD_KEY, 0, event.attached[0])
    with pytest.raises(CorruptRecordError):
        seal(replace(published, attached=(b"",) * 9), REGISTER_KEY, LEDGER)


@given(st.integers(1, 20), st.data())
def test_a_copy_proves_its_lines_and_can_be_copied_again(count: int, data: st.DataObject) -> None:
    event = seal(draft(lines=tuple(map(person, range(count)))), RECORD_KEY, LEDGER)
    opened = open_event(fact_of(event), KEYS, LEDGER)
    assert opened.content is not None
    keep = data.draw(st.sets(st.integers(0, count - 1)))
    fewer = data.draw(st.sets(st.sampled_from(sorted(keep)))) if keep else set[int]()
    content = opened.content
    for kept in (keep, fewer):
        copy = carried_forward(opened.header, content, kept)
        place: dict[str, Any] = {"version": 2, "copies": Original(1, 1), "copy": copy}
        carrier = draft(type="record-carried-forward", record=None, **place, **BARE)
        sealed = fact_of(seal(carrier, RECORD_KEY, LEDGER))
        read = open_event(sealed, KEYS, LEDGER, original=opened.header)
        assert read.content is not None
        assert read.content.copy == copy
        assert [j for j, _, _ in copy.lines] == sorted(kept)
        content = read.content
        with pytest.raises(CorruptRecordError):
            verify_copy(copy, read.header, read.header)
    with pytest.raises(CorruptRecordError):
        carried_forward(opened.header, content, {count})


def test_a_fingerprint_tells_every_difference() -> None:
    data: dict[str, Json] = {"items": ["a", "b"], "acquisition": None}
    same = fingerprint("s", "i", {"acquisition": None, "items": ["a", "b"]})
    assert fingerprint("s", "i", data) == same
    others = [
        fingerprint("s", "j", data),
        fingerprint("si", "", data),
        fingerprint("s", "i", {"items": ["b", "a"], "acquisition": None}),
        fingerprint("s", "i", {"items": ["a", "b"]}),
    ]
    assert same not in others


def test_an_instant_in_another_zone_is_refused_though_the_same_was_just_written_in_utc() -> None:
    at = draft().at
    assert instant_text(at).endswith("Z")
    for other in (at.astimezone(JAPAN), at.astimezone(timezone(timedelta(), "Z"))):
        assert other == at
        with pytest.raises(CorruptRecordError):
            instant_text(other)


@every(
    "text",
    [
        "0A0B0C0D-0E0F-8A0B-8C0D-0E0F0A0B0C0D",
        "0a0b0c0d0e0f8a0b8c0d0e0f0a0b0c0d",
        "{0a0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d}",
        "urn:uuid:0a0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d",
        " 0a0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d",
        "+a0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d",
        "0x0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d",
        "0a0b0c0d_0e0f_8a0b_8c0d_0e0f0a0b0c0d",
        "0a0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d0",
        "\uff11a0b0c0d-0e0f-8a0b-8c0d-0e0f0a0b0c0d",
        "",
    ],
)
def test_an_id_has_one_form_in_a_header(text: str) -> None:
    header = seal(draft(), RECORD_KEY, LEDGER).header
    members = parse(header)
    assert isinstance(members, dict)
    read_header(encoded(members))
    with pytest.raises(CorruptRecordError):
        read_header(encoded({**members, "command": text}))


# -- jSON of the format has one encoding; any other is refused -------------------------------------


@given(records)
def test_canonical_json_is_its_own_re_encoding(value: dict[str, Json]) -> None:
    assert strict(canonical(value)) == parse(canonical(value)) == value


@every(
    "content",
    [
        b"",
        b"{",
        b"nil",
        b'{"a":1}\n',
        b' {"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":9007199254740992}',
        b'{"a":null}',
        b'{"a":[null]}',
        b'{"A":1}',
        b'{"":1}',
        b'{"a":"\\/"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a":NaN}',
        b'{"a":"\x01"}',
        b"null",
        b"1.5",
    ],
)
def test_json_with_another_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(CorruptRecordError):
        strict(content)


@every("value", [1.5, {"a": 1.0}, {"a": None}, {"A": 1}, {"a": 2**53}, {"a": "\ud800"}])
def test_a_value_without_an_encoding_is_refused(value: Any) -> None:  # noqa: ANN401 -- anything
    with pytest.raises(CorruptRecordError):
        canonical(value)


def test_null_stands_where_the_schema_gives_it_a_meaning() -> None:
    text = b'{"acquisition":null,"counterparty":{"address":null,"representative":null}}'
    assert canonical(strict(text)) == text  # pyright: ignore[reportArgumentType] -- JSON
