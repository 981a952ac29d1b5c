"""What the amendment of 2020 leaves to the law before 2022-04-01."""

from datetime import date

from ledger.policies.context import Context, OptOutFiling
from tests.law.building import (
    REMOVED,
    earlier,
    findings,
    joint_use,
    notice,
    notices,
    opt_out,
    received,
    transfer,
    version,
    whole,
)
from tests.matrix import every

OF_BEFORE = OptOutFiling("OO", date(2018, 1, 1), date(2018, 1, 1), date(2018, 1, 1), ("氏名",))
ON_THE_EVE = {"transferred_on": "2022-03-31"}
ON_THE_DAY = {"transferred_on": "2022-04-01"}
ACROSS = {
    "method": "collective",
    "series_id": "S",
    "transferred_on": REMOVED,
    "transferred_from": "2022-01-01",
    "transferred_to": "2022-04-01",
}
GOING_ON = ACROSS | {"transferred_to": None}
UNKNOWN = {
    "transferred_on": REMOVED,
    "date_not_recorded": True,
    "backfill": {"source_system": "old", "batch": "1"},
}
BY_OPT_OUT = {"basis": "opt_out_27_2", "opt_out_published": True, "consent": REMOVED}
PSEUDONYMOUS = {"data_kind": "pseudonymously_processed"}
DAYS = [(ON_THE_EVE, False), (ON_THE_DAY, True), (ACROSS, True), (GOING_ON, True)]


@every("days, is_judged", DAYS)
def test_what_the_proviso_of_2022_excludes_could_be_provided_by_opt_out_before(
    days: dict[str, object], *, is_judged: bool
) -> None:
    source = earlier(received(**BY_OPT_OUT | {"transferred_on": "2020-01-01"}))
    filed = Context({"OO": OF_BEFORE}, derived=(source,))
    assert ("OPT_OUT_CHAIN" in findings(opt_out(**days, derived_from=["R1"]), filed)) is is_judged
    made = opt_out(**days, acquired_unlawfully=True)
    assert ("OPT_OUT_UNLAWFUL_SOURCE" in findings(made, notices(OF_BEFORE))) is is_judged
    # Special care-required data was kept out before, too.
    made = opt_out(**days, special_care=True)
    assert "OPT_OUT_SPECIAL_CARE" in findings(made, notices(OF_BEFORE))


@every("days, is_judged", DAYS)
def test_nor_is_a_receipt_of_before_held_against_the_proviso(
    days: dict[str, object], *, is_judged: bool
) -> None:
    taken = received(**BY_OPT_OUT | days, acquired_unlawfully=True)
    assert ("OPT_OUT_UNLAWFUL_SOURCE" in findings(taken)) is is_judged


@every("days, is_judged", DAYS)
def test_what_was_pseudonymously_processed_before_there_was_such_was_personal_data(
    days: dict[str, object], *, is_judged: bool
) -> None:
    verdict = whole(transfer(**days, **PSEUDONYMOUS))
    assert (verdict.findings, verdict.lawful, verdict.in_reply) == (
        (("PSEUDONYMOUS_NO_VALID_ROUTE",), False, False) if is_judged else ((), True, True)
    )
    assert verdict.statutory_items == (
        ("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS")
        if is_judged
        else ("CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS")
    )


def test_joint_use_of_it_is_held_against_the_notice_of_personal_data() -> None:
    announced = notices(notice(version("v0", date(2021, 1, 1))))
    assert whole(joint_use(**ON_THE_EVE, **PSEUDONYMOUS), announced).findings == ()
    made = joint_use(**ON_THE_DAY, **PSEUDONYMOUS)
    assert whole(made, announced).findings == ("JU_NO_NOTICE",)


def test_the_day_of_the_record_stands_in_for_an_unknown_day() -> None:
    undated = transfer(**UNKNOWN, **PSEUDONYMOUS)
    assert whole(undated, recorded_on=date(2022, 3, 31)).in_reply
    assert not whole(undated, recorded_on=date(2022, 4, 1)).in_reply
