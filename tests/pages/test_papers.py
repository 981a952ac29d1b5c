"""本人確認: what was seen becomes the look that the API's door takes; its result is told."""

from datetime import date, timedelta

from ledger.clock import day_in_japan, now
from tests.canary import NAME
from tests.pages.casework import Work
from tests.pages.looked import ADDRESS, ADDRESSES, Papers, day, row, told, two
from tests.pages.office import Office


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
    for paper in (first, second):
        assert paper["is_original"] is True
        assert paper["shows_name"] is paper["shows_birth_date"] is True
        assert paper["address_mark"] == "printed"
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
