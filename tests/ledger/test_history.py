"""What one person's history shows of one transfer, and under which heading."""

import dataclasses
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ledger.format.events import TransferEvent, TransferRetracted
from ledger.law.items import STATUTORY_ITEMS
from ledger.notices import notice
from ledger.policies.context import Context
from ledger.series import series
from ledger.streams.history import HistoryEntry, Own, entry_of, merge
from ledger.transfers.statutory import other_items, statutory_items
from ledger.values import PrincipalRef
from tests.ledger.given import (
    AT,
    PARTY,
    STREAM,
    corrected,
    data,
    expired,
    facts,
    ids,
    received,
    recorded,
    state_after,
    stopped,
)
from tests.ledger.test_notice import joint, state_of
from tests.matrix import every

REFERABLE = {"basis": "personally_referable_31_1", "data_kind": "personally_referable"}
JOINT_USE = {
    "basis": "joint_use_27_5_iii",
    "notice_id": "JU",
    "purpose": "④",
    "items": ["氏名"],
    "counterparty": {**PARTY, "party_id": "docomo"},
    "consent": None,
}


def own(*identifiers: str) -> Own:
    def is_own(principal: PrincipalRef) -> bool:
        return principal.id in identifiers

    return is_own


def seen(events: Sequence[TransferEvent], *identifiers: str, first: int = 1) -> HistoryEntry:
    found = entry_of(facts(events, STREAM, first), own(*(identifiers or ("P1",))))
    assert isinstance(found, HistoryEntry)
    return found


def published() -> Context:
    found = notice.notice_on(state_of(joint("v1")), None)
    assert found is not None
    return Context(notices={"JU": found})


@every(
    "content, heading",
    [
        (data(), "provision"),
        (received(), "receipt"),
        (data(basis="none", consent=None), "provision"),
        (data(**REFERABLE), "referable"),
        (received(**REFERABLE), "receipt"),
        (data(basis="exempt_27_1_i", consent=None), "voluntary"),
        (data(basis="entrustment_27_5_i", consent=None), "voluntary"),
        (data(basis="succession_27_5_ii", consent=None), "voluntary"),
        (data(data_kind="pseudonymously_processed"), "voluntary"),
        (data(counterparty={**PARTY, "kind": "public_body"}), "voluntary"),
        (data(**JOINT_USE), "provision"),  # no notice: no joint use
    ],
)
def test_a_record_stands_under_the_heading_of_its_duty(
    content: dict[str, Any], heading: str
) -> None:
    assert seen([recorded(content)]).heading == heading


def test_valid_joint_use_stands_apart_and_is_no_provision() -> None:
    entry = seen([recorded(data(**JOINT_USE), context=published())])
    assert entry.heading == "joint_use"
    assert not entry.verdict.in_reply


def test_a_provider_record_of_referable_information_is_never_in_a_reply() -> None:
    entry = seen([recorded(data(**REFERABLE))])
    assert (entry.verdict.duty, entry.verdict.in_reply) == ("art31_provider", False)
    retracted = seen([recorded(data()), TransferRetracted("other_person")])
    assert (retracted.heading, retracted.retracted) == ("retracted", "other_person")


def test_a_record_excluded_under_order_11_is_no_part_of_any_history() -> None:
    for mark in (1, 2, 3, 4):
        first = recorded(data(), order_11=mark)
        change = corrected(state_after(first), {"items": ["氏名"]})
        for events in ([first], [first, change]):
            assert entry_of(facts(events), own("P1")) is None


def test_only_the_persons_own_lines_and_stops_are_shown() -> None:
    events = [recorded(data("P1", "P2", "P3"), context=stopped(2))]
    entry = seen(events, "P2")
    assert (ids(dict(entry.lines)), entry.verdict.findings) == ({1: "P2"}, ())
    both = seen(events, "P1", "P3")
    assert (ids(dict(both.lines)), both.verdict.findings) == (
        {0: "P1", 2: "P3"},
        ("CONSENT_WITHDRAWN",),
    )
    assert entry_of(facts(events), own("P4")) is None
    assert entry_of([], own("P1")) is None
    assert entry_of(facts([expired("provision-recorded")]), own("P1")) is None


def test_whoever_was_named_wrongly_is_shown_it_before_the_correction_only() -> None:
    first = recorded(data("P1"))
    change = corrected(state_after(first), {"principals": [{"scheme": "member", "id": "P2"}]})
    both = facts([first, change], first=7)
    assert isinstance(entry_of(both[:1], own("P1")), HistoryEntry)
    assert entry_of(both, own("P1")) is None
    entry = entry_of(both, own("P2"))
    assert isinstance(entry, HistoryEntry)
    assert (entry.position, entry.positions) == (7, (7, 8))


def test_an_entry_shows_what_stands_and_where_every_event_is() -> None:
    first = recorded(data("P1"))
    change = corrected(state_after(first), {"items": ["氏名"]})
    entry = seen([first, change], first=5)
    assert entry.record.data["items"] == ["氏名"]
    assert entry.entry.record.data["items"] == ["氏名", "ご利用履歴"]
    assert (entry.position, entry.positions, entry.recorded_at) == (5, (5, 6), AT)


# -- collective records ------------------------------------------------------------------------


def message(n: int, **changes: Any) -> HistoryEntry:  # noqa: ANN401 -- members of a transfer
    """Message n, at position 10 n, of the day n May."""
    content = data(
        **{
            "method": "collective",
            "series_id": "S1",
            "transferred_on": f"2026-05-{n:02}",
            **changes,
        }
    )
    found = seen([recorded(content)], first=10 * n)
    [shown] = found.messages
    stream = UUID(int=n)
    messages = (dataclasses.replace(shown, transfer=stream),)
    return dataclasses.replace(found, transfer=stream, messages=messages)


def taken_back(entry: HistoryEntry) -> HistoryEntry:
    return dataclasses.replace(entry, heading="retracted", retracted="duplicate")


def whole(last: date | None, *, is_open: bool) -> series.State:
    return series.State(UUID(int=1), (), date(2026, 5, 1), last, is_open, 1)


OPEN = whole(None, is_open=True)


def test_the_messages_of_a_series_are_one_record_under_the_first() -> None:
    [entry] = merge([message(3), message(1), message(2)], OPEN)
    assert (entry.transfer, entry.position) == (UUID(int=1), 10)
    assert [one.position for one in entry.messages] == [10, 20, 30]
    assert (entry.first_day, entry.last_day) == (date(2026, 5, 1), date(2026, 5, 3))
    assert entry.verdict.retain_through is None


def test_a_closed_series_ends_the_periods_that_were_left_open() -> None:
    open_period = message(1, transferred_on=None, transferred_from="2026-05-01", backfill=None)
    open_period = dataclasses.replace(
        open_period, messages=(dataclasses.replace(open_period.messages[0], last_day=None),)
    )
    assert merge([open_period], OPEN)[0].last_day is None
    [entry] = merge([open_period, message(9)], whole(date(2026, 5, 31), is_open=False))
    assert (entry.first_day, entry.last_day) == (date(2026, 5, 1), date(2026, 5, 31))
    assert entry.verdict.retain_through == date(2029, 5, 30)


def test_items_of_all_messages_belong_to_the_record() -> None:
    [entry] = merge([message(1, items=["氏名"]), message(2, items=["住所", "氏名"])], OPEN)
    assert entry.items == ("氏名", "住所")


def test_a_retracted_message_stands_apart() -> None:
    kept, retracted = merge([taken_back(message(1)), message(2), message(3)], OPEN)[::-1]
    assert retracted.heading == "retracted"
    assert (kept.heading, kept.transfer) == ("provision", UUID(int=2))
    assert len(kept.messages) == 2


def test_a_voluntary_message_never_hides_a_provision() -> None:
    voluntary = message(1, basis="exempt_27_1_i", consent=None)
    shown = merge([voluntary, message(2)], OPEN)
    assert [one.heading for one in shown] == ["voluntary", "provision"]


def test_another_recipient_is_another_record() -> None:
    other = message(2, counterparty={**PARTY, "party_id": "y"})
    assert [one.transfer for one in merge([message(1), other], OPEN)] == [
        UUID(int=1),
        UUID(int=2),
    ]


# -- the statutory items as values, set by set, and apart from them the rest -----------------------

PARTY_SHOWN = {
    "name": "青空商事株式会社",
    "address": "東京都港区芝1-1-1",
    "representative": "代表取締役 見本一郎",
}
PRINCIPAL = [{"scheme": "member", "id": "P1"}]
ITEMS = ["氏名", "ご利用履歴"]


def items_of(content: dict[str, Any], **given: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 -- JSON
    return list(statutory_items(seen([recorded(content, **given)])))


BY_OPT_OUT = {"basis": "opt_out_27_2", "consent": None}
SETS: dict[str, tuple[dict[str, Any], Context, str]] = {
    "consent": (data(), Context(), "CONSENT COUNTERPARTY PRINCIPAL ITEMS"),
    "opt-out": (
        data(**BY_OPT_OUT, notice_id="OO"),
        Context(),
        "DATE COUNTERPARTY PRINCIPAL ITEMS",
    ),
    "no basis": (data(), stopped(0), "DATE COUNTERPARTY PRINCIPAL ITEMS"),
    "referable": (data(**REFERABLE), Context(), "ART31_CONFIRMED DATE COUNTERPARTY ITEMS"),
    "received by opt-out": (
        received(**BY_OPT_OUT, opt_out_published=True),
        Context(),
        "DATE COUNTERPARTY ACQUISITION PRINCIPAL ITEMS PUBLISHED",
    ),
    "received by consent": (
        received(),
        Context(),
        "CONSENT COUNTERPARTY ACQUISITION PRINCIPAL ITEMS",
    ),
    "received referable": (
        received(**REFERABLE, consent={"obtained": False}),
        Context(),
        "ART31_CONSENT COUNTERPARTY PRINCIPAL ITEMS",
    ),
    "from no operator": (
        {**received(basis="non_operator_source", consent=None), "acquisition": None},
        Context(),
        "COUNTERPARTY ACQUISITION PRINCIPAL ITEMS",
    ),
    "no duty": (data(basis="exempt_27_1_i", consent=None), Context(), ""),
}
VALUES = {
    "CONSENT": [True],
    "DATE": ["2026-04-01"],
    "COUNTERPARTY": [PARTY_SHOWN],
    "PRINCIPAL": [PRINCIPAL],
    "ITEMS": [ITEMS],
    "ART31_CONFIRMED": [True],
    "ART31_CONSENT": [False],
    "ACQUISITION": ["本人から取得", None],
    "PUBLISHED": [True],
}


@every("name", SETS)
def test_the_items_of_a_set_have_their_values_in_its_order(name: str) -> None:
    content, context, codes = SETS[name]
    found = items_of(content, context=context)
    assert [code for code, _ in found] == codes.split()
    assert all(value in VALUES[code] for code, value in found)
    assert set(VALUES) == set(STATUTORY_ITEMS)


def test_a_counterparty_is_shown_as_it_was_recorded() -> None:
    unknown = {**PARTY, "address": None}
    assert dict(items_of(data(counterparty=unknown)))["COUNTERPARTY"] == {
        **PARTY_SHOWN,
        "address": None,
    }
    many = {"kind": "unspecified_many"}
    assert dict(items_of(data(counterparty=many)))["COUNTERPARTY"] == many


def test_a_principal_is_shown_by_the_name_of_that_day_and_nobody_else_is() -> None:
    content = data("P1", "P2")
    content["principals"][0]["name"] = "見本 太郎"
    assert dict(items_of(content))["PRINCIPAL"] == [
        {"scheme": "member", "id": "P1", "name": "見本 太郎"}
    ]


def test_a_period_has_a_first_and_a_last_day() -> None:
    period = {"method": "collective", "transferred_on": None, "transferred_from": "2026-03-01"}
    closed = data(**REFERABLE, **period, transferred_to="2026-03-31")
    assert dict(items_of(closed))["DATE"] == {"from": "2026-03-01", "to": "2026-03-31"}
    still_open = {**closed, "transferred_to": None}
    assert dict(items_of(still_open))["DATE"] == {"from": "2026-03-01", "to": None}
    undated = data(
        basis="none",
        transferred_on=None,
        date_not_recorded=True,
        backfill={"source_system": "旧台帳", "batch": "1"},
        consent=None,
    )
    assert dict(items_of(undated))["DATE"] is None


def test_a_collective_record_shows_the_period_and_items_of_all_its_messages() -> None:
    entry = merge([message(1, **REFERABLE, items=["氏名"]), message(9, **REFERABLE)], OPEN)[0]
    found = dict(statutory_items(entry))
    assert found["DATE"] == {"from": "2026-05-01", "to": "2026-05-09"}
    assert found["ITEMS"] == ITEMS


def test_the_rest_holds_what_is_not_a_statutory_item_and_no_inner_key() -> None:
    content = data(
        method="contract",
        contract_reference="契約第1号",
        purpose="ご案内",
        acquisition="申込書",
        special_care=True,
    )
    found = other_items(seen([recorded(content)]))
    assert found == {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "contract",
        "transferred_on": "2026-04-01",
        "consent": {"obtained": True},
        "purpose": "ご案内",
        "acquisition": "申込書",
        "special_care": True,
        "recorded_on": "2026-06-01",
    }


def test_without_a_duty_everything_is_the_rest() -> None:
    found = other_items(seen([recorded(data(basis="exempt_27_1_i", consent=None))]))
    assert (found["counterparty"], found["items"]) == (PARTY, ITEMS)
