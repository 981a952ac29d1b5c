"""A person who asked for paper gets paper, unless another medium is reasoned or agreed; interim."""

from tests.doors.cases.desk import DESK, begun, today
from tests.doors.cases.test_files_of_cases import person
from tests.doors.corridor import Corridor
from tests.doors.samples import provision
from tests.replying.desk import text_of


def test_paper_is_given_up_for_a_reason_that_a_letter_tells(corridor: Corridor) -> None:
    who = person()
    corridor.record(provision(principals=[{**who, "name": "神楽坂 金糸雀"}]))
    case = begun(corridor, identifiers=[who], medium="paper").verified()
    case.identified(identifiers=[who])
    assert case.ask("decisions", {"medium": "electronic"}).errors == {"/medium": "MEDIUM_NOT_ASKED"}
    why = "書面の作成に多額の費用を要するためです。"
    case.do("decisions", {"medium": "electronic", "medium_reason": why}).do("submit").approve()
    notice = text_of(case.content("/letters/method.pdf", *DESK))
    assert "電磁的記録により開示します" in notice
    assert why in notice


def test_or_because_the_person_agreed_which_needs_no_notice(corridor: Corridor) -> None:
    who = person()
    corridor.record(provision(principals=[{**who, "name": "神楽坂 金糸雀"}]))
    case = begun(corridor, identifiers=[who], medium="paper").verified()
    case.identified(identifiers=[who])
    agreed = {"agreed_on": today(), "how": "電話でご本人に確認しました。"}
    body = {"medium": "electronic", "medium_agreement": {**agreed, "agreed_on": "2999-01-01"}}
    assert case.ask("decisions", body).errors == {"/medium_agreement/agreed_on": "DATE_IN_FUTURE"}
    body["medium_agreement"] = {**agreed, "how": "番号 1234 5678 9018"}
    assert "/medium_agreement/how" in case.ask("decisions", body).errors
    body["medium_agreement"] = agreed
    case.do("decisions", body).do("submit").approve()
    assert case.read()["decision"]["medium_agreement"] == agreed
    assert case.fetch("/letters/method.pdf").code == "NOT_FOUND"
    assert "にご了承いただいたものです。" in text_of(case.content("/reply.pdf"))


def test_the_notice_of_the_interim_is_there_between_verification_and_decision(
    corridor: Corridor,
) -> None:
    who = person()
    corridor.record(provision(principals=[{**who, "name": "神楽坂 金糸雀"}]))
    case = begun(corridor, identifiers=[who])
    assert case.fetch("/letters/interim.pdf").code == "NOT_FOUND"
    case.verified()
    first = case.content("/letters/interim.pdf", *DESK)
    assert "記録の有無を示すものではありません" in text_of(first)
    case.identified(identifiers=[who])
    assert text_of(case.content("/letters/interim.pdf", *DESK)) == text_of(first)
    case.do("decisions", {})
    assert case.fetch("/letters/interim.pdf").code == "NOT_FOUND"
