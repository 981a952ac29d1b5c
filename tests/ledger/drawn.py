"""Events of every type that the ledger appends, as Hypothesis draws them."""

import dataclasses
import string
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from ledger.accesses.access import WHAT
from ledger.format.events import (
    EXPIRY_COUNTS,
    DirectiveLifted,
    DirectiveReceived,
    DocumentViewed,
    Event,
    ExpiryPlanned,
    HistoryViewed,
    HoldPlaced,
    HoldReleased,
    IdentifiersLinked,
    IdentifiersUnlinked,
    LogEpochStarted,
    NoticePublished,
    NoticeWithdrawn,
    PersonLine,
    PrincipalRenamed,
    PrincipalsAppended,
    ProcedurePublished,
    RecordCarriedForward,
    RecordsExpired,
    SeriesClosed,
    SeriesExtended,
    SeriesOpened,
    TransferCompleted,
    TransferFindingsSettled,
    TransferRetracted,
)
from ledger.law.findings import FINDINGS
from ledger.law.notice_changes import CHANGE_VERDICTS
from ledger.policies.context import ActiveStop, Context
from ledger.policies.notice_changes import ChangeStatement, JudgedChange
from ledger.transfers.correction import changed_data
from ledger.transfers.settlement import ACTIONS
from ledger.values import Json, PrincipalRef
from tests.ledger.case_drawn import CASE_STRATEGIES
from tests.ledger.emitter_drawn import EMITTER_STRATEGIES
from tests.ledger.exclusion_drawn import EXCLUSION_STRATEGIES
from tests.ledger.export_drawn import EXPORT_STRATEGIES
from tests.ledger.given import corrected, data, reclassified, record, recorded, state_after, stopped
from tests.oracle import steps

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
# Whom a hold names is named by an identifier alone.
_identifier = st.builds(PrincipalRef, _text, _text)
_keys = st.sets(st.binary(min_size=32, max_size=32), min_size=1, max_size=32).map(
    lambda keys: tuple(sorted(keys))
)
_counts = st.fixed_dictionaries(dict.fromkeys(EXPIRY_COUNTS, st.integers(0, 10**6)))
_kind = st.sampled_from(("opt_out_stop", "consent_withdrawn", "provision_stopped"))
_reason = st.sampled_from(("not_occurred", "duplicate", "other_person"))
_codes = st.sets(st.sampled_from(sorted(FINDINGS)), min_size=1).map(lambda one: tuple(sorted(one)))


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
            st.lists(
                st.builds(ActiveStop, _kind, st.just(date(2026, 1, 1))), min_size=1, max_size=3
            ),
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
    return PrincipalsAppended({first + n: PersonLine(ref) for n, ref in enumerate(refs)})


STRATEGIES: Mapping[str, st.SearchStrategy[Event]] = {
    **CASE_STRATEGIES,
    **EMITTER_STRATEGIES,
    **EXCLUSION_STRATEGIES,
    **EXPORT_STRATEGIES,
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
    "transfer-findings-settled": st.builds(
        TransferFindingsSettled, _codes, st.sampled_from(ACTIONS), _text
    ),
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
        st.builds(
            ChangeStatement,
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.lists(st.tuples(_text, _text), max_size=2).map(tuple),
        ),
        st.lists(
            st.builds(JudgedChange, _text, _text, st.sampled_from(tuple(CHANGE_VERDICTS))),
            max_size=3,
        ).map(tuple),
    ),
    "notice-withdrawn": st.builds(NoticeWithdrawn, _day, _text),
    "hold-placed": st.builds(HoldPlaced, _text, _uuid, st.just(()), st.none() | _text)
    | st.builds(
        HoldPlaced,
        _text,
        st.none(),
        st.lists(_identifier, min_size=1, max_size=3).map(tuple),
        st.none() | _text,
    ),
    "hold-released": st.builds(HoldReleased, _text),
    "expiry-planned": st.builds(
        ExpiryPlanned,
        _day,
        _keys,
        st.lists(_uuid, max_size=3).map(tuple),
        st.lists(_uuid, max_size=3).map(tuple),
        _counts,
        st.booleans(),
    ),
    "records-expired": st.builds(RecordsExpired, _keys, _counts),
    "record-carried-forward": st.builds(
        RecordCarriedForward, st.integers(1, 2**53 - 1), st.integers(1, 2**31 - 1)
    ),
    "history-viewed": st.builds(
        HistoryViewed,
        st.integers(0, 2**53 - 1),
        _text,
        st.lists(_ref, min_size=1, max_size=3).map(tuple),
        st.integers(0, 500),
        st.none() | _text,
    ),
    "procedure-published": st.builds(ProcedurePublished, _day, _members),
    "log-epoch-started": st.builds(
        LogEpochStarted,
        st.integers(2, 99),
        st.sampled_from(["ledger.example.jp/main", "ledger.example.jp/epoch-2/main"]),
        st.integers(0, 2**53 - 1),
        st.binary(min_size=32, max_size=32),
        st.binary(min_size=32, max_size=32),
        st.none() | st.integers(0, 2**53 - 1),
        _text,
        _text,
    ),
    "document-viewed": st.builds(
        DocumentViewed,
        st.none() | _uuid,
        st.sampled_from(sorted(WHAT)),
        st.none() | st.integers(1, 99),
        st.none() | st.just("records.csv"),
        st.none() | _text,
        st.none() | _uuid,
        st.none() | st.just("2026-999999"),
    ),
}
"""Every type that the ledger appends today → its events. Held complete by test_house.py."""
