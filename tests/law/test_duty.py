"""The order of decision: which duty, which items, lawful or not."""

from datetime import date

import pytest

from ledger.policies.context import Context
from ledger.policies.duty import judge
from tests.law.building import (
    ABROAD,
    ALL_INFORMATION,
    CITY,
    CORPORATION,
    DAY,
    FILING,
    REMOVED,
    earlier,
    findings,
    joint_use,
    notice,
    notices,
    opt_out,
    received,
    referable,
    transfer,
    whole,
)

EXEMPT = [f"exempt_27_1_{n}" for n in ("i", "ii", "iii", "iv", "v", "vi", "vii")]
UNFOUNDED = ("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS")


def test_statistical_information_has_no_duty_on_any_basis() -> None:
    verdict = whole(transfer(data_kind="statistical", counterparty=ABROAD))
    assert (verdict.duty, verdict.findings, verdict.retain_through) == ("none", (), None)


@pytest.mark.parametrize("basis", ["exempt_27_1_i", "entrustment_27_5_i", "succession_27_5_ii"])
def test_pseudonymous_information_may_take_this_route(basis: str) -> None:
    given = transfer(basis=basis, data_kind="pseudonymously_processed", consent=REMOVED)
    verdict = whole(given)
    assert (verdict.duty, verdict.lawful, verdict.in_reply) == ("none", True, False)


@pytest.mark.parametrize("basis", ["none", "opt_out_27_2", "exempt_27_1_ii"])
def test_pseudonymous_information_may_take_no_other_route(basis: str) -> None:
    given = transfer(
        basis=basis, data_kind="pseudonymously_processed", notice_id="OO", consent=REMOVED
    )
    verdict = whole(given, notices(FILING))
    assert verdict.findings == ("PSEUDONYMOUS_NO_VALID_ROUTE",)
    assert not verdict.in_reply


def test_pseudonymous_joint_use_needs_a_notice_for_that_kind_of_data() -> None:
    given = joint_use(data_kind="pseudonymously_processed")
    assert findings(given, notices(notice())) == ("JU_NO_NOTICE",)
    fitting = notice(data_kinds=("pseudonymously_processed",))
    assert findings(given, notices(fitting)) == ()


def test_referable_information_not_acquired_as_personal_data_has_no_duty() -> None:
    given = referable(acquired_as_personal_data=False, consent={"obtained": False})
    assert (whole(given).duty, whole(given).findings) == ("none", ())


def test_referable_information_abroad_needs_article_31_and_never_28() -> None:
    assert findings(referable(counterparty=ABROAD)) == ("ART31_FOREIGN_INFORMATION_MISSING",)
    informed = {"obtained": True, "foreign_information": ALL_INFORMATION}
    assert findings(referable(counterparty=ABROAD, consent=informed)) == ()
    equivalent = ABROAD | {"equivalent_measures": True}
    assert findings(referable(counterparty=equivalent)) == ()


def test_referable_information_with_a_consent_given_afterwards_is_unconfirmed() -> None:
    late = {"obtained": True, "at": "2024-04-02T00:00:00+09:00"}
    assert findings(referable(consent=late)) == ("ART31_CONSENT_MISSING",)


def test_referable_information_breaches_keep_their_items() -> None:
    verdict = whole(referable(consent={"obtained": False}))
    assert verdict.duty == "art31_provider"
    assert verdict.statutory_items == ("ART31_CONFIRMED", "DATE", "COUNTERPARTY", "ITEMS")
    assert not verdict.in_reply


@pytest.mark.parametrize("basis", EXEMPT)
def test_the_items_of_27_1_have_no_duty_not_even_abroad(basis: str) -> None:
    verdict = whole(transfer(basis=basis, counterparty=ABROAD, consent=REMOVED))
    assert (verdict.duty, verdict.findings, verdict.statutory_items) == ("none", (), ())


@pytest.mark.parametrize(
    "basis", ["consent_27_1", "entrustment_27_5_i", "succession_27_5_ii", "joint_use_27_5_iii"]
)
def test_a_foreign_third_party_needs_consent_to_exactly_that(basis: str) -> None:
    given = transfer(
        basis=basis,
        counterparty=ABROAD,
        consent={"obtained": False},
        notice_id=None,
        purpose="?",
        use_beyond_entrustment=True,
    )
    verdict = whole(given)
    assert verdict.findings == ("ART28_CONSENT_MISSING",)
    assert (verdict.duty, verdict.statutory_items) == ("art29", UNFOUNDED)


def test_no_basis_at_all_abroad_is_one_finding() -> None:
    given = transfer(basis="none", counterparty=ABROAD, consent=REMOVED)
    assert findings(given) == ("NO_VALID_BASIS",)


def test_the_receiving_side_has_no_article_28_step() -> None:
    assert findings(received(counterparty=ABROAD)) == ()
    assert findings(received(counterparty=ABROAD, basis="consent_28_1")) == ()


@pytest.mark.parametrize("country", ["DE", "GB", "NO", "JP"])
def test_an_equivalent_country_is_treated_like_home(country: str) -> None:
    assert findings(transfer(counterparty=CORPORATION | {"country": country})) == ()


def test_consent_to_a_foreign_transfer_needs_no_information_where_28_does_not_apply() -> None:
    given = transfer(basis="consent_28_1", counterparty=CORPORATION | {"country": "DE"})
    assert findings(given) == ()


@pytest.mark.parametrize(
    ("information", "complete"),
    [
        (["country", "regime", "measures"], True),
        (["country", "regime", "measures_unavailable_reason"], True),
        (["country_unspecified_reason", "measures"], True),
        (["country_unspecified_reason"], False),
        (["country", "measures"], False),
        (["country", "regime"], False),
        (["substitute_information", "measures"], False),
        ([], False),
    ],
)
def test_the_information_of_rule_17_is_complete_or_not(
    information: list[str], *, complete: bool
) -> None:
    consent = {"obtained": True, "foreign_information": information}
    given = transfer(basis="consent_28_1", counterparty=ABROAD, consent=consent)
    assert (findings(given) == ()) is complete


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2024-04-01T23:59:59+09:00", False),
        ("2024-04-01T14:59:59Z", False),
        ("2024-04-01T15:00:00Z", True),
        ("2024-04-02T00:00:00+09:00", True),
        ("2024-04-01T20:00:00-05:00", True),
    ],
)
def test_consent_is_beforehand_up_to_the_end_of_the_day_in_japan(at: str, *, late: bool) -> None:
    given = transfer(consent={"obtained": True, "at": at})
    assert (findings(given) == ("CONSENT_AFTER_TRANSFER",)) is late


def test_consent_to_a_period_must_precede_its_first_day() -> None:
    given = transfer(
        method="collective",
        transferred_on=REMOVED,
        transferred_from="2024-03-01",
        transferred_to="2024-04-30",
        consent={"obtained": True, "at": "2024-03-02T00:00:00+09:00"},
    )
    assert findings(given) == ("CONSENT_AFTER_TRANSFER",)


def test_a_consent_that_was_not_obtained_leaves_nothing_to_be_late_or_uninformed() -> None:
    consent = {"obtained": False, "at": "2024-05-01T00:00:00+09:00"}
    given = transfer(basis="consent_28_1", counterparty=ABROAD, consent=consent)
    assert findings(given) == ("CONSENT_NOT_OBTAINED",)


def test_an_unfounded_provision_has_the_items_of_the_product_rule() -> None:
    verdict = whole(transfer(consent={"obtained": False}))
    assert (verdict.duty, verdict.statutory_items, verdict.in_reply) == ("art29", UNFOUNDED, True)


def test_a_receipt_keeps_the_recipients_duty_when_its_basis_fails() -> None:
    assert whole(received(consent={"obtained": False})).duty == "art30"
    unfounded = whole(received(basis="none", consent=REMOVED))
    assert unfounded.duty == "art30"
    assert unfounded.statutory_items == (
        "DATE",
        "COUNTERPARTY",
        "ACQUISITION",
        "PRINCIPAL",
        "ITEMS",
    )


def test_unlawful_opt_out_keeps_the_items_of_opt_out() -> None:
    verdict = whole(opt_out(special_care=True), notices(FILING))
    assert not verdict.lawful
    assert verdict.statutory_items == UNFOUNDED


@pytest.mark.parametrize("basis", ["consent_27_1", "opt_out_27_2", "none"])
def test_a_public_body_leaves_no_duty_but_the_breach_remains(basis: str) -> None:
    given = transfer(
        basis=basis,
        counterparty=CITY | {"address": None},
        consent={"obtained": False},
        notice_id=None,
    )
    verdict = whole(given)
    assert (verdict.duty, verdict.statutory_items, verdict.in_reply) == ("none", (), False)
    assert not verdict.lawful
    assert "COUNTERPARTY_INCOMPLETE" not in verdict.findings


def test_from_a_public_body_nothing_has_to_be_confirmed() -> None:
    assert findings(received(counterparty=CITY, acquisition=None)) == ()


def test_referable_information_to_a_public_body_has_no_duty() -> None:
    assert whole(referable(counterparty=CITY)).duty == "none"


def test_entrustment_and_succession_have_no_duty() -> None:
    for basis in ("entrustment_27_5_i", "succession_27_5_ii"):
        verdict = whole(transfer(basis=basis, consent=REMOVED))
        assert (verdict.duty, verdict.lawful, verdict.retain_through) == ("none", True, None)


def test_the_acquisition_of_referable_information_need_not_be_confirmed() -> None:
    given = received(
        basis="personally_referable_31_1", data_kind="personally_referable", acquisition=None
    )
    assert findings(given) == ()


def test_a_receipt_from_no_operator_must_be_confirmed() -> None:
    given = received(
        basis="non_operator_source",
        counterparty={"kind": "individual", "name": "田中三郎", "address": "横浜市"},
        acquisition=None,
        consent=REMOVED,
    )
    assert findings(given) == ("CONFIRMATION_INCOMPLETE",)


@pytest.mark.parametrize(
    ("counterparty", "incomplete"),
    [
        (CORPORATION | {"address": None}, True),
        (CORPORATION | {"representative": None}, True),
        ({"kind": "individual", "name": "田中三郎", "address": None}, True),
        (
            {"kind": "individual", "name": "田中三郎", "address": "横浜市", "representative": None},
            False,
        ),
        ({"kind": "association", "name": "会", "address": "横浜市"}, False),
        (
            {"kind": "association", "name": "会", "address": "横浜市", "representative": None},
            True,
        ),
        ({"kind": "unspecified_many", "address": None}, False),
    ],
)
def test_a_counterparty_is_incomplete_only_in_what_its_kind_must_have(
    counterparty: dict[str, object], *, incomplete: bool
) -> None:
    given = transfer(counterparty=counterparty)
    assert (findings(given) == ("COUNTERPARTY_INCOMPLETE",)) is incomplete


def test_record_defects_need_a_duty() -> None:
    given = transfer(
        basis="entrustment_27_5_i",
        consent=REMOVED,
        counterparty=CORPORATION | {"address": None},
        method="contract",
        contract_reference="C-1",
        contract_missing_items=["ITEMS"],
        supply_to_principal=False,
        base_record="R1",
        omitted_items=["ITEMS"],
    )
    verdict = whole(given, Context(base=earlier(given, retained=False)))
    assert (verdict.findings, verdict.effective_method) == ((), "contract")


def test_a_transfer_that_differs_for_nobody_has_no_verdicts_of_persons() -> None:
    assert not judge(transfer(), Context(), date(2024, 4, 1)).persons


def test_findings_are_sorted() -> None:
    given = transfer(consent={"obtained": False}, counterparty=CORPORATION | {"address": None})
    assert list(findings(given)) == sorted(findings(given))
    assert len(findings(given)) == 2
    assert whole(given, recorded_on=DAY).retain_through == date(2027, 4, 1)
