"""共同利用等（法定対象外）: transfers that are part of no reply, and the reason of each."""

import re
from typing import Any

import pytest

from tests.doors.samples import RECIPIENT, REMOVED, notice, provision
from tests.pages.casework import Work
from tests.pages.deciding import NAME, identified, opened
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent

TITLE = "共同利用等（法定対象外）"


def on(basis: str, **changes: object) -> dict[str, Any]:
    return provision(**{"basis": basis, "consent": REMOVED, **changes})


def section(page: str) -> str:
    """What stands under the heading, as it is read."""
    found = re.search(r'<section aria-labelledby="h-beside">.*?</section>', page, re.DOTALL)
    assert found is not None
    return words_of(found[0])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            on("entrustment_27_5_i"),
            "第三者に当たらないため、記録の作成義務がありません（法第27条第5項第1号）",
        ),
        (on("exempt_27_1_i"), "法第27条第1項第1号に当たるため"),
        (on("not_applicable", data_kind="statistical"), "個人データの提供ではないため"),
        (
            provision(counterparty={**RECIPIENT, "kind": "public_body"}),
            "相手方が法第16条第2項各号に掲げる者のため",
        ),
        (
            on(
                "entrustment_27_5_i",
                use_beyond_entrustment=True,
                counterparty={**RECIPIENT, "kind": "public_body"},
            ),
            "相手方が法第16条第2項各号に掲げる者のため",
        ),
    ],
)
def test_the_reason_is_that_of_the_verdict(
    work: Work, officer: Person, data: dict[str, Any], why: str
) -> None:
    assert why in section(opened(officer, identified(work, data))[0])


def test_joint_use_stands_beside_the_reply_and_never_in_it(
    office: Office, work: Work, officer: Person
) -> None:
    key = office.key("notices:write", owner="legal")
    answer = office.api("POST", "/v1/notices", key, notice())
    assert answer.status_code in (200, 201, 409), answer.text
    party = {**RECIPIENT, "party_id": "group-travel", "name": "例示トラベル株式会社"}
    beside = on("joint_use_27_5_iii", notice_id="ju-doors", purpose="service", counterparty=party)
    case = identified(work, provision(), beside)
    page, form = opened(officer, case)
    told = section(page)
    assert f"{TITLE}（1件）" in told
    assert "例示トラベル株式会社" in told
    assert "共同利用" in told
    assert "台帳の件数 1 ＝ 開示 1 ＋ 不開示 0" in words_of(page)
    assert page.count("例示トラベル株式会社") == 1, "in no table of the reply"
    assert "<details>" in page, "closed until it is asked for"
    assert form.sent(officer, "submit")[0] == 303
    shown = officer.get(f"/desk/cases/{case.id}/approval").text
    assert "例示トラベル株式会社" not in shown


def test_what_belongs_to_the_reply_and_what_was_retracted_stand_not_there(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    named = [{**who, "name": NAME}]
    [gone] = sent(office, on("entrustment_27_5_i") | {"principals": named})
    key = office.key("records:write", owner="colleague")
    answer = office.api("POST", f"/v1/transfers/{gone}/retraction", key, {"reason": "not_occurred"})
    assert answer.status_code == 200, answer.text
    case = identified(work, provision() | {"principals": named}, who=who)
    assert f"{TITLE}（0件）" in section(opened(officer, case)[0])


def test_the_period_that_is_asked_for_counts_here_too(work: Work, officer: Person) -> None:
    data = [on("entrustment_27_5_i", transferred_on=f"202{n}-06-01") for n in (4, 5, 6)]
    case = identified(work, *data, first_day="2025-01-01", last_day="2025-12-31")
    told = section(opened(officer, case)[0])
    assert f"{TITLE}（1件）" in told
    assert "2025年6月1日" in told
