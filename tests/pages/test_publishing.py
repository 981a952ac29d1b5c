"""公表 and 取下げ: typed, looked at and published on the pages, as by the API's door."""

import itertools
from typing import Any

from tests.doors.samples import notice
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office
from tests.pages.publishing import (
    NEW,
    PAGE,
    confirmed,
    form_of,
    looked,
    on,
    published,
    sent,
    version,
)
from tests.pages.test_rescued import TYPED, WAITED
from tests.pages.watching import day

_COUNTED = itertools.count(1)


def fresh() -> str:
    """A notice id that nobody has used."""
    return f"ju-page-{next(_COUNTED)}"


def told(office: Office, notice_id: str) -> dict[str, Any] | None:
    """The notice as the door of the API tells it; None when there is none."""
    answer = office.api("GET", "/v1/notices", office.key("notices:write", owner="chief"))
    found = [one for one in answer.json()["notices"] if one["notice_id"] == notice_id]
    return found[0] if found else None


def error_at(page: str, field: str) -> str:
    assert f'<a href="#{field}">' in page, "the summary leads to the field"
    assert f'id="{field}"' in page
    return page.partition(f'id="{field}-error"')[2].partition("</p>")[0]


def test_a_notice_is_looked_at_first_and_stands_as_the_door_would_have_it(office: Office) -> None:
    chief, name = office.person("chief"), fresh()
    before = office.rows("SELECT position FROM ledger.head")
    status, page = looked(chief, NEW, notice_id=name, **version("初版", day(10)))
    assert status == 200
    assert "まだ公表していません" in page
    for one in (name, "例示トラベル株式会社", "氏名、住所、ご利用履歴", "代表取締役 例示 太郎"):
        assert one in words_of(page)
    assert office.rows("SELECT position FROM ledger.head") == before
    status, address = confirmed(chief, page, NEW)
    assert status == 303
    shown = chief.get(address).text
    assert "公表しました" in shown
    assert "これにより判定が変わる記録はありません" in shown
    stands = told(office, name)
    assert stands is not None
    [one] = stands["versions"]
    whole = notice(notice_id=name)["version"]
    assert one == {
        **{name: whole[name] for name in ("scope", "responsible")},
        "items": [{"category": "基本情報", "listed": ["氏名", "住所", "ご利用履歴"]}],
        "purposes": [{"code": "service", "label": "サービスの提供", "examples": []}],
        "version": "初版",
        "in_force_from": day(10),
        "published_on": day(10),
        "position": one["position"],
        "stated": {},
        "changes": [],
        "findings": [],
    }
    assert stands["data_kinds"] == ["personal_data"]


def test_a_new_version_begins_with_the_one_before_and_shows_what_differs(office: Office) -> None:
    chief, name = office.person("chief"), fresh()
    address = published(chief, NEW, notice_id=name, **version("初版", day(40)))
    path = f"{address}/publication"
    form = form_of(chief, path)
    assert form.text("user_2") == "例示トラベル株式会社"
    assert (form.text("version"), form.text("in_force_from_year")) == ("", "")
    typed = {"version": "第2版", **on("in_force_from", day(-20)), **on("published_on", day(0))}
    user = {"party_3": "hotel", "user_3": "例示ホテル株式会社"}
    status, page = sent(chief, form, **typed, **user, principals_consented="yes")
    assert status == 200
    judged = words_of(page.partition('id="h-judged"')[2].partition("</section>")[0])
    for one in (
        "共同利用者の追加",
        "例示ホテル株式会社",
        "できる（本人の同意あり）",
        "あらかじめ本人の同意",
    ):
        assert one in judged
    assert "▲" not in judged
    changed = page.partition("前の公表との違い")[2].partition("</section>")[0]
    assert "＋ 追加" in changed
    assert "例示ホテル株式会社" in changed
    assert "利用目的" not in changed
    assert confirmed(chief, page, path)[0] == 303
    stands = told(office, name)
    assert stands is not None
    assert [one["version"] for one in stands["versions"]] == ["初版", "第2版"]


def test_what_others_published_in_between_is_looked_at_first(office: Office) -> None:
    chief, name = office.person("chief"), fresh()
    path = published(chief, NEW, notice_id=name, **version("初版", day(40))) + "/publication"
    _, page = looked(chief, path, **version("私の第2版", day(5)))
    key = office.key("notices:write", owner="legal")
    whole = notice(notice_id=name)
    items = [{"category": "基本情報", "listed": ["氏名", "住所", "ご利用履歴"]}]
    begins = {"in_force_from": day(20), "published_on": day(21), "items": items}
    other = {**whole["version"], **begins, "version": "他の第2版"}
    assert office.api("POST", "/v1/notices", key, {**whole, "version": other}).status_code == 200
    status, again = confirmed(chief, page, path)
    assert status == 409
    assert "別の公表又は取下げがありました" in again
    assert sheet(again, path).text("version") == "私の第2版"
    status, page = sent(chief, sheet(again, path))
    assert "（他の第2版） からの変更" in page
    assert confirmed(chief, page, path)[0] == 303


def judged_in(page: str) -> str:
    """What the page says of each change."""
    return words_of(page.partition('id="h-judged"')[2].partition("</section>")[0])


def test_an_unlawful_change_is_recorded_only_by_a_box_that_is_ticked(office: Office) -> None:
    chief, name = office.person("chief"), fresh()
    path = published(chief, NEW, notice_id=name, **version("初版", day(40))) + "/publication"
    changed = {"purpose_1": "広告の配信", "listed_1": "氏名\n住所\nご利用履歴\n電話番号"}
    status, page = looked(chief, path, **version("第2版", day(5), **changed))
    assert status == 200
    judged = judged_in(page)
    for one in ("利用目的の変更", "広告の配信", "できない（事前の公表なし）", "法第27条第6項"):
        assert one in judged
    assert "項目の追加" in judged
    assert "法第27条第5項第3号、第27条第6項" in judged
    status, page = confirmed(chief, page, path)
    assert status == 422
    assert "選んでください" in error_at(page, "record_unlawful")
    assert "広告の配信" in judged_in(page)
    stands = told(office, name)
    assert stands is not None
    assert len(stands["versions"]) == 1
    status, _ = sent(chief, sheet(page, f"{path}/publish"), record_unlawful="yes")
    assert status == 303
    stands = told(office, name)
    assert stands is not None
    assert stands["versions"][1]["findings"] == [
        "JU_CHANGE_NOT_ALLOWED",
        "JU_CHANGE_NOT_ANNOUNCED_BEFORE",
    ]


def test_a_page_that_was_not_looked_at_publishes_nothing(office: Office) -> None:
    chief, name = office.person("chief"), fresh()
    form = form_of(chief, NEW)
    form.action = f"{NEW}/publish"
    assert sent(chief, form, notice_id=name, **version("初版", day(10)))[0] == 409
    assert told(office, name) is None


def stands(office: Office, notice_id: str) -> str:
    """A notice that was published at the API; where its page is."""
    key = office.key("notices:write", owner="chief")
    told = office.api("POST", "/v1/notices", key, notice(notice_id=notice_id))
    assert told.status_code == 200, told.text
    return f"{PAGE}/{told.json()['position']}"


def withdrawn_on(office: Office, notice_id: str) -> str | None:
    answer = office.api("GET", "/v1/notices", office.key("notices:write", owner="chief"))
    [found] = [one for one in answer.json()["notices"] if one["notice_id"] == notice_id]
    return found["withdrawn_on"]


def test_a_notice_is_withdrawn_after_a_look_at_what_that_means(office: Office) -> None:
    chief, address = office.person("chief"), stands(office, "w-once")
    path = f"{address}/withdrawal"
    form = sheet(chief.get(path).text, path)
    status, page = sent(chief, form, **on("day", day(-10)), reason="共同利用の終了")
    assert status == 200
    assert "まだ取り下げていません" in page
    assert "共同利用の終了" in page
    assert withdrawn_on(office, "w-once") is None
    first, second = (confirmed(chief, page, path, "withdraw") for _ in range(2))
    assert first == second == (303, f"{address}/waiting?done=withdrawn")
    assert withdrawn_on(office, "w-once") == day(-10)
    shown = chief.get(first[1]).text
    assert "取下げを登録しました" in shown
    assert f'href="{path}"' not in chief.get(address).text
    assert "取り下げられています" in chief.get(path).text


def test_a_publication_outlives_a_proof_that_is_too_old_and_is_looked_at_anew(
    office: Office,
) -> None:
    person = office.signed_in("chief")
    _, page = looked(person, NEW, notice_id="ju-proof", **version("初版", day(3), title=TYPED))
    office.age_proofs()
    status, location = confirmed(person, page, NEW)
    assert (status, location) == (303, f"/sign-in?page={NEW}&proof=1")
    person = office.signed_in("chief")
    page = person.get(NEW).text
    assert WAITED in page
    status, page = sent(person, sheet(page, NEW))
    assert status == 200
    assert TYPED in page
    assert confirmed(person, page, NEW)[0] == 303
    assert WAITED not in person.get(NEW).text
