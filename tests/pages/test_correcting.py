"""訂正, 根拠の変更, 取消し and 本人の訂正 on the pages: they do what the doors of the API do."""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.resources.transfers.forms.form_changes import UNTOUCHED, RecordVersions, of_members
from api.resources.transfers.forms.form_values import fields_of, read
from api.resources.transfers.forms.members import MEMBERS, field_of, form_of
from api.resources.transfers.forms.persons import ADD, REMOVE, REPLACE
from api.resources.transfers.forms.persons import read as read_persons
from api.web.pages.forms import Form
from ledger.format.events import Record
from ledger.law.findings import FINDINGS
from ledger.policies.context import Verdict
from ledger.transfers.transfer import State
from ledger.values import Json
from tests.doors.samples import RECIPIENT
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.test_member_forms import RECORDS, nested
from tests.pages.watching import CANARY, looks, recorded

PAGE = "/desk/exceptions"
LAWLESS = {"consent": {"obtained": False}}
"""A transfer on consent that nobody gave."""
FOUND = "同意書が見つかった"


def form_at(person: Person, transfer: str, way: str) -> dict[str, Any]:
    """The form as a browser would send it when nothing is typed."""
    address = f"{PAGE}/{transfer}/{way}"
    page = person.get(address)
    assert page.status_code == 200, page.text
    return {**sheet(page.text, address).fields}


def sent(person: Person, transfer: str, way: str, given: dict[str, Any]) -> Any:  # noqa: ANN401 -- the client's own
    return person.post(f"{PAGE}/{transfer}/{way}", given, token=given["form_token"][0])


def typed(person: Person, transfer: str, way: str, **fields: object) -> Any:  # noqa: ANN401 -- the client's own
    """The answer to the form with some fields typed anew."""
    return sent(person, transfer, way, {**form_at(person, transfer, way), **fields})


def now(office: Office, transfer: str) -> dict[str, Any]:
    """The transfer as the API tells it."""
    key = office.key("records:write", owner="officer")
    told = office.api("GET", f"/v1/transfers/{transfer}?reason=inspection", key)
    assert told.status_code == 200, told.text
    return told.json()


def types(told: dict[str, Any]) -> list[str]:
    return [one["type"] for one in told["events"]]


def test_one_member_is_corrected_and_the_page_says_what_changed(office: Office) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person, before = office.person("officer"), now(office, transfer)
    given = {**form_at(person, transfer, "correction"), "consent_obtained": "true", "reason": FOUND}
    first, answer = (sent(person, transfer, "correction", given) for _ in range(2))
    for one in (first, answer):
        assert one.status_code == 303, one.text
        assert one.headers["location"] == f"{PAGE}/{transfer}?done=corrected"
    after = now(office, transfer)
    assert types(after) == [*types(before), "transfer-corrected"], "sent twice, it is one"
    assert after["data"] == {**before["data"], "consent": {"obtained": True}}
    page = words_of(person.get(answer.headers["location"]).text)
    for words in ("訂正しました", "本人の同意", "なしあり", FOUND, "所見はありません"):
        assert words in page
    assert f"なくなった所見 {FINDINGS['CONSENT_NOT_OBTAINED'].label}" in page


def test_a_correction_on_the_page_is_the_one_of_the_api(office: Office) -> None:
    at_page, at_door = (recorded(office, **LAWLESS)["transfer"] for _ in range(2))
    person = office.person("officer")
    answer = typed(
        person,
        at_page,
        "correction",
        items="氏名\n住所\n\n購入履歴",
        counterparty_name="株式会社あたらしい見本",
        consent_obtained="true",
        consent_evidence="C-77",
        reason=FOUND,
        consent_at_year="2024",
        consent_at_month="4",
        consent_at_day="1",
        consent_at_time="9:05",
    )
    assert answer.status_code == 303, answer.text
    changes = {
        "items": ["氏名", "住所", "購入履歴"],
        "counterparty": {**RECIPIENT, "name": "株式会社あたらしい見本"},
        "consent": {"obtained": True, "evidence": "C-77", "at": "2024-04-01T09:05:00+09:00"},
    }
    key = office.key("records:write", owner="officer")
    path = f"/v1/transfers/{at_door}/corrections"
    assert office.api("POST", path, key, {"changes": changes, "reason": FOUND}).status_code == 200
    one, other = now(office, at_page), now(office, at_door)
    for member in ("data", "findings", "lawful", "statutory_items", "retain_through"):
        assert one[member] == other[member]


def test_another_basis_is_judged_anew(office: Office) -> None:
    transfer = recorded(office)["transfer"]
    person = office.person("officer")
    answer = typed(person, transfer, "basis", basis="none", reason="同意書がなかった")
    assert answer.status_code == 303, answer.text
    told = now(office, transfer)
    assert types(told)[-1] == "transfer-reclassified"
    assert told["findings"] == ["NO_VALID_BASIS"]
    page = words_of(person.get(answer.headers["location"]).text)
    assert "根拠を変更しました" in page
    assert f"加わった所見 {FINDINGS['NO_VALID_BASIS'].label}" in page


def test_a_retraction_is_confirmed_and_has_a_reason(office: Office) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person = office.person("officer")
    answer = typed(person, transfer, "retraction", reason="二度送られた")
    assert answer.status_code == 422
    for field in ("retraction", "confirmed"):
        assert f'id="{field}-error"' in answer.text
    answer = typed(person, transfer, "retraction")
    summary = answer.text.partition('id="errors"')[2].partition("</ul>")[0]
    places = [summary.index(f'href="#{one}"') for one in ("retraction", "reason", "confirmed")]
    assert places == sorted(places), "as the fields stand on the page"
    fields = {"retraction": "duplicate", "confirmed": "on", "reason": "二度送られた"}
    answer = typed(person, transfer, "retraction", **fields)
    assert answer.status_code == 303, answer.text
    assert now(office, transfer)["retracted"] == "duplicate"
    page = words_of(person.get(answer.headers["location"]).text)
    for words in (
        "記録を取り消しました",
        "二重の記録",
        "二度送られた",
        "これ以上の対応は要りません",
    ):
        assert words in page


VERDICT = Verdict("none", (), (), False, True, "individual", None, "sample")  # noqa: FBT003 -- as declared
WHY = "申込書と照合した"
RIGHT = "東京都港区見本町9番9号"


def again_of(answer: Any, transfer: str, way: str) -> dict[str, Any]:  # noqa: ANN401 -- the client's own
    return {**sheet(answer.text, f"{PAGE}/{transfer}/{way}").fields}


@pytest.mark.parametrize("way", ["correction", "basis"])
def test_what_a_colleague_put_right_is_not_taken_back(office: Office, way: str) -> None:
    transfer = recorded(office)["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    given = {**form_at(person, transfer, way), "items": "氏名\n購入履歴", "reason": WHY}
    if way == "basis":
        given["basis"] = "none"
    first = typed(other, transfer, "correction", counterparty_address=RIGHT, reason=WHY)
    assert first.status_code == 303
    answer = sent(person, transfer, way, given)
    assert answer.status_code == 409
    told = words_of(answer.text)
    by = office.called("colleague")
    for words in ("ほかの担当者が先に更新しました", f"訂正（{by}）", "異なる項目"):
        assert words in told, words
    assert f"{RIGHT}{UNTOUCHED}" in told
    again = again_of(answer, transfer, way)
    assert again["counterparty_address"] == [RIGHT]
    assert (again["items"], again["reason"]) == (["氏名\n購入履歴"], [WHY])
    assert sent(person, transfer, way, again).status_code == 303
    data = now(office, transfer)["data"]
    assert data["counterparty"]["address"] == RIGHT
    assert data["items"] == ["氏名", "購入履歴"]


def stood(data: dict[str, Any], version: int = 1) -> State:
    """A record that says this."""
    record = Record(data, date(2026, 1, 1), VERDICT)
    return State(None, record, {}, None, 1, 1, (1,), version)


def overtaken(was: dict[str, Any], stands: dict[str, Any]) -> RecordVersions:
    """A record that somebody else changed once since a form was made of it."""
    then = stood(was)
    return RecordVersions(then, then, stood(stands, 2), is_open=True)


@given(RECORDS, RECORDS, RECORDS)
def test_a_form_shown_again_bears_what_was_typed_anew_over_what_stands(
    was: dict[str, Any], stands: dict[str, Any], typed_over: dict[str, Any]
) -> None:
    then, today = nested(was), nested(stands)
    form = form_of(nested(typed_over))
    anew = {*read(form, then).fields}
    kept = of_members(form, overtaken(then, today)).form
    for name in MEMBERS:
        meant = form if field_of(name) in anew else form_of(today)
        for one in fields_of(name):
            assert kept.texts(one) == meant.texts(one), one
    assert {*read(kept, today).fields} <= anew
    assert of_members(form_of(then), overtaken(then, today)).form == form_of(today)


@given(RECORDS, RECORDS, RECORDS)
def test_what_is_sent_over_what_stands_tells_on_what_others_changed(
    was: dict[str, Any], stands: dict[str, Any], typed_over: dict[str, Any]
) -> None:
    then, today = nested(was), nested(stands)
    told = of_members(form_of(nested(typed_over)), overtaken(then, today))
    newest = stood(today, 2)
    again = of_members(told.form, RecordVersions(stood(then), newest, newest, is_open=True))
    assert again.form == told.form
    first = {(one.label, one.stored) for one in told.rows}
    assert first <= {(one.label, one.stored) for one in again.rows}
    # In what both had typed alike nothing differs; sent again it is what nobody typed anew.
    more = [one for one in again.rows if (one.label, one.stored) not in first]
    assert {one.typed for one in more} <= {UNTOUCHED}


PERSONS_PAGE: Final = "/desk/exceptions"
PERSONS_WHY: Final = "申込書と照合した"


def persons(*names: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": name, "name": CANARY} for name in names]


def test_a_person_is_replaced_and_the_others_stay(office: Office) -> None:
    transfer = recorded(office, principals=persons("CNRY-M-A", "CNRY-M-WRONG", "CNRY-M-C"))[
        "transfer"
    ]
    person, before = office.person("officer"), looks(office)
    given = form_at(person, transfer, "person")
    assert looks(office) == before + 1
    page = person.get(f"{PERSONS_PAGE}/{transfer}/person").text
    assert "CNRY-M-WRONG" in page
    assert "カナリア" not in page
    given |= {
        "doing": "replace",
        "who": "2",
        "scheme": "member",
        "id": "CNRY-M-RIGHT",
        "reason": PERSONS_WHY,
    }
    first, answer = (sent(person, transfer, "person", given) for _ in range(2))
    assert (first.status_code, answer.status_code) == (303, 303), answer.text
    told = now(office, transfer)
    assert types(told) == ["provision-recorded", "transfer-corrected"]
    [a, right, c] = told["data"]["principals"]
    assert [a, c] == persons("CNRY-M-A", "CNRY-M-C")
    assert right == {"scheme": "member", "id": "CNRY-M-RIGHT", "name": CANARY}
    page = words_of(person.get(answer.headers["location"]).text)
    for words in (
        "本人を訂正しました",
        "記録されている本人が変わりました",
        PERSONS_WHY,
        "本人は 3人",
    ):
        assert words in page
    assert "CNRY-M-RIGHT" not in page


def test_a_person_is_added_and_another_one_taken_out(office: Office) -> None:
    transfer = recorded(office, principals=persons("CNRY-M-D", "CNRY-M-E"))["transfer"]
    person = office.person("officer")
    more = {"scheme": "contract", "id": "CNRY-K-1", "name": "追記 花子"}
    assert (
        typed(person, transfer, "person", doing="add", **more, reason=PERSONS_WHY).status_code
        == 303
    )
    answer = typed(person, transfer, "person", doing="remove", who="1", reason=PERSONS_WHY)
    assert answer.status_code == 422
    assert '<a href="#confirmed">' in answer.text
    taken_out = {"doing": "remove", "who": "1", "confirmed": "on", "reason": PERSONS_WHY}
    answer = typed(person, transfer, "person", **taken_out)
    assert answer.status_code == 303, answer.text
    assert now(office, transfer)["data"]["principals"] == [*persons("CNRY-M-E"), more]
    # The second one keeps the number of its line, now that the first one is gone.
    answer = typed(person, transfer, "person", **taken_out)
    assert answer.status_code == 422
    assert '<a href="#who">' in answer.text


PEOPLE: Final = st.lists(st.sampled_from(["A", "B", "C", "D"]), max_size=4, unique=True)


@given(
    PEOPLE,
    st.sampled_from([REPLACE, REMOVE, ADD, "", "x"]),
    st.integers(-1, 8),
    st.booleans(),
    st.booleans(),
)
def test_one_person_is_changed_and_no_other(
    names: list[str],
    doing: str,
    who: int,
    is_typed: bool,  # noqa: FBT001 -- drawn
    is_confirmed: bool,  # noqa: FBT001 -- drawn
) -> None:
    stands: list[Json] = [{"scheme": "member", "id": name} for name in names]
    fields: dict[str, Any] = {"doing": (doing,), "who": (str(who) if who else "",)}
    if is_confirmed:
        fields["confirmed"] = ("on",)
    if is_typed:
        fields |= {"scheme": ("contract",), "id": ("K",)}
    # Lines that died leave gaps: the numbers on the page are those of the lines.
    wanted = read_persons(Form(fields), {2 * n - 1: one for n, one in enumerate(stands, 1)})
    new: Json = {"scheme": "contract", "id": "K"}
    # Slowly: what each of the three means, or nothing.
    meant: list[Json] | None = None
    numbered = [(2 * n - 1, one) for n, one in enumerate(stands, 1)]
    is_somebody = any(n == who for n, _ in numbered)
    if doing == ADD and is_typed and not who:
        meant = [*stands, new]
    if is_somebody and doing == REMOVE and is_confirmed and not is_typed:
        meant = [one for n, one in numbered if n != who]
    if is_somebody and doing == REPLACE and is_typed:
        meant = [new if n == who else one for n, one in numbered]
    assert wanted.principals == meant
    assert bool(wanted.defects) is (meant is None)
