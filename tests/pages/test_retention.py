"""保存期間: what is kept until when, what dies next, and what became of the plans."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.database import Database
from tests.doors.corridor import SETTINGS
from tests.doors.keeping import DIES, LAST_DAY, RECORDED, UNKNOWN, Clock
from tests.journals import journal_in
from tests.pages.filling import sheet
from tests.pages.office import Office, Person, open_office
from tests.pages.watching import looks, marked, recorded
from tests.rows import SECRET

PAGE = "/desk/retention"
PLANS = f"{PAGE}/plans"


def plan(person: Person, times: int = 1) -> str:
    """Press 計画を今作る, once or more often; the page or the address that it leads to."""
    fields = {name: texts[0] for name, texts in sheet(person.get(PAGE).text, PLANS).fields.items()}
    told = ""
    for _ in range(times):
        answer = person.post(PLANS, fields, token=fields["form_token"])
        told = answer.headers.get("location") or answer.text
    return told


def plans_of(office: Office) -> int:
    key = office.key("audit:read", owner="auditor")
    return len(office.api("GET", "/v1/retention?limit=100", key).json()["plans"])


def section(page: str, title: str) -> str:
    return page.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]


def test_who_keeps_the_ledger_sees_what_the_api_tells_and_nothing_more(office: Office) -> None:
    recorded(office)
    before = looks(office)
    key = office.key("records:exclude", owner="chief")
    told = office.api("GET", "/v1/retention", key).json()
    months = {one["month"] for one in told["ends"] if one["month"]}
    assert months
    for who in ("auditor", "chief", "operator"):
        page = office.person(who).get(PAGE)
        assert page.status_code == 200
        for month in months:
            year, number = month.split("-")
            is_told = f"{year}年{int(number)}月" in section(page.text, "月ごとの期限")
            assert is_told == (who == "chief")
        assert "期限が来たもので、残っているものはありません" in page.text
    assert looks(office) == before
    for who in ("officer", "approver", "reception", "quarantine"):
        assert office.person(who).get(PAGE).status_code == 403


def test_what_keeps_hidden_records_is_told_to_who_may_exclude_alone(office: Office) -> None:
    marked(office)
    office.app.state.services.retention.repeat_exclusions("0" * 32)
    chief, auditor = office.person("chief"), office.person("auditor")
    assert "除外の定め" in chief.get(PAGE).text
    assert "除外の定め" not in auditor.get(PAGE).text
    assert "進行中の請求" in section(chief.get(PAGE).text, "次の消去の見込み")
    assert "進行中の請求" not in section(auditor.get(PAGE).text, "次の消去の見込み")


def test_a_plan_is_made_once_however_often_its_form_is_sent(office: Office) -> None:
    before = plans_of(office)
    for who in ("operator", "chief"):
        assert plan(office.person(who), times=2) == f"{PAGE}?done=planned"
    assert plans_of(office) <= before + 2
    assert plans_of(office) > before
    page = office.person("operator").get(f"{PAGE}?done=planned").text
    assert "計画を作成しました" in page
    assert "計画を今作る" not in office.person("auditor").get(PAGE).text
    assert office.person("auditor").post(PLANS).status_code == 403


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aging(database: Database, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    """An office whose days pass as the test says, with an erasure journal."""
    journal = journal_in(tmp_path / "journal", secret=SECRET)
    journal.begin(UNKNOWN, clock.now())
    settings = replace(SETTINGS, journal_dir=tmp_path / "journal")
    with open_office(database.urls, settings, clock=clock.now) as opened:
        yield opened


def test_what_dies_is_foreseen_planned_destroyed_and_certified(aging: Office, clock: Clock) -> None:
    assert "次の計画に載るものはありません" in aging.signed_in("chief").get(PAGE).text
    recorded(aging, transferred_on=RECORDED.isoformat())
    aging.catch_up()
    page = aging.signed_in("chief").get(PAGE).text
    month = f"{DIES.year}年{DIES.month}月"
    assert (
        "提供・受領の記録"
        in section(page, "月ごとの期限").partition(month)[2].partition("</tr>")[0]
    )
    clock.day = LAST_DAY
    chief = aging.signed_in("chief")
    ahead = chief.get(PAGE).text
    assert "消去の計画と実行を止めています" in ahead
    assert "提供・受領の記録" in section(ahead, "次の消去の見込み")
    assert "時計" in plan(chief)
    retention = aging.app.state.services.retention
    retention.plan("0" * 32, confirmed=True)
    clock.day = DIES
    chief = aging.signed_in("chief")
    due = section(chief.get(PAGE).text, "期限が来ているもの")
    assert "予告期間中" in due
    assert "証明書" in section(chief.get(PAGE).text, "計画")
    assert "消去証明書" not in section(chief.get(PAGE).text, "計画")
    retention.expire("0" * 32)
    aging.catch_up()
    page = chief.get(PAGE).text
    assert "残っているものはありません" in section(page, "期限が来ているもの")
    assert re.search(r"消去済み", section(page, "計画"))
    assert f"{RECORDED.year}年{RECORDED.month}月" in section(page, "消去した記録")
    link = re.search(r'href="(/desk/retention/plans/[0-9a-f-]+/certificate)"', page)
    assert link is not None
    paper = aging.signed_in("auditor").get(link[1])
    assert paper.status_code == 200
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["cache-control"] == "no-store"
    assert paper.content.startswith(b"%PDF-")
