"""Domain events → drafts → bytes → domain events: nothing is lost, nothing is added."""

import dataclasses
import string
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.codec import open_event, seal
from ledger.codec.types import TYPES
from ledger.correction import changed_data
from ledger.crypto.keys import DataKey, key_id_of
from ledger.drafts import Place, draft_of, fact_of, principals_in
from ledger.drafts.reading import event_of
from ledger.envelope import OpenEvent, Parts, StoredFact
from ledger.errors import CorruptRecordError
from ledger.events import (
    DirectiveLifted,
    DirectiveReceived,
    Event,
    Expired,
    Fact,
    HistoryViewed,
    IdentifiersLinked,
    IdentifiersUnlinked,
    Line,
    NoticePublished,
    NoticeWithdrawn,
    PrincipalRenamed,
    PrincipalsAppended,
    SeriesClosed,
    SeriesExtended,
    SeriesOpened,
    TransferCompleted,
    TransferRetracted,
)
from ledger.policies.context import Context, Stop
from ledger.values import Json, PrincipalRef
from tests.ledger.given import corrected, data, reclassified, record, recorded, state_after, stopped
from tests.oracle import steps

LEDGER = "test-ledger"
_SECRET = bytes(range(32))
PLACE = Place(
    UUID(int=5), 3, datetime(2026, 6, 1, 3, 4, 5, 678_000, tzinfo=UTC), "a" * 32, UUID(int=6), 17
)

_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
_day = st.dates(date(1990, 1, 1), date(2100, 1, 1))
_uuid = st.uuids()
_ref = st.builds(
    PrincipalRef, st.text(string.ascii_lowercase, min_size=1, max_size=5), _text, st.none() | _text
)
_json: st.SearchStrategy[Json] = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=5,
)
_members = st.dictionaries(st.text("abc_19", min_size=1, max_size=4), _json, max_size=4)
_kind = st.sampled_from(("opt_out_stop", "consent_withdrawn", "provision_stopped"))
_reason = st.sampled_from(("not_occurred", "duplicate", "other_person"))


@st.composite
def _contents(draw: st.DrawFn) -> dict[str, Any]:
    """Transfers of every basis, with texts of every kind."""
    people = draw(
        st.lists(_ref, min_size=1, max_size=4, unique_by=lambda ref: (ref.scheme, ref.id))
    )
    content: dict[str, Any] = {
        **data(),
        "counterparty": draw(st.sampled_from(steps.PARTIES)),
        "items": draw(st.lists(_text, min_size=1, max_size=3, unique=True)),
        **draw(st.sampled_from(steps.BASES)),
        **draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "purpose": _text,
                    "recorded_on": st.just("2026-04-03"),
                    "special_care": st.booleans(),
                    "derived_from": st.lists(_text, min_size=1, max_size=2, unique=True),
                    "acquisition": st.none() | _text,
                    "delivery": st.just("api"),
                },
            )
        ),
    }
    content["principals"] = [
        {"scheme": ref.scheme, "id": ref.id, **({"name": ref.name} if ref.name else {})}
        for ref in people
    ]
    return content


@st.composite
def _contexts(draw: st.DrawFn) -> Context:
    stops = draw(
        st.dictionaries(
            st.integers(0, 3),
            st.lists(st.builds(Stop, _kind, st.just(date(2026, 1, 1))), min_size=1, max_size=3),
            max_size=3,
        )
    )
    return Context(stops={index: tuple(found) for index, found in stops.items()})


@st.composite
def _recorded(draw: st.DrawFn) -> Event:
    fingerprint = draw(st.binary(min_size=32, max_size=32))
    mark = draw(st.integers(0, 4))
    content, context = draw(_contents()), draw(_contexts())
    people = len(content["principals"])
    known = Context(stops={n: s for n, s in context.stops.items() if n < people})
    [event] = record(content, context=known, fingerprint=fingerprint, order_11=mark)
    entry = dataclasses.replace(event.entry, series=draw(st.none() | _uuid))
    notice_position = draw(st.none() | st.integers(1, 10**9))
    whole = dataclasses.replace(entry.record, notice_position=notice_position)
    return type(event)(dataclasses.replace(entry, record=whole))


@st.composite
def _correction(draw: st.DrawFn, decide: Callable[..., Event]) -> Event:
    state = state_after(recorded(data("P1", "P2", "P3")))
    content = draw(_contents())
    people = draw(st.lists(st.sampled_from(["P1", "P3", "P5", "P6"]), min_size=1, unique=True))
    content["principals"] = [{"scheme": "member", "id": one} for one in people]
    stops = draw(st.sets(st.integers(0, len(people) - 1)))
    assert changed_data(state, content)
    return decide(state, content, stopped(*stops))


def _chunk(first: int, refs: list[PrincipalRef]) -> PrincipalsAppended:
    return PrincipalsAppended({first + n: Line(ref) for n, ref in enumerate(refs)})


STRATEGIES: Mapping[str, st.SearchStrategy[Event]] = {
    **dict.fromkeys(
        (
            "provision-recorded",
            "receipt-recorded",
            "referable-provision-recorded",
            "joint-use-transfer-recorded",
            "exempt-transfer-recorded",
        ),
        _recorded(),
    ),
    "principals-appended": st.builds(
        _chunk, st.integers(0, 5_000), st.lists(_ref, min_size=1, max_size=4)
    ),
    "transfer-completed": st.just(TransferCompleted()),
    "transfer-corrected": _correction(corrected),
    "transfer-reclassified": _correction(reclassified),
    "transfer-retracted": st.builds(TransferRetracted, _reason, st.none() | _text),
    "series-opened": st.builds(
        SeriesOpened, _text, _text, _uuid, st.just("provided"), st.just("collective"), _day
    ),
    "series-extended": st.builds(SeriesExtended, _uuid, st.none() | _day),
    "series-closed": st.builds(SeriesClosed, _uuid, _day),
    "identifiers-linked": st.builds(IdentifiersLinked, _ref, _ref, _text),
    "identifiers-unlinked": st.builds(IdentifiersUnlinked, _ref, _ref, _text),
    "principal-renamed": st.builds(PrincipalRenamed, _ref, _text),
    "directive-received": st.builds(
        DirectiveReceived, _ref, _kind, _day, st.none() | _text, st.none() | _text
    ),
    "directive-lifted": st.builds(
        DirectiveLifted, _kind, _day, st.none() | _text, st.none() | _text
    ),
    "notice-published": st.builds(
        NoticePublished,
        _text,
        st.sampled_from(("joint_use", "opt_out")),
        _members,
        st.none() | _members,
        st.integers(1, 99),
        _day,
        _day,
    ),
    "notice-withdrawn": st.builds(NoticeWithdrawn, _day, _text),
    "history-viewed": st.builds(
        HistoryViewed,
        st.integers(0, 2**53 - 1),
        _text,
        st.lists(_ref, min_size=1, max_size=3).map(tuple),
        st.integers(0, 500),
    ),
}
"""Every type that the ledger appends today → its events. Held complete by test_house.py."""


def place_of(event: Event) -> Place:
    """A verdict says as of which position it was given; nothing else may say so."""
    judged = "judged_at" in TYPES[event.TYPE].allowed
    return PLACE if judged else dataclasses.replace(PLACE, judged_at=None)


def opened(event: Event, *, is_alive: bool = True) -> OpenEvent:
    """The event as it comes back from the store."""
    draft = draft_of(event, place_of(event), bytes(16))
    if isinstance(event, TransferCompleted):
        draft = dataclasses.replace(draft, parts=Parts(2, 1, bytes(32)))
    classes = TYPES[draft.type].classes
    key = None
    if classes:
        key_id = key_id_of(_SECRET, LEDGER)
        key = DataKey(key_id, _SECRET, classes[0], date(2029, 1, 1))
    sealed = seal(draft, key, LEDGER)
    part = sealed.sealed if is_alive else None
    stored = StoredFact(9, sealed.stream, sealed.version, sealed.type, sealed.header, part)
    living = {key.id: key} if key is not None and is_alive else {}
    return open_event(stored, living, LEDGER)


@pytest.mark.parametrize("event_type", sorted(STRATEGIES))
@given(drawn=st.data())
@settings(max_examples=25, deadline=None)
def test_every_event_comes_back_from_its_bytes(event_type: str, drawn: st.DataObject) -> None:
    event = drawn.draw(STRATEGIES[event_type])
    fact = fact_of(opened(event))
    place = place_of(event)
    assert fact == Fact(
        9, place.stream, place.version, place.at, place.actor, event, place.judged_at, fact.facts
    )


@pytest.mark.parametrize("event_type", sorted(set(STRATEGIES) - {"transfer-completed"}))
@given(drawn=st.data())
@settings(max_examples=3, deadline=None)
def test_an_event_whose_key_is_dead_is_known_by_its_type_only(
    event_type: str, drawn: st.DataObject
) -> None:
    event = drawn.draw(STRATEGIES[event_type])
    assert event_of(opened(event, is_alive=False)) == Expired(event.TYPE)


def test_the_index_learns_of_exactly_the_persons_whose_lines_an_event_holds() -> None:
    content = opened(recorded(data("P1", "P2"))).content
    assert content is not None
    assert [one.id for one in principals_in(content)] == ["P1", "P2"]
    changed = corrected(state_after(recorded(data("P1", "P2"))), {"items": ["氏名"]})
    content = opened(changed).content
    assert content is not None
    assert principals_in(content) == []


def test_one_persons_finding_stands_in_no_header_and_in_nobody_elses_line() -> None:
    plain = opened(recorded(data("P1", "P2", "P3")))
    with_stop = opened(recorded(data("P1", "P2", "P3"), context=stopped(1)))
    assert with_stop.header.facts == plain.header.facts
    assert with_stop.content is not None
    assert plain.content is not None
    assert with_stop.content.statement == plain.content.statement
    before, after = plain.content.lines, with_stop.content.lines
    assert (before[0], before[2]) == (after[0], after[2])
    assert before[1] != after[1]
    assert dict(with_stop.content.record or {})["tally"] == {"consent_withdrawn": 1}


def test_a_clear_header_holds_nothing_that_was_typed() -> None:
    content = data(
        "秘密の識別子",
        purpose="秘密の目的",
        items=["秘密の項目"],
        base_record="秘密の鍵",
        omitted_items=["ITEMS"],
    )
    draft = draft_of(recorded(content), PLACE, bytes(16))
    assert "秘密" not in str(draft.facts)
    assert str(draft.facts.keys()).isascii()


def test_an_unknown_type_is_refused() -> None:
    one = opened(NoticeWithdrawn(date(2026, 1, 1), "終了"))
    odd = dataclasses.replace(one, header=one.header._replace(type="case-opened"))
    with pytest.raises(CorruptRecordError):
        event_of(odd)
