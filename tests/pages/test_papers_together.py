"""本人確認 by several people and windows: nothing is overwritten, nothing is taken twice."""

import re
from datetime import datetime, timedelta

import pytest

from ledger.clock import day_in_japan, now
from ledger.policies.my_number import check_digit
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import look, paper
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.looked import ADDRESS, Papers, day, told, two
from tests.pages.office import Office, open_office

TODAY = day_in_japan(now())
MY_NUMBER = f"12345678901{check_digit('12345678901')}"
CONFLICT = "ほかの担当者が先に更新しました"
EDITED = "が編集中です"


@pytest.fixture
def page(office: Office) -> Papers:
    return Papers(office.person("officer"), Work(office).begun()).opened()


def other(office: Office, page: Papers, who: str = "colleague") -> Papers:
    """The same page, opened by somebody else."""
    return Papers(office.person(who), page.case).opened()


def looks(office: Office, page: Papers) -> int:
    events = told(office, page.case)["events"]
    return sum(one["type"] == "case-documents-checked" for one in events)


def test_what_somebody_else_did_first_is_told_and_what_was_typed_stays(
    office: Office, page: Papers
) -> None:
    theirs = other(office, page)
    theirs.done(**two())
    note = "私の確認"
    before = page.fields["version"]
    page.again(page.send("", **{**two(), "note": note}), 409)
    for words in (CONFLICT, "書類の確認（担当者2）", "まだ登録していません"):
        assert words in page.words
    assert page.fields["note"] == [note]
    assert int(page.fields["version"][0]) == int(before[0]) + 1
    assert looks(office, page) == 1
    # Who has seen it may put theirs down all the same.
    page.done()
    assert told(office, page.case)["examination"]["note"].startswith(note)


def differences(page: str) -> list[tuple[str, ...]]:
    """The rows of the table of what differs: what it is about, what stands, what was typed."""
    found = re.search(r'<section id="differing".*?</section>', page, re.DOTALL)
    rows = re.findall(r'<tr role="row"><th scope="row".*?</tr>', found[0] if found else "")
    return [tuple(re.findall(r"<span[^>]*>([^<]*)</span>", one)) for one in rows]


def test_what_somebody_else_put_down_is_told_beside_what_was_typed(
    office: Office, page: Papers
) -> None:
    other(office, page).done(**two(TODAY - timedelta(days=1)), note="<b>先に書いた")
    assert 'id="differing"' not in page.page
    mine = {**two(TODAY), "p1_original": "copy", "note": "私の確認"}
    page.again(page.send("", **mine), 409)
    yesterday, today = (f"{one:%Y/%m/%d}" for one in (TODAY - timedelta(days=1), TODAY))
    seal, residence = "1番目の書類：印鑑登録証明書", "2番目の書類：住民票"
    assert differences(page.page) == [
        (f"{seal}　発行日", yesterday, today),
        (f"{residence}　原本・写し", "原本", "写し"),
        (f"{residence}　発行日", yesterday, today),
        ("メモ", "&lt;b&gt;先に書いた", "私の確認"),
    ]
    assert (
        "もう一度登録すると、登録されている内容は、この画面に入力した内容に置き換わります"
        in page.words
    )
    # The draft that was kept of it tells the same; what is sent again stands.
    assert differences(page.opened().page)[-1] == ("メモ", "&lt;b&gt;先に書いた", "私の確認")
    page.done(**mine)
    assert 'id="differing"' not in page.page
    assert told(office, page.case)["examination"]["note"].startswith("私の確認")


def test_that_both_put_down_the_same_is_told(office: Office, page: Papers) -> None:
    other(office, page).done(**two())
    page.again(page.send("", **two()), 409)
    assert "この画面に入力した内容は同じです" in page.words
    assert differences(page.page) == []


def test_what_was_done_in_another_window_is_told_as_one_s_own(office: Office, page: Papers) -> None:
    Papers(page.person, page.case).opened().done(**two())
    page.again(page.send("", **two(), note="別の画面"), 409)
    assert "別の画面から更新されています" in page.words
    assert "（あなた）" in page.words
    assert CONFLICT not in page.words
    assert looks(office, page) == 1


def test_a_step_that_is_not_open_any_more_is_refused_with_what_happened(
    office: Office, page: Papers
) -> None:
    page.case.do("withdrawal", {"withdrawn_on": TODAY.isoformat(), "evidence": "取下書"})
    answer = page.send("/verification", **two())
    assert answer.status_code == 409
    words = words_of(answer.text)
    assert "取下げ" in words
    assert looks(office, page) == 0


def test_a_form_without_a_version_changes_nothing(office: Office, page: Papers) -> None:
    answer = page.send("", **two(), version="")
    assert answer.status_code == 409
    assert "受付（担当者1）" in words_of(answer.text) or "受付（あなた）" in words_of(answer.text)
    assert looks(office, page) == 0


def test_a_form_that_is_sent_twice_is_taken_once(office: Office, page: Papers) -> None:
    first = page.send("/verification", **two())
    second = page.send("/verification", **two())
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    events = [one["type"] for one in told(office, page.case)["events"]]
    assert events == ["case-received", "case-documents-checked", "case-verified"]


def test_a_form_that_is_sent_again_with_something_else_is_not_passed_off_as_taken(
    office: Office, page: Papers
) -> None:
    assert page.send("", **two()).status_code == 303
    changed = page.send("", **two(), note="書き足した")
    assert changed.status_code == 409
    assert "書き足した" in changed.text
    assert "note" not in told(office, page.case)["examination"] or (
        "書き足した" not in told(office, page.case)["examination"]["note"]
    )


def test_a_form_that_was_refused_may_be_sent_again_mended(office: Office, page: Papers) -> None:
    assert page.send("", **{**two(), "note": MY_NUMBER}).status_code == 422
    assert page.send("", **two()).status_code == 303
    assert looks(office, page) == 1


def test_what_is_typed_waits_as_a_draft_and_others_see_that_somebody_types(
    office: Office, page: Papers
) -> None:
    theirs = other(office, page)
    assert EDITED not in theirs.words
    answer = page.send("/draft", **two(), note="途中まで")
    assert answer.status_code == 200
    theirs.opened()
    assert "担当者1" in theirs.words
    assert EDITED in theirs.words
    assert "途中まで" not in theirs.page
    page.opened()
    assert EDITED not in page.words
    assert "下書きから再開しています" in page.words
    assert page.fields["note"] == ["途中まで"]
    assert page.fields["p1_name"] == ["yes"]
    page.done()
    assert EDITED not in theirs.opened().words
    assert "下書きから再開しています" not in page.words


def test_a_draft_of_a_case_that_others_changed_tells_so(office: Office, page: Papers) -> None:
    page.send("/draft", **two(), note="途中まで")
    other(office, page).done(**two())
    page.opened()
    assert CONFLICT in page.words
    assert page.fields["note"] == ["途中まで"]


def test_a_draft_is_thrown_away_when_asked_for(office: Office, page: Papers) -> None:
    page.send("/draft", **two(), note="途中まで")
    assert EDITED in other(office, page).words
    assert page.send("/discard").headers["location"] == page.path
    page.opened()
    assert page.fields["note"] == [""]
    assert EDITED not in other(office, page).words


def test_a_draft_that_can_be_sent_no_more_can_be_thrown_away(page: Papers) -> None:
    page.send("/draft", **two(), note="途中まで")
    page.case.do("withdrawal", {"withdrawn_on": TODAY.isoformat(), "evidence": "取下書"})
    page.opened()
    assert 'id="discard"' in page.page
    assert "取下げ（" in page.words
    page.send("/discard")
    assert 'id="discard"' not in page.opened().page


def test_no_individual_number_is_kept_in_a_draft(office: Office, page: Papers) -> None:
    rows = "SELECT count(*) FROM ledger.form_drafts"
    before = office.rows(rows)
    answer = page.send("/draft", **{**two(), "on_papers": MY_NUMBER})
    assert answer.status_code == 422
    assert office.rows(rows) == before


def test_what_is_sent_after_the_time_is_up_waits_for_whose_it_is(
    office: Office, page: Papers
) -> None:
    office.let_sessions_lapse()
    answer = page.send("", **two(), note="時間切れ")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]
    again = Papers(office.person("officer"), page.case).opened()
    assert again.fields["note"] == ["時間切れ"]
    assert looks(office, page) == 0


def test_each_page_that_is_shown_is_a_look_on_record_and_a_part_is_none(
    office: Office, page: Papers
) -> None:
    head = "SELECT position FROM ledger.head"
    [[before]] = office.rows(head)
    page.opened()
    [[after]] = office.rows(head)
    assert after == before + 1
    for part in ("/result", "/rows/0"):
        answer = page.part(part, **two())
        assert answer.status_code == 200
        assert NAME not in answer.text
        assert ADDRESS not in answer.text.replace(str(two()["registered"]), "")
    assert office.rows(head) == [(after,)]


def test_who_only_reads_sees_the_papers_and_no_button(office: Office, page: Papers) -> None:
    page.done(**two())
    shown = Papers(office.person("approver"), page.case).opened()
    assert "本人確認ができます" in shown.words
    for button in ("save", "keep", "primary", "correct", "refuse"):
        assert f'id="{button}"' not in shown.page


def test_the_papers_of_an_envelope_are_taken_over_and_the_form_is_looked_at_here(
    office: Office,
) -> None:
    work = Work(office)
    first = work.begun()
    second = Papers(
        office.person("officer"), work.begun(same_envelope_as=first.id, kind="retained_data")
    ).opened()
    answer = second.send("/same-papers", same_form_checked="yes")
    assert "元の請求の書類をまだ確認していません" in words_of(answer.text)
    first.do("documents", look())
    second.opened()
    second.done("/same-papers", same_form_checked="yes")
    whole = told(office, second.case)
    assert whole["check"]["outcome"] == "verified"
    assert whole["status"] == "completeness_check"


def test_a_refusal_waits_for_the_time_of_the_correction(database: Database) -> None:
    clock = [now()]

    def at() -> datetime:
        return clock[0]

    with open_office(database.urls, clock=at) as office:
        case = Work(office).begun().do("documents", look(paper("seal_certificate")))
        page = Papers(office.person("officer"), case).opened()
        assert "補正を依頼し、その期限を過ぎてからでなければ" in page.words
        assert page.waits("refuse")
        page.done("/correction")
        assert "までは、不開示にできません" in page.words
        early = page.send("/refusal")
        assert early.status_code in (409, 422)
        assert "この操作は登録していません" in words_of(early.text)
        clock[0] += timedelta(days=60)
        office.forget("officer")
        page = Papers(office.person("officer"), case).opened()
        assert not page.waits("refuse")
        assert page.done("/refusal").endswith("/next")
        key = case.work.office.key("cases:read", owner="later")
        whole = office.api("GET", f"/v1/cases/{case.id}", key).json()
        assert (whole["status"], whole["decision"]["outcome"]) == (
            "decided",
            "procedural_refusal",
        )


def test_papers_that_came_again_start_from_the_look_before(office: Office) -> None:
    case = Work(office).begun().do("documents", look(paper("seal_certificate")))
    page = Papers(office.person("officer"), case).opened()
    page.done("/correction")
    page.further(**day("further_on", TODAY))
    page.opened()
    assert page.fields["p0_name"] == ["yes"]
    assert "p1_name" not in page.fields
    assert "（保存前）" in page.words
    assert page.fields["version"] == [str(told(office, case)["version"])]
