"""Verdicts, a row each: what is found, which duty there is, and what a record of it must hold."""

from collections.abc import Callable
from datetime import date

from ledger.law.bases import RECIPIENT_ONLY
from ledger.policies.context import Context, EarlierRecord, Verdict
from ledger.policies.duty import judge
from ledger.values import Transfer
from tests.law.building import (
    ABROAD,
    ALL_INFORMATION,
    CITY,
    CORPORATION,
    DAY,
    FILING,
    P1,
    P2,
    REMOVED,
    V1,
    earlier,
    findings,
    joint_use,
    notice,
    notices,
    opt_out,
    received,
    referable,
    transfer,
    version,
    whole,
)
from tests.matrix import every

EXEMPT = [f"exempt_27_1_{n}" for n in ("i", "ii", "iii", "iv", "v", "vi", "vii")]
NO_DUTY = ("entrustment_27_5_i", "succession_27_5_ii")
PSEUDONYMOUS = {"data_kind": "pseudonymously_processed", "consent": REMOVED}
OF_REFERABLE = {"basis": "personally_referable_31_1", "data_kind": "personally_referable"}
ANONYMOUS = {
    "basis": "not_applicable",
    "data_kind": "anonymously_processed",
    "consent": REMOVED,
    "principals": REMOVED,
    "anonymous": {"items_published": False, "stated_to_recipient": False},
}
BEYOND = {"basis": "entrustment_27_5_i", "consent": REMOVED, "use_beyond_entrustment": True}
CONTRACT = {"method": "contract", "contract_reference": "C-1"}
UNDATED = {
    "transferred_on": REMOVED,
    "date_not_recorded": True,
    "backfill": {"source_system": "old", "batch": "1"},
}
PRIVATE = {"kind": "individual", "name": "田中三郎", "address": "横浜市"}
BY_OPT_OUT = {"basis": "opt_out_27_2", "opt_out_published": True, "consent": REMOVED}
UNKNOWN = {"address", "representative"}
NO, YES = {"obtained": False}, {"obtained": True}
LATE = {"obtained": True, "at": "2024-05-01T00:00:00+09:00"}
INFORMED = {"obtained": True, "foreign_information": ALL_INFORMATION}
UNPUBLISHED = version("v1", date(2022, 10, 1), published_on=date(2024, 5, 1))
SAME_AGAIN = version("v2", date(2024, 3, 1))
STALE = ((date(2024, 2, 1), "representative"),)

Case = tuple[Transfer, tuple[str, ...], Context]


def case(made: Transfer, codes: str = "", context: Context | None = None) -> Case:
    return made, tuple(codes.split()), context or Context()


def period(first: str, last: str | None, **more: object) -> dict[str, object]:
    days = {"transferred_on": REMOVED, "transferred_from": first, "transferred_to": last}
    return {"method": "collective", **days, **more}


def party(**changes: object) -> dict[str, object]:
    return CORPORATION | changes


def with_(*sources: Transfer, retained: bool = True) -> Context:
    """What was received before, of which a provision by opt-out is made."""
    known = tuple(earlier(one, retained=retained) for one in sources)
    return Context({"OO": FILING}, derived=known)


JU, BOTH = notices(notice()), notices(FILING, notice())
FOUND: dict[str, Case] = {
    # Data of other kinds.
    "pseudonymous joint use, announced for other data": case(
        joint_use(data_kind="pseudonymously_processed"), "JU_NO_NOTICE", JU
    ),
    "an entrustment abroad beyond its purpose": case(
        transfer(**PSEUDONYMOUS | BEYOND, counterparty=ABROAD), "ENTRUSTMENT_SCOPE_EXCEEDED"
    ),
    "anonymous": case(transfer(**ANONYMOUS), "ANONYMOUS_NOT_PUBLISHED ANONYMOUS_NOT_STATED"),
    "referable, abroad": case(referable(counterparty=ABROAD), "ART31_FOREIGN_INFORMATION_MISSING"),
    "referable, abroad, informed": case(referable(counterparty=ABROAD, consent=INFORMED)),
    "referable, late": case(referable(consent=LATE), "ART31_CONSENT_MISSING"),
    "referable, received, late": case(
        received(**OF_REFERABLE, consent=LATE), "ART31_CONSENT_MISSING"
    ),
    # Third parties abroad.
    "abroad, no basis": case(
        transfer(basis="none", counterparty=ABROAD, consent=REMOVED), "NO_VALID_BASIS"
    ),
    # Consents.
    "a consent within the period": case(
        transfer(**period("2024-03-01", "2024-04-30", consent=LATE)), "CONSENT_AFTER_TRANSFER"
    ),
    "a consent that was none has no day": case(
        transfer(basis="consent_28_1", counterparty=ABROAD, consent=LATE | NO),
        "CONSENT_NOT_OBTAINED",
    ),
    **{
        f"a sender's consent that was none, {basis}": case(
            received(basis=basis, consent=NO), "CONSENT_NOT_OBTAINED"
        )
        for basis in ("consent_27_1", "consent_28_1")
    },
    # Confirmation, counterparties.
    "from no operator, unconfirmed": case(
        received(
            basis="non_operator_source", counterparty=PRIVATE, acquisition=None, consent=REMOVED
        ),
        "CONFIRMATION_INCOMPLETE",
    ),
    **{
        f"what is unknown of the sender, {one}, {acquisition}": case(
            received(counterparty=party(**{one: None}), acquisition=acquisition),
            "CONFIRMATION_INCOMPLETE COUNTERPARTY_INCOMPLETE",
        )
        for one in sorted(UNKNOWN)
        for acquisition in ("本人から直接取得", None)
    },
    **{
        f"what is unknown of the recipient, {one}": case(
            transfer(counterparty=party(**{one: None})), "COUNTERPARTY_INCOMPLETE"
        )
        for one in sorted(UNKNOWN)
    },
    "a person without an address": case(
        transfer(counterparty=PRIVATE | {"address": None}), "COUNTERPARTY_INCOMPLETE"
    ),
    "a person has no representative": case(
        transfer(counterparty=PRIVATE | {"representative": None})
    ),
    "an association of which one is unknown": case(
        transfer(counterparty=PRIVATE | {"kind": "association", "representative": None}),
        "COUNTERPARTY_INCOMPLETE",
    ),
    "many": case(transfer(counterparty={"kind": "unspecified_many", "address": None})),
    # Opt-out.
    **{
        f"opt-out, notice {one}": case(opt_out(notice_id=one), "OPT_OUT_NOT_FILED", BOTH)
        for one in (None, "UNKNOWN", "JU")
    },
    **{
        f"opt-out on {day}": case(opt_out(transferred_on=day), codes, notices(FILING))
        for day, codes in (
            ("2024-01-11", "OPT_OUT_BEFORE_START"),
            ("2024-02-29", "OPT_OUT_BEFORE_START"),
            ("2024-03-01", ""),
        )
    },
    "an opt-out period is tested on its first day": case(
        opt_out(**period("2024-02-28", "2024-06-01") | {"method": "individual"}),
        "OPT_OUT_BEFORE_START",
        notices(FILING),
    ),
    "every fault of an opt-out": case(
        opt_out(
            special_care=True,
            acquired_unlawfully=True,
            items=["電話番号"],
            transferred_on="2024-01-01",
        ),
        "OPT_OUT_BEFORE_START OPT_OUT_ITEM_NOT_FILED OPT_OUT_SPECIAL_CARE OPT_OUT_UNLAWFUL_SOURCE",
        notices(FILING),
    ),
    "received by consent": case(opt_out(derived_from=["R1"]), "", with_(received())),
    **{
        f"a receipt by opt-out, special care {care}, published {published}": case(
            received(**BY_OPT_OUT | {"opt_out_published": published, "special_care": care}), codes
        )
        for care, published, codes in (
            (False, True, ""),
            (False, False, "OPT_OUT_NOT_FILED"),
            (True, True, "OPT_OUT_SPECIAL_CARE"),
            (True, False, "OPT_OUT_NOT_FILED OPT_OUT_SPECIAL_CARE"),
        )
    },
    # Joint use.
    **{
        f"joint use, notice {one}": case(
            joint_use(notice_id=one, items=["指紋"], purpose="?"), "JU_NO_NOTICE", BOTH
        )
        for one in (None, "UNKNOWN", "OO")
    },
    "in force, not published": case(joint_use(), "JU_NO_NOTICE", notices(notice(UNPUBLISHED))),
    "a joint user without an id": case(
        joint_use(counterparty={k: v for k, v in CORPORATION.items() if k != "party_id"}), "", JU
    ),
    "the old representative once more": case(
        joint_use(),
        "JU_RESPONSIBLE_STALE",
        notices(notice(V1, SAME_AGAIN, responsible_changes=STALE)),
    ),
    # Records.
    "a contract without what is no item": case(
        transfer(**CONTRACT, contract_missing_items=["DATE", "ACQUISITION"])
    ),
    "a contract that fails": case(
        transfer(**CONTRACT, contract_missing_items=["ITEMS"], supply_to_principal=False),
        "CONTRACT_CONDITIONS_NOT_MET CONTRACT_ITEMS_INCOMPLETE",
    ),
    "a contract of a receipt by opt-out": case(
        received(**CONTRACT | BY_OPT_OUT), "OPT_OUT_CONTRACT_NOT_ALLOWED"
    ),
}


@every("name", FOUND)
def test_what_is_found_is_this(name: str) -> None:
    made, codes, context = FOUND[name]
    assert findings(made, context) == codes


UNFOUNDED = "DATE COUNTERPARTY PRINCIPAL ITEMS"
CONSENTED = "CONSENT COUNTERPARTY PRINCIPAL ITEMS"
FREE = "none lawful"
BODY = CITY | {"address": None}
DUTIES: dict[str, tuple[Verdict, str]] = {
    "no route": (whole(transfer(basis="none", **PSEUDONYMOUS)), f"art29 unlawful {UNFOUNDED}"),
    "referable, a breach": (
        whole(referable(consent=NO)),
        "art31_provider unlawful ART31_CONFIRMED DATE COUNTERPARTY ITEMS",
    ),
    **{
        basis: (whole(transfer(basis=basis, counterparty=ABROAD, consent=REMOVED)), FREE)
        for basis in EXEMPT
    },
    **{basis: (whole(transfer(basis=basis, consent=REMOVED)), FREE) for basis in NO_DUTY},
    "received without a basis": (
        whole(received(basis="none", consent=REMOVED)),
        "art30 unlawful reply DATE COUNTERPARTY ACQUISITION PRINCIPAL ITEMS",
    ),
    **{
        f"a public body, {basis}": (
            whole(transfer(basis=basis, counterparty=BODY, consent=NO, notice_id=None)),
            "none unlawful",
        )
        for basis in ("consent_27_1", "opt_out_27_2", "none")
    },
}


@every("name", DUTIES)
def test_the_duty_its_items_and_whether_a_reply_tells_of_it_are_these(name: str) -> None:
    verdict, expected = DUTIES[name]
    law = "lawful" if verdict.lawful else "unlawful"
    reply = ("reply",) if verdict.in_reply else ()
    assert (verdict.duty, law, *reply, *verdict.statutory_items) == tuple(expected.split())
    assert verdict.duty != "none" or verdict.retain_through is None
    assert list(verdict.findings) == sorted(verdict.findings)
    assert verdict.duty != "none" or "COUNTERPARTY_INCOMPLETE" not in verdict.findings


@every("exemption", sorted(RECIPIENT_ONLY))
def test_what_exempts_the_recipient_alone_leaves_the_provider_with_its_consent(
    exemption: str,
) -> None:
    ours = {"basis": "on_behalf_of_principal", "exemption": exemption}
    told = whole(transfer(**ours))
    assert (told.duty, told.findings, told.in_reply) == ("art29", (), True)
    assert told.statutory_items == tuple(CONSENTED.split())
    for consent in (REMOVED, NO):
        assert findings(transfer(**ours, consent=consent)) == ("CONSENT_NOT_OBTAINED",)
    assert findings(transfer(**ours, counterparty=ABROAD)) == ("ART28_CONSENT_MISSING",)
    assert findings(transfer(**ours, consent=LATE)) == ("CONSENT_AFTER_TRANSFER",)
    assert whole(transfer(**ours, counterparty=CITY)).duty == "none"
    theirs = received(**ours, consent=REMOVED)
    assert (whole(theirs).duty, findings(theirs)) == ("none", ())
    by_contract = whole(transfer(**ours, **CONTRACT))
    assert (by_contract.findings, by_contract.effective_method) == ((), "contract")


OF_BOTH = ("principal_published", "on_behalf", "agent_or_family", "public_information")


@every("exemption", [*OF_BOTH, "same_entity"])
def test_other_exemptions_free_both_sides(exemption: str) -> None:
    for make in (transfer, received):
        ours = {"basis": "on_behalf_of_principal", "exemption": exemption}
        given = make(**ours, consent=REMOVED, counterparty=ABROAD)
        assert (whole(given).duty, findings(given)) == ("none", ())


@every(
    "information, complete",
    [
        (["country", "regime", "measures"], True),
        (["country", "regime", "measures_unavailable_reason"], True),
        (["country_unspecified_reason", "measures"], True),
        (["country_unspecified_reason"], False),
        (["country", "measures"], False),
        (["country", "regime"], False),
        (["substitute_information", "measures"], False),
        (list[str](), False),
    ],
)
def test_the_information_of_rule_17_is_complete_or_not(
    information: list[str], *, complete: bool
) -> None:
    consent = {"obtained": True, "foreign_information": information}
    given = transfer(basis="consent_28_1", counterparty=ABROAD, consent=consent)
    assert (findings(given) == ()) is complete


@every(
    "at, late",
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


BEFORE = {"obtained": True, "at": "2022-03-31T23:59:59+09:00"}


@every(
    "consent, day, asked",
    [
        (BEFORE, "2024-04-01", False),
        (BEFORE | {"at": "2022-04-01T00:00:00+09:00"}, "2024-04-01", True),
        (YES, "2022-03-31", False),
        (YES, "2022-04-01", True),
    ],
)
def test_28_2_asks_nothing_of_a_consent_of_before_it(
    consent: dict[str, object], day: str, *, asked: bool
) -> None:
    given = transfer(basis="consent_28_1", counterparty=ABROAD, consent=consent, transferred_on=day)
    assert (findings(given) == ("ART28_INFORMATION_MISSING",)) is asked
    # The day of the record stands in for an unknown day of consent.
    undated = transfer(basis="consent_28_1", counterparty=ABROAD, **UNDATED)
    recorded_on = date.fromisoformat(day)
    found = whole(undated, recorded_on=recorded_on).findings
    assert (found == ()) is (recorded_on < date(2022, 4, 1))


@every(
    "days, duty",
    [
        ({"transferred_on": "2022-03-31"}, "none"),
        ({"transferred_on": "2022-04-01"}, "art31_provider"),
        (period("2022-01-01", "2022-03-31", series_id="S"), "none"),
        (period("2022-01-01", "2022-04-01", series_id="S"), "art31_provider"),
        (period("2022-01-01", None, series_id="S"), "art31_provider"),
    ],
)
def test_31_binds_what_was_not_over_before_it(days: dict[str, object], duty: str) -> None:
    assert whole(referable(**days)).duty == duty


# -- which version of a notice ---------------------------------------------------------------------


def test_the_version_of_the_first_day_counts_however_late_it_was_listed() -> None:
    v2 = version("v2", date(2024, 4, 15), items=())
    given = joint_use(**period("2024-04-01", "2024-06-01") | {"method": "individual"})
    verdict = whole(given, notices(notice(V1, v2)))
    assert (verdict.findings, verdict.notice_version) == ((), "v1")
    v2 = version("v2", date(2024, 4, 1), items=())
    verdict = whole(joint_use(), notices(notice(v2, V1)))
    assert (verdict.findings, verdict.notice_version) == (("JU_ITEM_OUT_OF_SCOPE",), "v2")


@every(
    "day, stale",
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


# -- how a record is made --------------------------------------------------------------------------

METHODS: dict[str, tuple[Verdict, str]] = {
    "a contract of a receipt": (whole(received(**CONTRACT)), "contract"),
    "a contract of an unfounded provision": (
        whole(joint_use(**CONTRACT, purpose="?"), JU),
        "individual",
    ),
    "a collective record without a basis": (
        whole(transfer(**period("2024-03-01", "2024-04-30", consent=NO))),
        "collective",
    ),
    "a record that no duty asks for": (
        whole(
            transfer(
                basis="entrustment_27_5_i",
                consent=REMOVED,
                counterparty=party(address=None),
                **CONTRACT,
                contract_missing_items=["ITEMS"],
                supply_to_principal=False,
                base_record="R1",
                omitted_items=["ITEMS"],
            ),
            Context(base=earlier(transfer(), retained=False)),
        ),
        "contract",
    ),
}


@every("name", METHODS)
def test_a_document_stands_for_a_record_that_it_may_stand_for(name: str) -> None:
    verdict, method = METHODS[name]
    assert verdict.effective_method == method
    assert verdict.duty != "none" or verdict.findings == ()


def test_an_ordinary_record_differs_for_nobody_and_is_kept_three_years() -> None:
    assert not judge(transfer(), Context(), DAY).persons
    assert whole(transfer(), recorded_on=DAY).retain_through == date(2027, 4, 1)
    assert "DATE_MISSING" in findings(opt_out(**UNDATED))


def omitting(*codes: str) -> dict[str, object]:
    return {"base_record": "R1", "omitted_items": [*codes]}


@every(
    "change, different",
    [
        ({"basis": "consent_27_1"}, False),
        ({"counterparty": party(representative="代表取締役 後任")}, True),
        ({"counterparty": party(address="大阪市")}, True),
        ({"counterparty": party(party_id="other-key")}, False),
        ({"principals": [P2]}, True),
        ({"principals": [P1, P2]}, False),
        ({"principals": [P1 | {"name": "旧姓 花子"}]}, True),
        ({"items": ["ご利用履歴", "氏名"]}, False),
        ({"items": ["氏名"]}, True),
        ({"acquisition": "名簿から"}, True),
        ({"transferred_on": "2020-01-01"}, False),
    ],
)
def test_omitted_items_must_be_the_same_in_the_base_record(
    change: dict[str, object], *, different: bool
) -> None:
    base = Context(base=earlier(received(**change)))
    made = received(**omitting("COUNTERPARTY", "PRINCIPAL", "ITEMS", "ACQUISITION"))
    assert (findings(made, base) == ("OMISSION_BASE_DIFFERENT",)) is different
    if "counterparty" not in change:
        assert findings(received(**omitting("COUNTERPARTY")), base) == (), "only what is omitted"


@every(
    "base, make, holds",
    [
        (None, received, False),
        (earlier(received(), retained=False), received, False),
        (earlier(transfer()), received, False),
        (earlier(received(basis="exempt_27_1_i", consent=REMOVED)), received, False),
        (earlier(transfer()), transfer, True),
        (earlier(transfer(basis="none", consent=REMOVED)), transfer, True),
        (earlier(transfer(**BEYOND)), transfer, True),
        (earlier(transfer(basis="entrustment_27_5_i", consent=REMOVED)), transfer, False),
        (earlier(transfer(counterparty=CITY)), transfer, False),
        (earlier(referable()), transfer, False),
        (earlier(received()), transfer, False),
        (earlier(referable()), referable, True),
        (earlier(transfer()), referable, False),
    ],
)
def test_a_base_must_be_a_kept_record_of_the_same_article(
    base: EarlierRecord | None, make: Callable[..., Transfer], *, holds: bool
) -> None:
    found = findings(make(**omitting("ITEMS")), Context(base=base))
    assert (found == ("OMISSION_BASE_NOT_RETAINED",)) is not holds
