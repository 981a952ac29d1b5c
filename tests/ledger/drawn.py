"""Events of every type that the ledger appends, drawn from the types of their members."""

import dataclasses
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st

from ledger.accesses.access import WHAT
from ledger.cases.events.case import LeftOut, PointAnswered, WithheldPart
from ledger.cases.events.intake import Application, Examination
from ledger.cases.events.measures import CaseMeasure
from ledger.cases.events.substitute import Substitute
from ledger.exclusions.exclusion import GROUNDS
from ledger.format.events import (
    EXPIRY_COUNTS,
    AccessedRange,
    CaseEvent,
    Event,
    ExcludedRange,
    ExclusionAct,
    HoldPlaced,
    PersonLine,
    PrincipalsAppended,
    RecordedEvent,
    TransferCorrected,
    TransferReclassified,
)
from ledger.law.findings import FINDINGS
from ledger.law.notice_changes import CHANGE_VERDICTS
from ledger.policies.context import ActiveStop, Context
from ledger.policies.identity.request import AddressJudgement, EnvelopePaper
from ledger.policies.notice_changes import ChangeStatement, JudgedChange
from ledger.transfers.correction import changed_data
from ledger.transfers.settlement import ACTIONS
from ledger.values import Json, PrincipalRef
from tests.ledger.given import corrected, data, reclassified, record, recorded, state_after, stopped
from tests.oracle import steps

Drawn = st.SearchStrategy[Any]
_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
_name = st.text(string.ascii_lowercase, min_size=1, max_size=6)
_code = st.text(string.ascii_letters + string.digits, min_size=1, max_size=10)
_day = st.dates(date(1990, 1, 1), date(2100, 1, 1))
_number = st.integers(0, 2**53 - 1)
_hash = st.binary(min_size=32, max_size=32)
_ref = st.builds(PrincipalRef, _name, _text, st.none() | _text)
_json: st.SearchStrategy[Json] = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=5,
)
_members = st.dictionaries(st.text("abc_19", min_size=1, max_size=4), _json, max_size=4)
_kind = st.sampled_from(("opt_out_stop", "consent_withdrawn", "provision_stopped"))
_OF_TYPE: Mapping[Any, Drawn] = {
    str: _text,
    int: _number,
    date: _day,
    PrincipalRef: _ref,
}


def _few(of: Drawn, at_least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=at_least, max_size=3).map(tuple)


def _of(hint: Any) -> Drawn:  # noqa: ANN401 -- a type hint
    if hint in _OF_TYPE:
        return _OF_TYPE[hint]
    if type(None) in get_args(hint):
        [other] = [one for one in get_args(hint) if one is not type(None)] or [None]
        return st.none() | _of(other)
    if get_args(hint)[1:] == (...,):
        return _few(_of(get_args(hint)[0]))
    return drawn(hint) if dataclasses.is_dataclass(hint) else st.from_type(hint)


def drawn(cls: Any, **own: Drawn) -> Drawn:  # noqa: ANN401 -- a dataclass
    """Values of `cls` with members of every kind, also those that have a default."""
    hints = get_type_hints(cls)
    left = [one.name for one in dataclasses.fields(cls) if one.name not in own]
    return st.builds(cls, **own, **{name: _of(hints[name]) for name in left})


# -- transfers -------------------------------------------------------------------------------------


@st.composite
def _contents(draw: st.DrawFn) -> dict[str, Any]:
    """Transfers of every basis, with texts of every kind."""
    people = draw(
        st.lists(_ref, min_size=1, max_size=4, unique_by=lambda ref: (ref.scheme, ref.id))
    )
    optional: dict[str, Drawn] = {
        "purpose": _text,
        "recorded_on": st.just("2026-04-03"),
        "special_care": st.booleans(),
        "derived_from": st.lists(_text, min_size=1, max_size=2, unique=True),
        "acquisition": st.none() | _text,
        "delivery": st.just("api"),
    }
    content: dict[str, Any] = {
        **data(),
        "counterparty": draw(st.sampled_from(steps.PARTIES)),
        "items": draw(st.lists(_text, min_size=1, max_size=3, unique=True)),
        **draw(st.sampled_from(steps.BASES)),
        **draw(st.fixed_dictionaries({}, optional=optional)),
    }
    content["principals"] = [
        {"scheme": ref.scheme, "id": ref.id, **({"name": ref.name} if ref.name else {})}
        for ref in people
    ]
    return content


@st.composite
def _recorded(draw: st.DrawFn) -> Event:
    content, mark = draw(_contents()), draw(st.integers(0, 4))
    stop = st.builds(ActiveStop, _kind, st.just(date(2026, 1, 1)))
    whom = st.integers(0, len(content["principals"]) - 1)
    stops = draw(st.dictionaries(whom, _few(stop, at_least=1), max_size=3))
    [event] = record(content, context=Context(stops=stops), fingerprint=draw(_hash), order_11=mark)
    position = draw(st.none() | st.integers(1, 10**9))
    whole = dataclasses.replace(event.entry.record, notice_position=position)
    series = draw(st.none() | st.uuids())
    return type(event)(dataclasses.replace(event.entry, series=series, record=whole))


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


# -- what is excluded ------------------------------------------------------------------------------

_instant = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 -- Hypothesis wants bounds without a zone
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
_actor = st.text("0123456789abcdef", min_size=32, max_size=32)
_reason = st.text("危害x ", min_size=1)
_one = st.builds(ExclusionAct, _instant, _actor, _reason)
_act = st.builds(ExclusionAct, _instant, _actor, _reason, st.none() | _one)
_whom = st.none() | st.binary(min_size=16, max_size=16)


def _ranges(
    steps: Sequence[tuple[int, int, str, ExclusionAct, bytes | None]],
) -> tuple[ExcludedRange, ...]:
    """Ascending ranges with gaps between them."""
    ends = list(accumulate(gap + length + 1 for gap, length, *_ in steps))
    return tuple(
        ExcludedRange(end - length, end, ground, act, key)
        for end, (_, length, ground, act, key) in zip(ends, steps, strict=True)
    )


def _looked_at(first: int, more: int, act: ExclusionAct, case: int | None) -> AccessedRange:
    return AccessedRange(first, first + more, act, case)


_few_numbers = st.integers(1, 99)
_excluded = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from(GROUNDS), _act, _whom),
    max_size=4,
).map(_ranges)
_bare = _excluded.map(lambda found: tuple(dataclasses.replace(one, act=None) for one in found))
_looked = st.builds(_looked_at, _few_numbers, st.integers(0, 9), _act, st.none() | _few_numbers)

# -- every type ------------------------------------------------------------------------------------

_keys = st.sets(_hash, min_size=1, max_size=32).map(lambda keys: tuple(sorted(keys)))
_counts = st.fixed_dictionaries(dict.fromkeys(EXPIRY_COUNTS, st.integers(0, 10**6)))
_asked: Mapping[str, Drawn] = {
    "first": st.just("2026-04-01"),
    "counterparty": _text,
    "bases": st.just(["opt_out_27_2"]),
    "identifiers": st.integers(1, 9),
}
_examination = drawn(
    Examination,
    papers=_few(drawn(EnvelopePaper)),
    addresses=drawn(AddressJudgement),
    seal_registered=st.dictionaries(_name, st.booleans(), max_size=3),
)
_form = st.dictionaries(_name, _text, max_size=3)
_application = drawn(Application, kind=_code, form=_form)
_OWN: Mapping[str, Mapping[str, Drawn]] = {
    "case-received": {"application": _application, "procedure": _code},
    "case-documents-checked": {"examination": _examination},
    "case-records-identified": {"left_out": st.none() | _few(drawn(LeftOut), at_least=1)},
    "reply-stored": {"pieces": _few(st.binary(max_size=9), at_least=1)},
    "answer-committed": {"answer": _hash, "salt": _hash},
    "case-resubmitted": {"form": st.none() | _form},
    "case-decided": {
        "withheld": _few(drawn(WithheldPart)),
        "points": st.none() | _few(drawn(PointAnswered), at_least=1),
    },
    "case-substitutes-chosen": {"substitutes": _few(drawn(Substitute))},
    "case-measures-decided": {"measures": _few(drawn(CaseMeasure))},
    "transfer-retracted": {
        "reason": st.sampled_from(("not_occurred", "duplicate", "other_person")),
    },
    "transfer-findings-settled": {
        "codes": st.sets(st.sampled_from(sorted(FINDINGS)), min_size=1).map(
            lambda one: tuple(sorted(one))
        ),
        "action": st.sampled_from(ACTIONS),
    },
    "record-carried-forward": {
        "position": st.integers(1, 2**53 - 1),
        "version": st.integers(1, 2**31 - 1),
    },
    "series-opened": {"direction": st.just("provided"), "method": st.just("collective")},
    "directive-received": {"kind": _kind},
    "directive-lifted": {"kind": _kind},
    "notice-published": {
        "kind": st.sampled_from(("joint_use", "opt_out")),
        "notice": _members,
        "version": st.none() | _members,
        "number": _few_numbers,
        "stated": drawn(ChangeStatement, successions=_few(st.tuples(_text, _text))),
        "changes": _few(drawn(JudgedChange, code=st.sampled_from(tuple(CHANGE_VERDICTS)))),
    },
    "procedure-published": {"document": _members},
    "day-closed": {"id_hash": _hash.map(bytes.hex)},
    "history-viewed": {"identifiers": _few(_ref, at_least=1)},
    "document-viewed": {
        "what": st.sampled_from(sorted(WHAT)),
        "document": st.none() | st.just("records.csv"),
        "case_given": st.none() | st.just("2026-999999"),
    },
    "export-produced": {
        "asked": st.fixed_dictionaries({}, optional={**_asked}),
        "digest": _hash,
        # Whom an export or a hold names is named by an identifier alone.
        "identifiers": _few(st.builds(PrincipalRef, _text, _text)),
    },
    "audit-bag-produced": {"digest": _hash},
    "log-epoch-started": {
        "epoch": st.integers(2, 99),
        "origin": st.sampled_from(["ledger.example.jp/main", "ledger.example.jp/epoch-2/main"]),
        "root": _hash,
        "note": _hash,
    },
    "expiry-planned": {"keys": _keys, "counts": _counts},
    "records-expired": {"keys": _keys, "counts": _counts},
    "review-sealed": {"excluded": _bare, "unmarked": _bare},
    "exclusions-sealed": {
        **dict.fromkeys(("excluded", "lifted", "unmarked", "pending"), _excluded),
        "looked": _few(_looked),
    },
}


def _classes(of: Any) -> Iterator[Any]:  # noqa: ANN401 -- a union of event types
    for one in get_args(of):
        yield from _classes(one) if get_args(one) else (one,)


CASE_TYPES = frozenset(cls.TYPE for cls in _classes(CaseEvent))
_held = st.builds(PrincipalRef, _text, _text)
STRATEGIES: Mapping[str, st.SearchStrategy[Event]] = {
    **{cls.TYPE: drawn(cls, **_OWN.get(cls.TYPE, {})) for cls in _classes(Event)},
    **{cls.TYPE: _recorded() for cls in _classes(RecordedEvent)},
    TransferCorrected.TYPE: _correction(corrected),
    TransferReclassified.TYPE: _correction(reclassified),
    PrincipalsAppended.TYPE: st.builds(
        _chunk, st.integers(0, 5_000), st.lists(_ref, min_size=1, max_size=4)
    ),
    HoldPlaced.TYPE: drawn(HoldPlaced, transfer=st.uuids(), principals=st.just(()))
    | drawn(HoldPlaced, transfer=st.none(), principals=_few(_held, at_least=1)),
}
"""Every type that the ledger appends today → its events."""
