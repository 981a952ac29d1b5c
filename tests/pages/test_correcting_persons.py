"""本人の訂正: who a record is about, one person at a time; seen only by who is put on record."""

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from api.resources.transfers.forms.persons import ADD, REMOVE, REPLACE, read
from api.web.pages.forms import Form
from ledger.values import Json
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office
from tests.pages.test_correcting import form_at, now, sent, typed, types
from tests.pages.watching import CANARY, looks, recorded

PAGE: Final = "/desk/exceptions"
WHY: Final = "申込書と照合した"


def persons(*names: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": name, "name": CANARY} for name in names]


def test_a_person_is_replaced_and_the_others_stay(office: Office) -> None:
    transfer = recorded(office, principals=persons("CNRY-M-A", "CNRY-M-WRONG", "CNRY-M-C"))[
        "transfer"
    ]
    person, before = office.person("officer"), looks(office)
    given = form_at(person, transfer, "person")
    assert looks(office) == before + 1
    page = person.get(f"{PAGE}/{transfer}/person").text
    assert "CNRY-M-WRONG" in page
    assert "カナリア" not in page
    given |= {
        "doing": "replace",
        "who": "2",
        "scheme": "member",
        "id": "CNRY-M-RIGHT",
        "reason": WHY,
    }
    first, answer = (sent(person, transfer, "person", given) for _ in range(2))
    assert (first.status_code, answer.status_code) == (303, 303), answer.text
    told = now(office, transfer)
    assert types(told) == ["provision-recorded", "transfer-corrected"]
    [a, right, c] = told["data"]["principals"]
    assert [a, c] == persons("CNRY-M-A", "CNRY-M-C")
    assert right == {"scheme": "member", "id": "CNRY-M-RIGHT", "name": CANARY}
    page = words_of(person.get(answer.headers["location"]).text)
    for words in ("本人を訂正しました", "記録されている本人が変わりました", WHY, "本人は 3人"):
        assert words in page
    assert "CNRY-M-RIGHT" not in page


def test_a_person_is_added_and_another_one_taken_out(office: Office) -> None:
    transfer = recorded(office, principals=persons("CNRY-M-D", "CNRY-M-E"))["transfer"]
    person = office.person("officer")
    more = {"scheme": "contract", "id": "CNRY-K-1", "name": "追記 花子"}
    assert typed(person, transfer, "person", doing="add", **more, reason=WHY).status_code == 303
    answer = typed(person, transfer, "person", doing="remove", who="1", reason=WHY)
    assert answer.status_code == 422
    assert '<a href="#confirmed">' in answer.text
    taken_out = {"doing": "remove", "who": "1", "confirmed": "on", "reason": WHY}
    answer = typed(person, transfer, "person", **taken_out)
    assert answer.status_code == 303, answer.text
    assert now(office, transfer)["data"]["principals"] == [*persons("CNRY-M-E"), more]
    # The second one keeps the number of its line, now that the first one is gone.
    answer = typed(person, transfer, "person", **taken_out)
    assert answer.status_code == 422
    assert '<a href="#who">' in answer.text


def test_who_was_chosen_stays_chosen_only_while_that_very_line_stands(office: Office) -> None:
    transfer = recorded(office, principals=persons("CNRY-M-I", "CNRY-M-J", "CNRY-M-K"))["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    chosen = {"doing": "replace", "scheme": "member", "id": "CNRY-M-NEW", "reason": WHY}
    second, third = (
        {**form_at(person, transfer, "person"), **chosen, "who": who} for who in ("2", "3")
    )
    # The line of the second person is another person's from now on, under the same number.
    change = {
        "doing": "replace",
        "who": "2",
        "scheme": "member",
        "id": "CNRY-M-OTHER",
        "reason": WHY,
    }
    assert typed(other, transfer, "person", **change).status_code == 303
    for filled, who, told in ((second, "", True), (third, "3", False)):
        answer = sent(person, transfer, "person", filled)
        assert answer.status_code == 409
        again = sheet(answer.text, f"{PAGE}/{transfer}/person").fields
        assert (again["who"], again["id"]) == ([who], ["CNRY-M-NEW"])
        assert ("対象の本人2 CNRY-M-OTHER2 CNRY-M-J" in words_of(answer.text)) is told
    assert sent(person, transfer, "person", again).status_code == 303
    [right] = persons("CNRY-M-NEW")
    [wrong] = persons("CNRY-M-OTHER")
    assert now(office, transfer)["data"]["principals"] == [*persons("CNRY-M-I"), wrong, right]


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
    wanted = read(Form(fields), {2 * n - 1: one for n, one in enumerate(stands, 1)})
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
