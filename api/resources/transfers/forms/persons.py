"""The form that corrects who a record is about: one person at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from api.resources.persons.forms import NOBODY
from api.resources.registers.problems import message_for
from api.resources.transfers.forms.field_errors import PERSONS
from api.resources.transfers.forms.form_changes import MergedForm, RecordVersions, texts
from api.resources.transfers.forms.words import CHOOSE, CONFIRM
from api.web.pages.confirmation import CONFIRMED
from api.web.pages.conflict import ConflictRow
from api.web.pages.form_values import EMPTY
from api.web.pages.forms import Form
from ledger.errors import Defect
from ledger.policies.identifiers import identifies
from ledger.transfers.transfer import State
from ledger.values import Json, PrincipalRef

REPLACE: Final = "replace"
REMOVE: Final = "remove"
ADD: Final = "add"
DOINGS: Final[Mapping[str, str]] = {
    REPLACE: "この本人の記載を、下の内容に改める",
    REMOVE: "この本人を、この記録から除く",
    ADD: "下の本人を、この記録に加える",
}
"""What is done → what it is called."""

LABELS: Final[Mapping[str, str]] = {
    "doing": "訂正の内容",
    "who": "対象の本人",
    "scheme": "識別子の種類",
    "id": "識別子",
    "name": "氏名",
    CONFIRMED: "確認",
    "reason": "理由",
}
"""Field of the form → what it is called, in the order of the page."""

NAME_KEPT: Final = "name_kept"
"""The box by which a person whose entry is amended keeps the name that is recorded of them."""
FIRST: Final = Form({NAME_KEPT: ("on",)})
"""The form as it begins: an identifier alone is amended, and nothing else is lost."""
CHOSEN: Final = "chosen_before"
"""The hidden field that names who was chosen, where that line does not stand any more."""
GONE: Final = "（記録されていません）"
TWICE: Final = "この本人は、すでに記録されています。"
NOT_TO_REMOVE: Final = "除くときは入力しません。改めるときは、「訂正の内容」を選び直してください。"
NOT_TO_ADD: Final = (
    "加えるときは選びません。改める、又は除くときは、「訂正の内容」を選び直してください。"
)
_TYPED: Final = ("scheme", "id", "name")
_CHARACTERS: Final = "使えない文字が含まれているか、長すぎます。"
_PRINCIPALS: Final = "/changes/principals"
_SCHEMA: Final = "SCHEMA"


@dataclass(frozen=True, slots=True)
class CorrectedPersons:
    """Who the record is about then.

    Attributes:
        principals: all persons as the contract states them; None where the form states nothing.
        typed: the place of the person that was typed among them; None: nobody was typed.
        defects: field → what is wrong with it.
    """

    principals: list[Json] | None
    typed: int | None
    defects: Mapping[str, str]


def read(form: Form, principals: Mapping[int, Json]) -> CorrectedPersons:
    """What the form makes of the persons of a record.

    Args:
        principals: number on the page, which is the line's and stays its own → the person, as they
            stand, ascending.
    """
    defects: dict[str, str] = {}
    doing = form.text("doing")
    if doing not in DOINGS:
        defects["doing"] = CHOOSE
    number = _number(form.text("who"), principals)
    if doing == ADD and form.text("who"):
        defects["who"] = NOT_TO_ADD
    elif doing != ADD and number is None:
        defects["who"] = CHOOSE
    person = _person(form)
    defects |= _left_over(person, form) if doing == REMOVE else _missing(person)
    if defects:
        return CorrectedPersons(None, None, defects)
    place = len(principals) if number is None else [*principals].index(number)
    if doing == REPLACE and number is not None and form.has(NAME_KEPT):
        # What was typed comes first: then the name itself is what is amended.
        person = {**_name_of(principals[number]), **person}
    others = [*principals.values()]
    before, after = others[:place], others[place + 1 :]
    if doing == REMOVE:
        return CorrectedPersons([*before, *after], None, {})
    return CorrectedPersons([*before, person, *after], place, {})


def merge_form(form: Form, versions: RecordVersions) -> MergedForm:
    """The form over the persons as they stand now: who was chosen stays while that line stands.

    Whose line does not stand any more is to be chosen anew, and is told until the form is taken.
    """
    form, chosen = versions.confirmed(form), _chosen(form, versions)
    was, current = _principal(versions.first, chosen), _principal(versions.now, chosen)
    if not versions.is_open:
        person_rows = (
            () if was is None else (ConflictRow(LABELS["who"], "", f"{chosen}　{was.id}"),)
        )
        typed = texts(form, {name: it for name, it in LABELS.items() if name != "who"})
        rows = (replace(one, typed=DOINGS.get(one.typed, one.typed)) for one in typed)
        return MergedForm(form, (*person_rows, *rows))
    fields = {**form.fields}
    if not _is_unchanged(form.text("who"), versions):
        fields.pop("who", None)
    if was is None or current == was:
        return MergedForm(Form(fields), ())
    fields[CHOSEN] = (str(chosen),)
    is_now = GONE if current is None else f"{chosen}　{current.id}"
    row = ConflictRow(LABELS["who"], is_now, f"{chosen}　{was.id}")
    return MergedForm(Form(fields), (row,))


def _chosen(form: Form, versions: RecordVersions) -> int | None:
    """The number of who was chosen before others were first; None: nobody, or it is not known."""
    return _line(form.text(CHOSEN) or form.text("who"), versions.first)


def _is_unchanged(text: str, versions: RecordVersions) -> bool:
    """Whether the line of that number is the one that was chosen."""
    number = _line(text, versions.made_of)
    was = _principal(versions.made_of, number)
    return was is not None and was == _principal(versions.now, number)


def _line(text: str, state: State | None) -> int | None:
    return _number(text, {} if state is None else {number + 1: number for number in state.lines})


def _principal(state: State | None, number: int | None) -> PrincipalRef | None:
    line = None if state is None or number is None else state.lines.get(number - 1)
    return None if line is None else line.principal


def by_field(defects: Iterable[Defect], correction: CorrectedPersons) -> dict[str, str]:
    """Field → what is wrong with it, of the defects of a body of the endpoint."""
    found: dict[str, str] = {}
    own = f"{_PRINCIPALS}/{correction.typed}/"
    for one in defects:
        name = one.pointer.removeprefix(own) if one.pointer.startswith(own) else ""
        if name in _TYPED:
            is_shape = one.code == _SCHEMA
            found.setdefault(name, _CHARACTERS if is_shape else message_for(one.code))
        elif one.pointer == _PRINCIPALS and correction.typed is not None:
            found.setdefault("id", TWICE)
        elif one.pointer != "/reason":
            found.setdefault("doing", PERSONS)
    return found


def _name_of(principal: Json) -> dict[str, Json]:
    """The name that is recorded of a person; empty where none is."""
    stated = cast("Mapping[str, Json]", principal)
    return {"name": stated["name"]} if stated.get("name") is not None else {}


def _number(text: str, known: Mapping[int, object]) -> int | None:
    return next((one for one in known if str(one) == text), None)


def _left_over(person: Mapping[str, Json], form: Form) -> dict[str, str]:
    """What is wrong with taking somebody out."""
    found = dict.fromkeys(person, NOT_TO_REMOVE)
    return found if form.has(CONFIRMED) else {**found, CONFIRMED: CONFIRM}


def _missing(person: Mapping[str, Json]) -> dict[str, str]:
    """What is wrong with the person that was typed."""
    found = {name: EMPTY for name in ("scheme", "id") if name not in person}
    return found if "id" in found or identifies(str(person["id"])) else {**found, "id": NOBODY}


def _person(form: Form) -> dict[str, Json]:
    return cast("dict[str, Json]", {one: form.text(one) for one in _TYPED if form.text(one)})
