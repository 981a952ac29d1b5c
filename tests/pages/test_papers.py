"""本人確認: what was seen becomes the look that the door takes, by several people and rounds."""

from datetime import date, timedelta

import pytest

from ledger.clock import day_in_japan, now
from ledger.policies.my_number import check_digit
from tests.canary import NAME
from tests.doors.cases.desk import look, paper
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.looked import ADDRESS, ADDRESSES, Papers, day, looks, opened_by, row, told, two
from tests.pages.office import Office
from tests.pages.overtaken import CONFLICT, differing_rows


def this_day() -> date:
    return day_in_japan(now())


def papers(office: Office, work: Work, who: str = "officer", **changes: object) -> Papers:
    """The page of a new case, opened."""
    return Papers(office.person(who), work.begun(**changes)).opened()


def test_a_new_case_asks_for_the_papers_of_the_matrix_and_says_what_is_left(
    office: Office, work: Work
) -> None:
    page = papers(office, work)
    for words in ("印鑑登録証明書（本人）", "住民票（本人）", "ほかの書類", "印鑑登録の有無"):
        assert words in page.words
    assert "委任状（" not in page.words
    assert page.waits("primary")
    assert page.waits("correct")
    assert page.waits("refuse")
    labels = [words for _, words in page.missing]
    assert "申請書の記載の確認" in labels
    for where, _ in page.missing:
        assert f'id="{where.removeprefix("#")}"' in page.page


def test_a_look_is_put_down_as_the_door_takes_it(office: Office, work: Work) -> None:
    page = papers(office, work)
    issued = this_day() - timedelta(days=40)
    assert page.done(**two(issued_on=issued)).endswith("/papers#result")
    whole = told(office, page.case)
    first, second = whole["examination"]["papers"]
    assert (first["kind"], second["kind"]) == ("seal_certificate", "residence_certificate")
    assert first["issued_on"] == issued.isoformat()
    assert second["my_number_shown"] is False
    assert "my_number_shown" not in first
    for one in (first, second):
        assert one["is_original"] is True
        assert one["shows_name"] is one["shows_birth_date"] is True
        assert one["address_mark"] == "printed"
    look = whole["examination"]
    assert look["registered_address"] == ADDRESS
    assert look["addresses"]["form_is_registered"] is True
    assert look["note"] == "【住所の照合：本人確認書類と申請書】表記ゆれ・同一と判断"
    assert whole["check"]["outcome"] == "verified"


def test_its_result_is_told_paper_by_paper_and_the_step_is_taken(
    office: Office, work: Work
) -> None:
    arrived = this_day() - timedelta(days=1)
    page = papers(office, work, arrived_on=arrived.isoformat())
    issued = date(arrived.year, arrived.month, 1) - timedelta(days=1)
    page.done(**two(issued_on=issued))
    days = (arrived - issued).days
    assert f"発行から{days}日（3か月以内：適）" in page.words
    assert "本人確認ができます" in page.words
    assert page.missing == []
    assert not page.waits("primary")
    assert page.waits("correct")
    # It leads on, and the page of the papers says that it is done.
    assert page.done("/verification").endswith("/next")
    assert "本人確認は完了しています" in page.words
    assert told(office, page.case)["status"] == "search"


def test_a_paper_that_is_all_in_order_is_filled_in_by_one_button_and_not_put_down(
    office: Office, page: Papers
) -> None:
    typed = {"p0_address_mark": "ink", "p1_original": "copy"}
    page.again(page.send(action="fits-0", **typed), 200)
    shown = {name: page.fields.get(name) for name in ("p0_original", "p0_address_mark")}
    assert shown == {"p0_original": ["original"], "p0_address_mark": ["ink"]}
    ticked = ("present", "name", "birth_date", "current_address")
    assert all(page.fields[f"p0_{one}"] == ["yes"] for one in ticked)
    assert not {"p1_present", "p1_name", "p1_my_number"} & page.fields.keys()
    page.again(page.send(action="fits-1"), 200)
    assert (page.fields["p1_original"], page.fields["p1_my_number"]) == (["original"], ["absent"])
    # Its day is typed; that an old address is bridged is no matter of being in order.
    assert not {"p1_as_supplement", "p1_looked"} & page.fields.keys()
    assert "発行日" in " ".join(words for _, words in page.missing)
    assert looks(office, page.case) == 0


@pytest.mark.parametrize("action", ["fits-", "fits-99", "fits-2", "fits-x"])
def test_a_button_of_no_paper_changes_nothing(page: Papers, action: str) -> None:
    before = {**page.fields, "command": []}  # each page has one of its own
    page.again(page.send(action=action), 200)
    assert {**page.fields, "command": []} == before


def test_a_box_that_is_not_ticked_is_open_until_the_paper_was_looked_at_to_the_end(
    office: Office, work: Work
) -> None:
    page = papers(office, work)
    unticked: list[str] = []
    page.done(**{**two(), "p0_current_address": unticked})
    first = told(office, page.case)["examination"]["papers"][0]
    assert "shows_current_address" not in first
    assert ("#p0_current_address", "印鑑登録証明書（本人）の現住所") in page.missing
    page.done(p0_looked="yes")
    first = told(office, page.case)["examination"]["papers"][0]
    assert first["shows_current_address"] is False
    assert "不適" in page.words


def test_an_agent_needs_a_mandate_and_a_correction_round_is_gone_through(
    office: Office, work: Work
) -> None:
    form = {"name": NAME, "address": ADDRESS, "agent_name": "代理 二郎", "agent_address": ADDRESS}
    page = papers(office, work, requester="mandated_agent", form=form)
    assert "開示申請書「委任状」（本人）" in page.words
    good = {
        **row(0),
        **row(1, my_number="absent"),
        **row(2),
        **row(3, my_number="absent"),
        **ADDRESSES,
    }
    mandate = {"p4_original": "original", "p4_by_principal": "yes", "p4_covers": "yes"}
    page.done(**good, **mandate, p4_looked="yes")
    whole = told(office, page.case)
    assert whole["examination"]["papers"][4]["seal_as_certified"] is False
    assert [one["code"] for one in whole["check"]["shortcomings"]] == ["MANDATE_SEAL_DIFFERS"]
    assert not page.waits("correct")
    assert page.done("/correction").endswith("/papers#result")
    assert told(office, page.case)["status"] == "correction_requested"
    letter = page.person.get(f"{page.path}/correction.pdf")
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.headers["cache-control"] == "no-store"
    answer = page.further(**day("further_on", this_day()), further_note="委任状の再提出")
    assert answer.headers["location"].endswith("/next")
    page.opened()
    assert told(office, page.case)["status"] == "resubmitted"
    again = {**mandate, "p4_seal": "yes", **day("p4_arrived_on", this_day())}
    page.done("/verification", **again, p4_looked=[])
    whole = told(office, page.case)
    assert whole["status"] == "search"
    assert whole["examination"]["papers"][4]["arrived_on"] == this_day().isoformat()


def test_further_papers_may_complete_the_form(office: Office, work: Work) -> None:
    page = papers(office, work)
    page.done(**{**two(), "form_missing": ["phone", "name_kana"]})
    assert "申請書に次の事項の記入がありません" in page.words
    page.done("/correction")
    kana = "カグラザカ カナリア"
    answer = page.further(
        **day("further_on", this_day()), further_name_kana=kana, further_phone="03-0000-0000"
    )
    assert answer.status_code == 303
    form = told(office, page.case)["application"]["form"]
    assert (form["name_kana"], form["phone"]) == (kana, "03-0000-0000")


MY_NUMBER = f"12345678901{check_digit('12345678901')}"
EDITED = "が編集中です"


@pytest.fixture
def page(office: Office) -> Papers:
    return Papers(office.person("officer"), Work(office).begun()).opened()


def test_what_is_typed_waits_as_a_draft_and_others_see_that_somebody_types(
    office: Office, page: Papers
) -> None:
    theirs = opened_by(office, page)
    assert EDITED not in theirs.words
    answer = page.send("/draft", **two(), note="途中まで")
    assert answer.status_code == 200
    theirs.opened()
    assert office.called("officer") in theirs.words
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
    opened_by(office, page).done(**two())
    page.opened()
    assert CONFLICT in page.words
    assert page.fields["note"] == ["途中まで"]


NUMBERED: dict[str, str] = {
    # where the number is typed · the field at which it is told
    "on_papers": "on_papers",
    "p0_issued_on_year": "p0_issued_on",
    "further_on_era": "further_on",
    "p9_kind": "note",
    "of_no_field": "note",
}


@pytest.mark.parametrize("name", NUMBERED)
def test_no_individual_number_is_kept_in_a_draft(office: Office, page: Papers, name: str) -> None:
    rows = "SELECT count(*) FROM ledger.form_drafts"
    before = office.rows(rows)
    answer = page.send("/draft", **{**two(), name: MY_NUMBER})
    assert answer.status_code == 422
    assert f'href="#{NUMBERED[name]}"' in answer.text
    assert office.rows(rows) == before


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


def test_papers_that_came_again_start_from_the_look_before(office: Office) -> None:
    case = Work(office).begun().do("documents", look(paper("seal_certificate")))
    page = Papers(office.person("officer"), case).opened()
    page.done("/correction")
    page.further(**day("further_on", this_day()))
    page.opened()
    assert page.fields["p0_name"] == ["yes"]
    assert "p1_name" not in page.fields
    assert "（保存前）" in page.words
    assert page.fields["version"] == [str(told(office, case)["version"])]


def test_what_somebody_else_put_down_is_told_beside_what_was_typed(
    office: Office, page: Papers
) -> None:
    opened_by(office, page).done(**two(this_day() - timedelta(days=1)), note="<b>先に書いた")
    assert 'id="differing"' not in page.page
    mine = {**two(this_day()), "p1_original": "copy", "note": "私の確認"}
    page.again(page.send("", **mine), 409)
    yesterday, today = (f"{one:%Y/%m/%d}" for one in (this_day() - timedelta(days=1), this_day()))
    seal, residence = "1番目の書類：印鑑登録証明書", "2番目の書類：住民票"
    assert differing_rows(page.page) == [
        (f"{seal}　発行日", yesterday, today),
        (f"{residence}　原本・写し", "原本", "写し"),
        (f"{residence}　発行日", yesterday, today),
        ("メモ", "<b>先に書いた", "私の確認"),
    ]
    assert (
        "もう一度登録すると、登録されている内容は、この画面に入力した内容に置き換わります"
        in page.words
    )
    # The draft that was kept of it tells the same; what is sent again stands.
    assert differing_rows(page.opened().page)[-1] == ("メモ", "<b>先に書いた", "私の確認")
    page.done(**mine)
    assert 'id="differing"' not in page.page
    assert told(office, page.case)["examination"]["note"].startswith("私の確認")


def test_a_form_without_a_version_changes_nothing(office: Office, page: Papers) -> None:
    answer = page.send("", **two(), version="")
    assert answer.status_code == 409
    assert "受付（あなた）" in words_of(answer.text)
    assert looks(office, page.case) == 0


def test_a_form_that_is_sent_twice_is_taken_once(office: Office, page: Papers) -> None:
    first = page.send("/verification", **two())
    second = page.send("/verification", **two())
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    events = [one["type"] for one in told(office, page.case)["events"]]
    assert events == ["case-received", "case-documents-checked", "case-verified"]


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
    shown = office.person("approver").get(page.path).text
    assert "本人確認ができます" in words_of(shown)
    for button in ("save", "keep", "primary", "correct", "refuse"):
        assert f'id="{button}"' not in shown
    assert f'action="{page.path}' not in shown, "nothing is sent"
