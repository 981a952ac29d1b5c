"""The procedure as data: complete, chosen by the day of arrival, replaced without code."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.errors import MalformedError
from ledger.law.procedure import codes
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.codes import LEGAL, OF_MINORS, PERSONS, REPRESENTATIONS, REQUESTERS
from ledger.law.procedure.parser import procedures_of, read_procedure
from ledger.law.procedure.policy_2022 import POLICY_2022, PUBLISHED
from ledger.law.procedure.questions import ProcedureReadings
from ledger.law.procedure.reasons import REASONS
from ledger.law.procedure.targets import DayTarget, Targets
from ledger.law.procedure.version import procedure_on, with_version
from tests.law.papers import PUBLISHED_2022, changed, document_with, own, verdict
from tests.matrix import every

FIRST = date(2022, 10, 1)
NEXT = date(2027, 4, 1)


def test_the_published_version_says_what_the_policy_says() -> None:
    one = PUBLISHED_2022
    assert one.version == "2022-10-01"
    assert one.operator.representative == "代表取締役社長 丸山誠治"
    assert one.desk_on(FIRST).place.email == "privacy@ml.nttqonoq.com"
    assert one.reception[0].place.postal_code == "100-6150"
    assert one.reception[0].missing_mark_is_ground is False
    assert one.fee_on(date(2026, 11, 24)).yen == 0
    assert one.correction_on(FIRST).days == 30
    assert one.reply_media_on(FIRST).post == "簡易書留郵便(転送不要)"
    assert [ground.code for ground in one.grounds] == list(codes.GROUNDS)
    assert one.ground("ART33_2_II", FIRST).article == "法33条2項2号(同条5項)"
    for requester, count in (("self", 2), ("mandated_agent", 5), ("legal_representative", 5)):
        assert len(one.slots(requester, FIRST)) == count
    assert one.reply_rule("mandated_agent", FIRST).to == "principal"
    assert "address_change_first" in {note.code for note in one.notes_on(FIRST)}


def test_a_kind_of_paper_that_lapsed_is_not_accepted_from_the_next_day() -> None:
    last = date(2025, 12, 1)
    assert PUBLISHED_2022.document("health_insurance_card", last) is not None
    assert PUBLISHED_2022.document("health_insurance_card", last + timedelta(days=1)) is None
    # A row of later years does not reach back behind its first day.
    added = read_procedure(
        changed(
            lambda it: it["documents"].append(
                it["documents"][2] | {"code": "new_card", "effective_from": "2026-12-01"}
            )
        )
    )
    assert added.document("new_card", date(2026, 11, 30)) is None
    assert added.document("new_card", date(2026, 12, 1)) is not None


def test_the_document_survives_json_and_gives_the_same_version() -> None:
    assert read_procedure(json.loads(json.dumps(POLICY_2022))) == PUBLISHED_2022


def test_an_operators_own_version_holds_for_requests_that_arrive_from_its_first_day() -> None:
    document = changed(
        lambda it: it.update(
            effective_from=NEXT.isoformat(),
            fee=[it["fee"][0] | {"yen": 300}],
            readings={"own_papers": "any", "never_ground_ii_alone": ["volume"]},
            targets={"acknowledge": {"days": 5, "counted": "calendar"}, "closed": ["08-13"]},
        )
    )
    versions = with_version(PUBLISHED, read_procedure(document), date(2027, 3, 1))
    before, after = procedure_on(versions, NEXT - timedelta(days=1)), procedure_on(versions, NEXT)
    assert (before.fee_on(NEXT).yen, after.fee_on(NEXT).yen) == (0, 300)
    assert after.readings.own_papers == "any"
    assert after.readings.never_ground_ii_alone == ("volume",)
    assert after.readings.age_counts_to == "arrival"
    assert after.targets == replace(
        Targets(), acknowledge=DayTarget(5, "calendar"), closed=((8, 13),)
    )
    # The same request, a day apart: each under the version of its arrival.
    request = replace(own(), papers=own().papers[:1])
    assert verdict(request, before).outcome == "correction_requested"
    fresh = replace(request.papers[0], issued_on=NEXT)
    later = replace(request, arrived_on=NEXT, papers=(fresh,))
    found = verdict(later, after)
    assert (found.outcome, found.procedure) == ("verified", "2027-04-01")


@every(
    "effective_from, published_on",
    [
        (date(2022, 10, 1), date(2022, 9, 1)),
        (date(2022, 9, 1), date(2022, 8, 1)),
        (date(2027, 4, 1), date(2027, 4, 1)),
        (date(2027, 4, 1), date(2027, 4, 2)),
    ],
)
def test_a_version_that_would_change_an_arrived_request_is_refused(
    effective_from: date, published_on: date
) -> None:
    new = replace(PUBLISHED_2022, effective_from=effective_from)
    with pytest.raises(MalformedError) as refused:
        with_version(PUBLISHED, new, published_on)
    (defect,) = refused.value.defects
    assert (defect.pointer, defect.code) == ("/effective_from", "VERSION_NOT_LATER")
    assert with_version((), new, published_on) == (new,)


def test_versions_are_put_in_order_and_no_two_begin_on_one_day() -> None:
    later = document_with({"effective_from": "2027-04-01"})
    versions = procedures_of([later, dict(POLICY_2022)])
    assert [one.effective_from for one in versions] == [FIRST, NEXT]
    with pytest.raises(MalformedError):
        procedures_of([later, later])


def test_a_fee_may_change_inside_one_version_without_a_gap() -> None:
    procedure = read_procedure(
        changed(
            lambda it: it.update(
                fee=[
                    it["fee"][0] | {"yen": 300, "effective_from": "2027-04-01"},
                    it["fee"][0] | {"effective_to": "2027-03-31"},
                ]
            )
        )
    )
    assert procedure.fee_on(NEXT - timedelta(days=1)).yen == 0
    assert procedure.fee_on(NEXT).yen == 300


def test_the_newest_of_several_versions_counts() -> None:
    later = replace(PUBLISHED_2022, effective_from=NEXT)
    versions = with_version(PUBLISHED, later, date(2027, 1, 1))
    assert procedure_on(versions, date(2020, 1, 1)) is PUBLISHED_2022
    between = replace(PUBLISHED_2022, effective_from=date(2027, 3, 1))
    with pytest.raises(MalformedError):
        with_version(versions, between, date(2027, 1, 1))
    last = replace(PUBLISHED_2022, effective_from=date(2027, 5, 1))
    assert with_version(versions, last, date(2027, 4, 30)) == (*versions, last)


# -- reasons and open questions: each has its words, its choices, and somebody who reads it --------

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "acceptance" / "case.schema.json").read_bytes())
IDENTITY = next(
    one["properties"] for one in CASES["oneOf"] if one["properties"]["kind"]["const"] == "identity"
)
GIVEN = IDENTITY["given"]["properties"]


def test_the_reasons_are_those_of_the_vocabulary_and_one_for_an_operators_own_papers() -> None:
    known = set(IDENTITY["expect"]["properties"]["reasons"]["items"]["enum"])
    assert set(REASONS) == known | {"DOCUMENT_MISSING"}
    assert all(one.label and one.cure.endswith("。") for one in REASONS.values())


def test_each_ground_has_its_causes_and_those_that_never_stand_alone_are_among_them() -> None:
    assert set(CAUSES) == {one.code for one in PUBLISHED[0].grounds if one.code.startswith("ART")}
    assert all(label.strip() for causes in CAUSES.values() for label in causes.values())
    assert set(ProcedureReadings().never_ground_ii_alone) < set(CAUSES["ART33_2_II"])


def test_the_words_are_those_of_the_vocabulary() -> None:
    assert set(REQUESTERS) == set(GIVEN["requester"]["enum"])
    assert set(REPRESENTATIONS) == set(GIVEN["representation"]["enum"])
    assert OF_MINORS < LEGAL < set(REPRESENTATIONS)
    papers = GIVEN["documents"]["items"]["properties"]
    assert set(papers["of"]["enum"]) == PERSONS
    assert set(papers["type"]["enum"]) <= {one.code for one in PUBLISHED[0].documents}
