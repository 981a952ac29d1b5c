"""What binds the provider alone, what the recipient, and what came into force between the days."""

from datetime import date

import pytest

from ledger.law.bases import RECIPIENT_ONLY
from ledger.law.findings import FINDINGS, ON_RECEIPT, article_of
from ledger.policies.context import ActiveStop, Context
from ledger.values import Transfer
from tests.law.building import (
    ABROAD,
    ALL_INFORMATION,
    CITY,
    CORPORATION,
    DAY,
    REMOVED,
    earlier,
    findings,
    first_persons,
    received,
    referable,
    stops,
    transfer,
    whole,
)

ON_BEHALF = {"basis": "on_behalf_of_principal"}
FOREIGN_BODY = CITY | {"country": "US"}
PRIVATE = {"kind": "individual", "name": "田中三郎", "address": "横浜市"}
ANONYMOUS = {
    "basis": "not_applicable",
    "data_kind": "anonymously_processed",
    "consent": REMOVED,
    "principals": REMOVED,
    "anonymous": {"items_published": False, "stated_to_recipient": False},
}
OF_BOTH = ["principal_published", "on_behalf", "agent_or_family", "public_information"]
BEFORE = {"obtained": True, "at": "2022-03-31T23:59:59+09:00"}


@pytest.mark.parametrize("basis", ["exempt_27_1_i", "entrustment_27_5_i", "succession_27_5_ii"])
def test_pseudonymous_information_may_go_abroad_on_its_routes(basis: str) -> None:
    given = transfer(
        basis=basis,
        data_kind="pseudonymously_processed",
        counterparty=ABROAD,
        consent=REMOVED,
    )
    assert (whole(given).duty, whole(given).findings) == ("none", ())


def test_an_entrustment_abroad_that_goes_beyond_its_purpose_is_found_for_any_data() -> None:
    given = transfer(
        basis="entrustment_27_5_i",
        data_kind="pseudonymously_processed",
        counterparty=ABROAD,
        consent=REMOVED,
        use_beyond_entrustment=True,
    )
    assert findings(given) == ("ENTRUSTMENT_SCOPE_EXCEEDED",)


@pytest.mark.parametrize("exemption", sorted(RECIPIENT_ONLY))
def test_what_exempts_the_recipient_alone_leaves_the_provider_with_its_consent(
    exemption: str,
) -> None:
    ours = ON_BEHALF | {"exemption": exemption}
    told = whole(transfer(**ours))
    assert (told.duty, told.findings, told.in_reply) == ("art29", (), True)
    assert told.statutory_items == ("CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS")
    for consent in (REMOVED, {"obtained": False}):
        assert findings(transfer(**ours, consent=consent)) == ("CONSENT_NOT_OBTAINED",)
    assert findings(transfer(**ours, counterparty=ABROAD)) == ("ART28_CONSENT_MISSING",)
    late = {"obtained": True, "at": "2024-04-02T00:00:00+09:00"}
    assert findings(transfer(**ours, consent=late)) == ("CONSENT_AFTER_TRANSFER",)
    assert whole(transfer(**ours, counterparty=CITY)).duty == "none"
    theirs = received(**ours, consent=REMOVED)
    assert (whole(theirs).duty, findings(theirs)) == ("none", ())


@pytest.mark.parametrize("exemption", [*OF_BOTH, "same_entity"])
def test_other_exemptions_free_both_sides(exemption: str) -> None:
    for make in (transfer, received):
        given = make(**ON_BEHALF, exemption=exemption, consent=REMOVED, counterparty=ABROAD)
        assert (whole(given).duty, findings(given)) == ("none", ())


def test_a_contract_document_may_be_the_record_of_what_the_recipient_only_sees() -> None:
    given = transfer(
        **ON_BEHALF, exemption="view_only", method="contract", contract_reference="C-1"
    )
    assert (findings(given), whole(given).effective_method) == ((), "contract")


@pytest.mark.parametrize("country", ["US", "DE"])
def test_a_public_body_of_another_country_is_judged_as_a_corporation(country: str) -> None:
    body = CITY | {"country": country}
    informed = {"obtained": True, "foreign_information": ALL_INFORMATION}
    assert whole(transfer(basis="consent_28_1", counterparty=body, consent=informed)).duty == (
        "art29"
    )
    assert whole(received(counterparty=body)).duty == "art30"
    assert "COUNTERPARTY_INCOMPLETE" in findings(received(counterparty=body | {"address": None}))
    assert whole(transfer(counterparty=CITY | {"country": "JP"})).duty == "none"


@pytest.mark.parametrize(
    ("base", "holds"),
    [
        (transfer(), True),
        (transfer(basis="none", consent=REMOVED), True),
        (transfer(basis="entrustment_27_5_i", consent=REMOVED, use_beyond_entrustment=True), True),
        (transfer(basis="entrustment_27_5_i", consent=REMOVED), False),
        (transfer(basis="exempt_27_1_i", consent=REMOVED), False),
        (transfer(counterparty=CITY), False),
        (referable(), False),
        (received(), False),
    ],
)
def test_an_omission_base_is_a_record_of_the_same_duty(base: Transfer, *, holds: bool) -> None:
    made = transfer(base_record="R1", omitted_items=["PRINCIPAL"])
    found = findings(made, Context(base=earlier(base)))
    assert (found == ("OMISSION_BASE_NOT_RETAINED",)) is not holds


def test_the_base_of_a_record_of_referable_information_is_one_of_31_3() -> None:
    made = referable(base_record="R1", omitted_items=["ITEMS"])
    assert findings(made, Context(base=earlier(referable()))) == ()
    assert findings(made, Context(base=earlier(transfer()))) == ("OMISSION_BASE_NOT_RETAINED",)


@pytest.mark.parametrize("unknown", ["address", "representative"])
def test_what_is_unknown_of_the_sender_was_not_confirmed(unknown: str) -> None:
    party = CORPORATION | {unknown: None}
    told = whole(received(counterparty=party))
    assert told.findings == ("CONFIRMATION_INCOMPLETE", "COUNTERPARTY_INCOMPLETE")
    assert not told.lawful
    ours = whole(transfer(counterparty=party))
    assert (ours.findings, ours.lawful) == (("COUNTERPARTY_INCOMPLETE",), True)
    both = received(counterparty=party, acquisition=None)
    assert findings(both) == ("CONFIRMATION_INCOMPLETE", "COUNTERPARTY_INCOMPLETE")


@pytest.mark.parametrize(
    ("at", "reached"),
    [
        ("2024-03-10T23:59:59+09:00", True),
        ("2024-03-10T15:00:00Z", False),
        ("2024-03-11T00:00:00+09:00", False),
        (None, True),
    ],
)
def test_a_consent_given_on_a_later_day_than_the_withdrawal_counts(
    at: str | None, *, reached: bool
) -> None:
    consent = {"obtained": True, **({"at": at} if at else {})}
    stop = stops(ActiveStop("consent_withdrawn", date(2024, 3, 10)))
    for made in (transfer(consent=consent), received(consent=consent)):
        found = first_persons(made, stop).findings
        assert (found == ("CONSENT_WITHDRAWN",)) is reached


def test_a_new_consent_ends_no_stop_under_35() -> None:
    consent = {"obtained": True, "at": "2024-03-20T00:00:00+09:00"}
    stop = stops(ActiveStop("provision_stopped", date(2024, 3, 10)))
    assert first_persons(transfer(consent=consent), stop).findings == ("PROVISION_STOPPED",)


def test_a_withdrawal_after_the_new_consent_counts_again() -> None:
    consent = {"obtained": True, "at": "2024-03-15T00:00:00+09:00"}
    both = stops(
        ActiveStop("consent_withdrawn", date(2024, 3, 10)),
        ActiveStop("consent_withdrawn", date(2024, 3, 20)),
    )
    assert first_persons(transfer(consent=consent), both).findings == ("CONSENT_WITHDRAWN",)


def test_anonymous_information_is_published_and_stated_by_its_provider() -> None:
    provided = transfer(**ANONYMOUS)
    assert findings(provided) == ("ANONYMOUS_NOT_PUBLISHED", "ANONYMOUS_NOT_STATED")
    assert findings(transfer(**ANONYMOUS, direction="received")) == ()


def test_special_care_required_information_from_no_operator_needs_consent() -> None:
    given = {"basis": "non_operator_source", "counterparty": PRIVATE, "special_care": True}
    items = ("COUNTERPARTY", "ACQUISITION", "PRINCIPAL", "ITEMS")
    for consent in (REMOVED, {"obtained": False}):
        told = whole(received(**given, consent=consent))
        assert (told.duty, told.findings) == ("art30", ("CONSENT_NOT_OBTAINED",))
        assert told.statutory_items == items
    assert findings(received(**given, consent={"obtained": True})) == ()
    assert findings(received(**(given | {"special_care": False}), consent=REMOVED)) == ()


@pytest.mark.parametrize(
    ("special_care", "published", "found"),
    [
        (False, True, ()),
        (False, False, ("OPT_OUT_NOT_FILED",)),
        (True, True, ("OPT_OUT_SPECIAL_CARE",)),
        (True, False, ("OPT_OUT_NOT_FILED", "OPT_OUT_SPECIAL_CARE")),
    ],
)
def test_a_receipt_by_opt_out_is_published_and_of_no_special_care(
    found: tuple[str, ...], *, special_care: bool, published: bool
) -> None:
    given = received(
        basis="opt_out_27_2",
        opt_out_published=published,
        special_care=special_care,
        consent=REMOVED,
    )
    assert findings(given) == found


@pytest.mark.parametrize("basis", ["consent_27_1", "consent_28_1"])
def test_the_day_of_consent_that_a_sender_states_is_not_judged(basis: str) -> None:
    late = {"obtained": True, "at": "2024-05-01T00:00:00+09:00"}
    assert findings(received(basis=basis, consent=late)) == ()
    assert findings(received(basis=basis, consent={"obtained": False})) == ("CONSENT_NOT_OBTAINED",)


def test_our_own_consent_to_referable_information_is_judged_on_both_sides() -> None:
    late = {"obtained": True, "at": "2024-05-01T00:00:00+09:00"}
    ours = received(
        basis="personally_referable_31_1", data_kind="personally_referable", consent=late
    )
    assert findings(ours) == findings(referable(consent=late)) == ("ART31_CONSENT_MISSING",)


@pytest.mark.parametrize(
    ("consent", "day", "asked"),
    [
        (BEFORE, "2024-04-01", False),
        (BEFORE | {"at": "2022-04-01T00:00:00+09:00"}, "2024-04-01", True),
        ({"obtained": True}, "2022-03-31", False),
        ({"obtained": True}, "2022-04-01", True),
    ],
)
def test_28_2_asks_nothing_of_a_consent_of_before_it(
    consent: dict[str, object], day: str, *, asked: bool
) -> None:
    given = transfer(basis="consent_28_1", counterparty=ABROAD, consent=consent, transferred_on=day)
    assert (findings(given) == ("ART28_INFORMATION_MISSING",)) is asked


def test_the_day_of_the_record_stands_in_for_an_unknown_day_of_consent() -> None:
    given = transfer(
        basis="consent_28_1",
        counterparty=ABROAD,
        transferred_on=REMOVED,
        date_not_recorded=True,
        backfill={"source_system": "old", "batch": "1"},
    )
    assert whole(given, recorded_on=date(2022, 3, 31)).findings == ()
    assert whole(given, recorded_on=DAY).findings == ("ART28_INFORMATION_MISSING",)


@pytest.mark.parametrize(
    ("days", "duty"),
    [
        ({"transferred_on": "2022-03-31"}, "none"),
        ({"transferred_on": "2022-04-01"}, "art31_provider"),
        ({"transferred_from": "2022-01-01", "transferred_to": "2022-03-31"}, "none"),
        ({"transferred_from": "2022-01-01", "transferred_to": "2022-04-01"}, "art31_provider"),
        ({"transferred_from": "2022-01-01", "transferred_to": None}, "art31_provider"),
    ],
)
def test_31_binds_what_was_not_over_before_it(days: dict[str, object], duty: str) -> None:
    given = referable(**({"transferred_on": REMOVED} | days), method="collective", series_id="S")
    if "transferred_on" in days:
        given = referable(**days)
    assert whole(given).duty == duty


def test_a_finding_on_receipt_names_the_article_that_binds_the_recipient() -> None:
    told = {
        ("OPT_OUT_SPECIAL_CARE", "opt_out_27_2"): ("27(2) proviso", "20(2)"),
        ("OPT_OUT_NOT_FILED", "opt_out_27_2"): ("27(2)", "27(2), 27(4)"),
        ("CONSENT_NOT_OBTAINED", "non_operator_source"): ("27(1)", "20(2)"),
        ("CONSENT_NOT_OBTAINED", "consent_27_1"): ("27(1)", "27(1)"),
    }
    for (code, basis), (provided, on_receipt) in told.items():
        assert article_of(code, "provided", basis) == provided == FINDINGS[code].article
        assert article_of(code, "received", basis) == on_receipt
    assert {code for code, _ in ON_RECEIPT} <= set(FINDINGS)
