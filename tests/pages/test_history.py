"""本人の履歴: the fold as the API shows it, as of any position, under a case, on record."""

import re

from ledger.policies.my_number import check_digit
from tests.doors.samples import RECIPIENT, provision, receipt
from tests.pages.casework import Work
from tests.pages.deciding import NAME
from tests.pages.filling import sheet, words_of
from tests.pages.histories import (
    api_history,
    entrusted,
    head,
    looks,
    path,
    rows,
    section,
    shown,
    whose,
)
from tests.pages.office import Office, Person
from tests.pages.recorded import sent

MY_NUMBER = "12345678901" + str(check_digit("12345678901"))


def test_nothing_is_shown_before_somebody_says_why(
    office: Office, work: Work, officer: Person
) -> None:
    case, _ = whose(work, provision())
    before = head(office)
    first = officer.get(path(case))
    assert first.status_code == 200
    assert RECIPIENT["name"] not in first.text
    for reason in ("", "　", f"番号は{MY_NUMBER}", "理" * 2_001):
        answer = officer.post(path(case), {"reason": reason})
        assert answer.status_code == 422
        assert 'id="reason-error"' in answer.text
        assert RECIPIENT["name"] not in answer.text
    assert head(office) == before
    assert looks(office, case) == []


def test_each_look_is_on_record_with_the_case_and_the_reason(
    office: Office, work: Work, officer: Person
) -> None:
    case, _ = whose(work, provision(), receipt())
    shown(officer, case)
    [look] = looks(office, case)
    assert (look["case"], look["case_known"]) == (case.number, True)
    assert "entries" not in look
    assert look["identifiers"] == {"count": 1, "schemes": ["member"]}
    shown(officer, case)
    assert len(looks(office, case)) == 2


def test_the_page_shows_the_fold_of_the_api_under_its_headings(
    office: Office, work: Work, officer: Person
) -> None:
    case, who = whose(
        work,
        provision(transferred_on="2026-02-01"),
        provision(transferred_on="2026-03-05", items=["住所"]),
        receipt(acquisition="提携先から取得"),
        entrusted(),
    )
    told = api_history(office, who, after=head(office))
    page = shown(officer, case)
    for code, name in (
        ("provision", "provisions"),
        ("receipt", "receipts"),
        ("voluntary", "voluntary_entries"),
    ):
        own = rows(page, code)
        assert len(own) == len(told[name]) > 0
        for row, entry in zip(own, told[name], strict=True):
            assert f"#{entry['position']}" in row
            assert NAME in row
            assert who["id"] in row
    assert "2026年2月1日" in rows(page, "provision")[0]
    assert "住所" in rows(page, "provision")[1]
    assert "取得の経緯提携先から取得" in rows(page, "receipt")[0]
    assert "委託（法第27条第5項第1号）" in rows(page, "voluntary")[0]
    assert "記録の義務なし" in rows(page, "voluntary")[0]


def test_as_of_a_position_the_page_is_what_it_was(
    office: Office, work: Work, officer: Person
) -> None:
    case, who = whose(work, provision(transferred_on="2026-02-01"))
    then = head(office)
    old = shown(officer, case)
    sent(office, provision(transferred_on="2026-03-01", principals=[{**who, "name": NAME}]))
    api_history(office, who, after=head(office))
    new = shown(officer, case)
    assert len(rows(new, "provision")) == 2
    again = shown(officer, case, moment="position", position=f"{then:,}")
    assert rows(again, "provision") == rows(old, "provision")
    assert f"台帳の位置 #{then}" in words_of(again)
    form = sheet(new, path(case))
    back = next(value for _, value in form.buttons if value.startswith("position:"))
    status, before = form.sent(officer, back)
    assert status == 200
    assert len(rows(before, "provision")) == 1
    assert looks(office, case)[-1]["as_of"] == int(back.partition(":")[2])


def test_a_picture_says_what_its_table_says(work: Work, officer: Person) -> None:
    other = {**RECIPIENT, "party_id": "partner-b", "name": "株式会社見本物流"}
    case, _ = whose(
        work,
        provision(transferred_on="2026-01-10"),
        provision(transferred_on="2026-01-20"),
        provision(transferred_on="2026-03-01", counterparty=other),
        receipt(transferred_on="2026-03-02"),
    )
    page = shown(officer, case)
    parties = section(page, "by-provided")
    assert "1 株式会社見本広告 2件。2 株式会社見本物流 1件。" in parties
    assert re.findall(r'<th scope="row">([^<]+)</th><td class="date">(\d+)件', parties) == [
        ("株式会社見本広告", "2"),
        ("株式会社見本物流", "1"),
    ]
    widths = [float(one) for one in re.findall(r'class="chart-bar"[^>]*width="([\d.]+)"', parties)]
    assert widths[0] == 2 * widths[1]
    months = section(page, "months")
    told = re.findall(r'<th scope="row">([^<]+)</th><td>(\d+)</td><td>(\d+)', months)
    assert told == [("2026年1月", "2", "0"), ("2026年2月", "0", "0"), ("2026年3月", "1", "1")]
    for name, provided, received in told:
        assert f"{name} 提供 {provided}件、受領 {received}件。" in months
    assert "<style" not in page
    assert 'style="' not in page
