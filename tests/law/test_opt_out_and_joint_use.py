"""Opt-out filings and joint-use notices, held against the day of the transfer."""

from datetime import date

import pytest

from ledger.policies.context import Context, NoticePurpose
from tests.law.building import (
    CORPORATION,
    FILING,
    REMOVED,
    V1,
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


@pytest.mark.parametrize("notice_id", [None, "UNKNOWN", "JU"])
def test_an_opt_out_without_a_filing_is_not_filed(notice_id: str | None) -> None:
    given = opt_out(notice_id=notice_id)
    assert findings(given, notices(FILING, notice())) == ("OPT_OUT_NOT_FILED",)


@pytest.mark.parametrize(
    ("day", "started"), [("2024-01-11", False), ("2024-02-29", False), ("2024-03-01", True)]
)
def test_an_opt_out_starts_on_its_planned_day(day: str, *, started: bool) -> None:
    found = findings(opt_out(transferred_on=day), notices(FILING))
    assert (found == ()) is started


def test_an_opt_out_period_is_tested_on_its_first_day() -> None:
    given = opt_out(
        transferred_on=REMOVED, transferred_from="2024-02-28", transferred_to="2024-06-01"
    )
    assert findings(given, notices(FILING)) == ("OPT_OUT_BEFORE_START",)


def test_every_fault_of_an_opt_out_is_named() -> None:
    given = opt_out(
        special_care=True, acquired_unlawfully=True, items=["電話番号"], transferred_on="2024-01-01"
    )
    assert findings(given, notices(FILING)) == (
        "OPT_OUT_BEFORE_START",
        "OPT_OUT_ITEM_NOT_FILED",
        "OPT_OUT_SPECIAL_CARE",
        "OPT_OUT_UNLAWFUL_SOURCE",
    )


def test_data_received_by_opt_out_stays_excluded_after_its_record_is_destroyed() -> None:
    receipt = received(basis="opt_out_27_2", opt_out_published=True, consent=REMOVED)
    given = opt_out(derived_from=["R1"])
    chain = Context({"OO": FILING}, derived=(earlier(receipt, retained=False),))
    assert findings(given, chain) == ("OPT_OUT_CHAIN",)


def test_data_received_by_consent_may_be_provided_by_opt_out() -> None:
    derived = (earlier(received()),)
    assert findings(opt_out(derived_from=["R1"]), Context({"OO": FILING}, derived=derived)) == ()


def test_the_recipient_of_an_opt_out_has_no_filing_of_its_own() -> None:
    given = received(basis="opt_out_27_2", opt_out_published=True, consent=REMOVED)
    assert findings(given) == ()


@pytest.mark.parametrize("notice_id", [None, "UNKNOWN", "OO"])
def test_joint_use_without_a_notice_is_only_that(notice_id: str | None) -> None:
    given = joint_use(notice_id=notice_id, items=["指紋"], purpose="?")
    assert findings(given, notices(FILING, notice())) == ("JU_NO_NOTICE",)


def test_joint_use_before_the_start_is_only_that() -> None:
    given = joint_use(transferred_on="2022-09-30", items=["指紋"], purpose="?")
    assert findings(given, notices(notice())) == ("JU_BEFORE_START",)


def test_a_version_in_force_but_not_yet_published_does_not_count() -> None:
    unpublished = version("v1", date(2022, 10, 1), published_on=date(2024, 5, 1))
    assert findings(joint_use(), notices(notice(unpublished))) == ("JU_NO_NOTICE",)


def test_a_version_published_but_not_in_force_does_not_count() -> None:
    early = version("v1", date(2024, 5, 1), published_on=date(2024, 1, 1))
    assert findings(joint_use(), notices(notice(early))) == ("JU_BEFORE_START",)


def test_the_version_of_the_first_day_of_a_period_counts() -> None:
    v2 = version("v2", date(2024, 4, 15), items=())
    given = joint_use(
        transferred_on=REMOVED, transferred_from="2024-04-01", transferred_to="2024-06-01"
    )
    verdict = whole(given, notices(notice(V1, v2)))
    assert (verdict.findings, verdict.notice_version) == ((), "v1")


def test_a_version_listed_late_counts_for_a_late_record() -> None:
    v2 = version("v2", date(2024, 4, 1), items=())
    verdict = whole(joint_use(), notices(notice(v2, V1)))
    assert (verdict.findings, verdict.notice_version) == (("JU_ITEM_OUT_OF_SCOPE",), "v2")


@pytest.mark.parametrize("item", ["基本情報", "氏名", "住所"])
def test_an_item_matches_a_category_or_a_listed_example(item: str) -> None:
    assert findings(joint_use(items=[item]), notices(notice())) == ()


@pytest.mark.parametrize("purpose", ["①", "提供のため", "発送のため"])
def test_a_purpose_matches_a_code_a_label_or_a_listed_example(purpose: str) -> None:
    assert findings(joint_use(purpose=purpose), notices(notice())) == ()


@pytest.mark.parametrize("near", ["基本", "氏名等", "氏名 ", "基本情報(一部)"])
def test_what_merely_resembles_an_item_is_out_of_scope(near: str) -> None:
    assert findings(joint_use(items=[near]), notices(notice())) == ("JU_ITEM_OUT_OF_SCOPE",)


def test_a_purpose_that_was_dropped_is_out_of_scope() -> None:
    v2 = version("v2", date(2024, 3, 1), purposes=(NoticePurpose("②", "調査のため"),))
    given = joint_use(purpose="①")
    assert findings(given, notices(notice(V1, v2))) == ("JU_PURPOSE_OUT_OF_SCOPE",)


def test_a_joint_user_without_an_id_is_found_by_its_name() -> None:
    nameless = {k: v for k, v in CORPORATION.items() if k != "party_id"}
    assert findings(joint_use(counterparty=nameless), notices(notice())) == ()


def test_a_joint_user_who_was_renamed_keeps_the_id() -> None:
    renamed = CORPORATION | {"name": "新商号株式会社"}
    assert findings(joint_use(counterparty=renamed), notices(notice())) == ()


def test_every_fault_of_a_joint_use_is_named_and_makes_one_record() -> None:
    given = joint_use(counterparty=CORPORATION | {"party_id": "y"}, items=["指紋"], purpose="?")
    verdict = whole(given, notices(notice()))
    assert verdict.findings == (
        "JU_ITEM_OUT_OF_SCOPE",
        "JU_PURPOSE_OUT_OF_SCOPE",
        "JU_RECIPIENT_OUT_OF_SCOPE",
    )
    assert (verdict.duty, verdict.in_reply) == ("art29", True)


@pytest.mark.parametrize(
    ("day", "stale"),
    [("2024-06-17", False), ("2024-06-18", True), ("2024-06-24", True), ("2024-06-25", False)],
)
def test_a_new_representative_is_stale_until_a_version_names_the_person(
    day: str, *, stale: bool
) -> None:
    v2 = version("v2", date(2024, 6, 25), responsible_representative="代表取締役 新任")
    context = notices(notice(V1, v2, responsible_changes=((date(2024, 6, 18), "representative"),)))
    verdict = whole(joint_use(transferred_on=day), context)
    assert (verdict.findings == ("JU_RESPONSIBLE_STALE",)) is stale
    assert verdict.lawful


def test_a_version_that_repeats_the_old_representative_stays_stale() -> None:
    v2 = version("v2", date(2024, 3, 1), items=V1.items)
    changed = notice(V1, v2, responsible_changes=((date(2024, 2, 1), "representative"),))
    assert findings(joint_use(), notices(changed)) == ("JU_RESPONSIBLE_STALE",)


def test_consent_to_another_basis_is_judged_as_consent() -> None:
    given = transfer(counterparty=CORPORATION | {"party_id": "y"})
    assert whole(given, notices(notice())).findings == ()
