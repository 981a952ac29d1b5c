"""Every form tells what is wrong at its field, keeps what was typed, and is taken once."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from ledger.policies.my_number import check_digit
from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.corridor import fresh_id
from tests.doors.samples import RECIPIENT
from tests.pages.casework import Work
from tests.pages.deciding import identified
from tests.pages.filling import Sheet, answers_to, sheet, words_of
from tests.pages.histories import whose
from tests.pages.looked import two, wrong
from tests.pages.office import Office, Person
from tests.pages.publishing import NEW, version
from tests.pages.sending import decided
from tests.pages.watching import HOSTILE, HOSTILE_SHOWN, day, recorded

MY_NUMBER: Final = f"12345678901{check_digit('12345678901')}"
DONE: Final = "SELECT count(*) FROM ledger.events WHERE topic NOT LIKE '%-viewed'"
Typed = Mapping[str, object]


def a_case(end: str = "") -> Callable[[Office], str]:
    return lambda office: f"/desk/cases/{Work(office).begun().id}{end}"


def submitted(office: Office) -> str:
    return f"/desk/cases/{Work(office).begun().submitted().id}/approval"


def approved(office: Office) -> str:
    case = Work(office).begun().submitted().do("approve", by="approver")
    return f"/desk/cases/{case.id}/post"


def dispatched(office: Office) -> str:
    return f"/desk/cases/{Work(office).begun().dispatched().id}/keeping"


def on_medium(office: Office) -> str:
    case, _ = decided(office, Work(office), medium="electronic")
    return f"/desk/cases/{case.do('approve', by='approver').id}/post"


def to_decide(office: Office) -> str:
    return f"/desk/cases/{identified(Work(office)).id}/decision"


def to_look_at(office: Office) -> str:
    return f"/desk/cases/{whose(Work(office))[0].id}/history"


def a_record(end: str) -> Callable[[Office], str]:
    """A record with findings, of one member of whom nobody else is told."""

    def made(office: Office) -> str:
        party = {**RECIPIENT, "representative": None}
        transfer = recorded(office, counterparty=party, consent={"obtained": False})["transfer"]
        return f"/desk/exceptions/{transfer}{end}"

    return made


def at(path: str) -> Callable[[Office], str]:
    return lambda _: path


def dated(name: str, text: str) -> dict[str, str]:
    year, month, last = text.split("-")
    return {f"{name}_year": year, f"{name}_month": month, f"{name}_day": last}


FORMS: Final[dict[str, tuple[str, Callable[[Office], str], str, Typed, Mapping[str, str]]]] = {
    "a hold": (
        "officer", at("/desk/holds"), "", {"scheme_1": "member", "reason": "訴訟"},
        {"id_1": "識別子、又は記録の番号"},
    ),
    "a hold, of a number": (
        "officer", at("/desk/holds"), "",
        {"scheme_1": "member", "id_1": "CNRY-M-1", "reason": MY_NUMBER}, {"reason": "個人番号"},
    ),
    "an emitter": (
        "operator", at("/desk/emitters"), "",
        {"emitter": "広告", "name": MY_NUMBER, "source": "広告 基盤", **dated("since", "1989-1-1")},
        {"emitter": "英小文字", "name": "個人番号", "source": "空白のない", "since": "1990年"},
    ),
    "a key": (
        "operator", at("/desk/keys"), "/command",
        {"label": "佐藤の鍵", "scope": "records:read"}, {"label": ""},
    ),
    "a notice": (
        "chief", at(NEW), "",
        {**version("", day(10)), "notice_id": "", "user_2": "", "responsible_name": MY_NUMBER,
         "listed_1": "x" * 501},
        {"notice_id": "入力", "version": "入力", "user_2": "入力", "responsible_name": "個人番号",
         "listed_1": "500字"},
    ),
    "the papers": (
        "officer", a_case("/papers"), "",
        {**two(), "p0_original": "", "p1_issued_on_month": "13", "note": f"番号は{MY_NUMBER}",
         "form_registered": "differs"},
        {"p0_original": "選んで", "p1_issued_on": "存在しない", "note": "個人番号",
         "form_registered_reason": "理由"},
    ),
    "a withdrawal": (
        "officer", a_case(), "/withdrawal", {},
        {"withdrawn_on": "入力してください", "withdrawn_evidence": "入力してください"},
    ),
    "a mistake": (
        "officer", a_case(), "/entry-mistake",
        {"entry_cause": "other", "entry_reason": "x", "entry_replaced_by": "2020-000000"},
        {"entry_replaced_by": "この受付番号の請求はありません"},
    ),
    "a correction": (
        "officer", a_record("/correction"), "",
        {"items": "", "counterparty_name": HOSTILE, "counterparty_country": "日本",
         "recorded_on_year": "二千", "reason": MY_NUMBER},
        {"items": "", "counterparty_country": "", "recorded_on": "数字で", "reason": "個人番号"},
    ),
    "a correction of nothing": (
        "officer", a_record("/correction"), "", {"reason": "見直し"}, {"changes": "訂正する項目が"},
    ),
    "a person": (
        "officer", a_record("/person"), "", {"doing": "add"},
        {"scheme": "入力", "id": "入力", "reason": "入力"},
    ),
    "a basis": (
        "officer", a_record("/basis"), "", {"basis": "consent_27_1"},
        {"basis": "異なる根拠", "reason": "入力"},
    ),
    "a retraction": (
        "officer", a_record("/retraction"), "", {},
        {"retraction": "選んで", "reason": "入力", "confirmed": ""},
    ),
    "a settlement": (
        "officer", a_record("/settlement"), "", {}, {"action": "選んで", "reason": "入力"},
    ),
    "an exclusion": (
        "chief", at("/desk/exclusions"), "", {"positions": "千八百"},
        {"positions": "位置は数字で"},
    ),
    "an approval that is returned": ("approver", submitted, "/return", {}, {"reason": "入力"}),
    "the post": (
        "officer", approved, "",
        {"item_number": "12-34", **dated("dispatched_on", "2020-1-1"), "sheets": "3"},
        {"item_number": "", "dispatched_on": ""},
    ),
    "the password": (
        "officer", on_medium, "",
        {"item_number": POST_NUMBER, "password_number": f"b{POST_NUMBER.replace('-', '')}c",
         **dated("password_on", "2999-1-1")},
        {"password_number": "同じ番号", "password_on": "未来の日付"},
    ),
    "a delivery": ("officer", dispatched, "/delivery", {}, {"delivered_on": "入力"}),
    "a letter that came back": (
        "officer", dispatched, "/returned-mail", {}, {"returned_for": "選んで"},
    ),
    "the evidence": (
        "officer", a_case("/evidence"), "", {"reason": f"番号 {MY_NUMBER}"}, {"reason": ""},
    ),
    "a moment": (
        "officer", to_look_at, "", {"reason": "確認", "moment": "position", "position": "0"},
        {"position": ""},
    ),
    "a day": (
        "officer", to_look_at, "",
        {"reason": "確認", "moment": "day", **dated("as_of", "2999-1-1")}, {"as_of": "未来"},
    ),
    "a link": ("officer", a_case("/links"), "", {"scheme_b": "member", "id_b": "ー"},
        {"id_b": "文字も数字もない", "evidence": "入力"}),
}  # fmt: skip
"""Form → who fills it in, where it stands, the end of where it is sent, what is typed, defects."""


def opened(office: Office, who: str, page: Callable[[Office], str], end: str) -> Sheet:
    person, path = office.person(who), page(office)
    return sheet(person.get(path).text, f"{path}{end}")


def pressed(person: Person, form: Sheet, typed: Typed) -> tuple[int, str]:
    said = answers_to(form.fields, str(typed.get("action")))
    fields: dict[str, Any] = {**form.fields, **said, **typed}
    answer = person.post(form.action, fields, token=form.text("form_token"))
    return answer.status_code, answer.headers.get("location") or answer.text


@pytest.mark.parametrize("name", FORMS)
def test_what_is_wrong_is_told_at_its_field_and_stays_typed_and_nothing_is_recorded(
    office: Office, name: str
) -> None:
    who, page, end, typed, defects = FORMS[name]
    form = opened(office, who, page, end)
    before = office.rows(DONE)
    status, told = pressed(office.person(who), form, typed)
    assert status == 422, words_of(told)
    found = wrong(told)
    assert found.keys() == defects.keys()
    for field, words in defects.items():
        assert words in found[field], field
    again = sheet(told, form.action)
    kept = {one: again.fields.get(one, [""]) for one in typed if one in form.fields}
    assert kept == {one: [str(typed[one]).strip()] for one in kept}
    assert HOSTILE not in told
    assert (HOSTILE in typed.values()) == (HOSTILE_SHOWN in told)
    assert office.rows(DONE) == before


TWICE: Final[dict[str, tuple[str, Callable[[Office], str], str, Callable[[], Typed]]]] = {
    "a hold": (
        "officer", at("/desk/holds"), "",
        lambda: {"scheme_1": "member", "id_1": f"CNRY-{fresh_id()}", "reason": "訴訟"},
    ),
    "an emitter": (
        "operator", at("/desk/emitters"), "",
        lambda: {"emitter": "twice", "name": "基盤", "source": "https://twice.example.jp/",
                 **dated("since", day(9))},
    ),
    "the decision": ("officer", to_decide, "", lambda: {"action": "submit"}),
    "the post": ("officer", approved, "", lambda: {"item_number": POST_NUMBER}),
    "a delivery": ("officer", dispatched, "/delivery", lambda: dated("delivered_on", today())),
    "a withdrawal": (
        "officer", a_case(), "/withdrawal",
        lambda: {**dated("withdrawn_on", today()), "withdrawn_evidence": "取下書"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
def test_a_form_that_is_sent_twice_is_taken_once(office: Office, name: str) -> None:
    who, page, end, typed = TWICE[name]
    form, given, person = opened(office, who, page, end), typed(), office.person(who)
    first = pressed(person, form, given)
    assert first[0] == 303, words_of(first[1])
    after = office.rows(DONE)
    assert pressed(person, form, given) == first
    assert office.rows(DONE) == after
