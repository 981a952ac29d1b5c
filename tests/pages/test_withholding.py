"""What is withheld on the page of 回答内容の確認: which records, which items, and why."""

from datetime import date, timedelta

from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.deciding import REASON, dated, identified, opened, path, rows, whole
from tests.pages.filling import sheet, words_of
from tests.pages.office import Person


def test_an_item_of_a_record_is_withheld_with_ground_reason_and_cause(
    work: Work, officer: Person
) -> None:
    case = identified(
        work,
        provision(transferred_on="2026-01-05"),
        provision(transferred_on="2026-02-06", items=["住所"]),
    )
    page, form = opened(officer, case)
    status, page = form.sent(officer, "add")
    assert status == 422
    assert "不開示にする記録を選んでください" in words_of(page)
    ticks = [value for name, value in form.boxes if name == "tick" and value != "all"]
    status, page = form.sent(officer, "add", tick=sorted(ticks)[:1])
    assert status == 200
    held = sheet(page, path(case))
    status, page = held.sent(officer, "submit")
    assert status == 422
    assert 'id="block_1_ground-error"' in page
    assert 'id="block_1_reason-error"' in page
    typed = sheet(page, path(case))
    status, page = typed.sent(
        officer,
        "submit",
        block_1_ground="ART33_2_I",
        block_1_reason=REASON,
        block_1_item="COUNTERPARTY",
        block_1_cause="volume",
    )
    assert status == 422
    assert 'id="block_1_causes-error"' in page
    again = sheet(page, path(case))
    assert again.text("block_1_reason") == REASON
    done = again.sent(officer, "submit", block_1_cause="other_interest")
    assert done == (303, f"/desk/cases/{case.id}/next")
    [kept] = whole(case)["decision"]["withheld"]
    del kept["record"]
    assert kept == {
        "ground": "ART33_2_I",
        "reason": REASON,
        "items": ["COUNTERPARTY"],
        "causes": ["other_interest"],
    }
    assert whole(case)["decision"]["outcome"] == "partial_disclosure"


def test_every_record_is_withheld_at_once_and_the_box_balances(work: Work, officer: Person) -> None:
    case = identified(work, *(dated(f"2026-01-0{n}") for n in range(1, 4)))
    page, form = opened(officer, case)
    assert len(rows(page)) == 1, "repeats are one row"
    assert "3件" in rows(page)[0]
    _, page = form.sent(officer, "add", tick="all")
    assert "台帳の件数 3 ＝ 開示 0 ＋ 不開示 3" in words_of(page)
    held = sheet(page, path(case))
    done = held.sent(officer, "submit", block_1_ground="ART33_2_I", block_1_reason=REASON)
    assert done[0] == 303
    decision = whole(case)["decision"]
    assert (decision["outcome"], len(decision["withheld"])) == ("non_disclosure", 3)


def test_what_is_typed_and_ticked_goes_from_page_to_page(work: Work, officer: Person) -> None:
    begin = date(2025, 1, 1)
    days = [(begin + timedelta(days=n)).isoformat() for n in range(120)]
    case = identified(
        work, *(provision(transferred_on=day, items=[f"項目{n}"]) for n, day in enumerate(days))
    )
    page, form = opened(officer, case)
    assert (len(rows(page)), "1/2頁" in words_of(page)) == (100, True)
    first = next(value for name, value in form.boxes if name == "tick" and value != "all")
    status, page = form.sent(officer, "page:provided:2", tick=first, medium="paper")
    assert (status, len(rows(page))) == (200, 20)
    second = sheet(page, path(case))
    assert second.text("ticked") == first
    status, page = second.sent(officer, "submit")
    assert status == 422
    assert "まだ不開示に加えられていません" in words_of(page)
    tick = next(value for name, value in second.boxes if name == "tick" and value != "all")
    _, page = second.sent(officer, "add", tick=tick)
    assert "不開示1（2件の記録）" in words_of(page)
    held = sheet(page, path(case))
    _, page = held.sent(officer, "page:provided:1", block_1_reason=REASON)
    back = sheet(page, path(case))
    assert back.text("block_1_reason") == REASON
    done = back.sent(officer, "submit", block_1_ground="ART33_2_III", block_1_cause="other_law")
    assert done[0] == 303
    assert len(whole(case)["decision"]["withheld"]) == 2
