"""The rows of the form of 本人確認: one for each paper that the procedure asks for, and others.

A row asks only what its kind of paper must show; which that is, the procedure of the case says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.web.pages.forms import Form
from api.web.pages.words import JUDGEMENTS
from ledger.cases.case import State
from ledger.law.procedure import codes
from ledger.law.procedure.tables import PaperKind, Slot
from ledger.law.procedure.version import Procedure
from ledger.policies.identity.request import EnvelopePaper
from ledger.policies.identity.slots import RESIDENCE

ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "original": {"original": "原本", "copy": "写し"},
    "address_mark": {"printed": "印字", "ink": "ボールペン記入", "pencil": "鉛筆等（不適）"},
    "my_number": {"absent": "印字なし・裏面なしを確認", "shown": "マイナンバーの記載あり"},
    "international": {"no": "国際運転免許証ではない", "yes": "国際運転免許証（不適）"},
    "permanent": {
        "yes": "永住者（パスポート不要）",
        "no": "永住者以外（外国発行パスポートの写しが必要）",
    },
    "day_mark": {
        "stamped": "領収印あり",
        "dated": "発行日・口座引落日あり",
        "none": "どちらもない（不適）",
    },
    "seal_registered": {"yes": "印鑑登録あり", "no": "印鑑登録なし（代替書類）"},
    "has_registered": {"yes": "登録住所がある", "no": "登録住所がない"},
    "form_registered": JUDGEMENTS,
    "identity_form": JUDGEMENTS,
    "billing": {"yes": "登録された送付先と一致", "no": "不一致"},
    "representative": {"yes": "法定代理人の本人確認書類と一致", "no": "不一致"},
}
"""Field of a row, or of the page → code of an answer → what it is called."""


ROWS_MAX: Final = 24
MORE: Final = 2
"""Empty rows that are added at once."""
FITS: Final = "fits-"
"""Begins the action that fills in a row; the number of the row follows."""

FIELDS: Final[Mapping[str, str]] = {
    "present": "同封されている",
    "kind": "書類",
    "person": "誰の書類",
    "original": "原本・写し",
    "issued_on": "発行日",
    "valid_until": "有効期限",
    "undated": "発行日・有効期限の記載がない",
    "arrived_on": "後から届いた日",
    "name": "氏名",
    "birth_date": "生年月日",
    "current_address": "現住所",
    "address_mark": "現住所の書き方",
    "my_number": "マイナンバー",
    "blackout": "黒塗り",
    "international": "国際運転免許証",
    "permanent": "在留資格",
    "by_principal": "契約者本人の記入",
    "seal": "印影の照合",
    "covers": "今回の請求についての委任",
    "in_name": "契約者の名義",
    "day_mark": "領収印・発行日",
    "as_supplement": "申請書の住所の記載（補助書類とする）",
    "looked": "チェックのない項目は、記載がないか一致しないことを確認した",
}
"""Field of a row → what it is called; in the order of the page."""

TICKS: Final[Mapping[str, str]] = {
    "name": "shows_name",
    "birth_date": "shows_birth_date",
    "current_address": "shows_current_address",
    "by_principal": "by_principal",
    "seal": "seal_as_certified",
    "covers": "covers_this_request",
    "in_name": "in_name",
    "as_supplement": "as_supplement",
}
"""Box → the fact of the paper that it states when it is ticked."""
CHOICES: Final[Mapping[str, tuple[str, Mapping[str, bool | str]]]] = {
    "address_mark": ("address_mark", {"printed": "printed", "ink": "ink", "pencil": "pencil"}),
    "my_number": ("my_number_shown", {"absent": False, "shown": True}),
    "international": ("international", {"no": False, "yes": True}),
    "permanent": ("permanent_resident", {"yes": True, "no": False}),
    "day_mark": ("day_mark", {"stamped": "stamped", "dated": "dated", "none": "none"}),
}
"""Choice → the fact of the paper, and what each answer says of it."""
FIELD_OF: Final[Mapping[str, str]] = {
    **{fact: box for box, fact in TICKS.items()},
    **{fact: choice for choice, (fact, _) in CHOICES.items()},
    "is_original": "original",
}
"""Fact of a paper → the field of its row, where that is another word."""
_INSURANCE: Final = ("健康保険", "資格確認書")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row.

    Attributes:
        n: its number, from 0; it stands in the names of its fields.
        slot: the paper that the procedure asks for; None for a further one.
        person: whose paper it is.
        kinds: what may be chosen.
        document: what is chosen; None when nothing is.
    """

    n: int
    slot: Slot | None
    person: str
    kinds: tuple[PaperKind, ...]
    document: PaperKind | None

    def id(self, field: str) -> str:
        """The name of one of its fields."""
        return f"p{self.n}_{field}"

    @property
    def asks(self) -> frozenset[str]:
        """The fields that this kind of paper needs."""
        if self.document is None:
            return frozenset()
        return frozenset(required_fields(self.document, self.person))

    @property
    def ticks(self) -> tuple[str, ...]:
        """The boxes that it has, in their order."""
        return tuple(one for one in TICKS if one in self.asks)


def required_fields(document: PaperKind, person: str) -> Iterator[str]:
    """The fields of a row for that kind of paper, of that person."""
    yield "original"
    if document.shows or document.max_age_months is not None:
        yield from ("issued_on", "undated")
    if document.shows and document.max_age_months is None:
        yield "valid_until"
    yield from document.shows
    if document.marks:
        yield "address_mark"
    if document.refuses_my_number or document.front_only:
        yield "my_number"
    if any(one in document.label for one in _INSURANCE):
        yield "blackout"
    if document.refuses_international:
        yield "international"
    if document.together_with is not None:
        yield "permanent"
    if document.is_mandate:
        yield from ("by_principal", "seal", "covers")
    if document.supplement:
        yield from ("in_name", "day_mark")
    if document.code == RESIDENCE and person == codes.PRINCIPAL:
        yield "as_supplement"  # only an old address of the principal is bridged
    if document.shows or document.is_mandate:
        yield "looked"


def persons_of(state: State, procedure: Procedure) -> tuple[str, ...]:
    """Whose papers the procedure asks for, in the order of the text."""
    return tuple(dict.fromkeys(slot.person for slot in _slots(state, procedure)))


def seal_persons(state: State, procedure: Procedure) -> tuple[str, ...]:
    """The persons who may send a substitute when they have no registered seal."""
    found = (slot.person for slot in _slots(state, procedure) if slot.substitute)
    return tuple(dict.fromkeys(found))


def rows(form: Form, state: State, procedure: Procedure) -> tuple[PaperRow, ...]:
    """The rows that the form has, and at least one further one."""
    slots = _slots(state, procedure)
    known = procedure.documents_on(state.application.arrived_on)
    found = [_slot_row(n, slot, form, state, procedure) for n, slot in enumerate(slots)]
    row_count = _read_row_count(form)
    if form.text("action") == "more":
        row_count += MORE
    shown = min(max(row_count, len(slots) + 1), max(ROWS_MAX, len(slots)))
    persons = persons_of(state, procedure)
    for n in range(len(slots), shown):
        given = form.text(f"p{n}_person")
        person = given if given in persons else persons[0]
        chosen = form.text(f"p{n}_kind")
        document = next((one for one in known if one.code == chosen), None)
        found.append(PaperRow(n, None, person, known, document))
    return tuple(found)


def new_row(form: Form, shown: Sequence[PaperRow]) -> int | None:
    """The number of the first row that the form has just asked for; None when it asks for none."""
    first = _read_row_count(form)
    return first if form.text("action") == "more" and 0 < first < len(shown) else None


def with_fitting_row(form: Form, shown: Sequence[PaperRow]) -> Form:
    """The form, with the row that its action names filled in as of a paper that is all in order.

    What is in order in more than one way stays as it is, and so do days and what was blacked out.
    """
    asked = (row for row in shown if form.text("action") == f"{FITS}{row.n}")
    row = next(asked, None)
    if row is None or row.document is None:
        return form
    given = {"present": "yes", **{one: "yes" for one in row.ticks if one != "as_supplement"}}
    if row.document.form == "original":
        given["original"] = "original"
    if "address_mark" in row.asks and form.text(row.id("address_mark")) != "ink":
        given["address_mark"] = "printed"
    if "my_number" in row.asks:
        given["my_number"] = "absent"
    filled = {row.id(name): (value,) for name, value in given.items()}
    return Form({**form.fields, **filled})


def _read_row_count(form: Form) -> int:
    typed = form.text("rows")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 else 0  # noqa: PLR2004 -- digits of ROWS_MAX


def _slots(state: State, procedure: Procedure) -> tuple[Slot, ...]:
    application = state.application
    found = procedure.slots(application.requester, application.arrived_on)
    is_none = procedure.readings.agents_principal_paper == "none"
    return tuple(slot for slot in found if not (slot.of_question and is_none))


def _slot_row(n: int, slot: Slot, form: Form, state: State, procedure: Procedure) -> PaperRow:
    kinds = _kinds(slot, state, procedure)
    chosen = form.text(f"p{n}_kind")
    first = kinds[0] if kinds else None
    document = next((one for one in kinds if one.code == chosen), first)
    return PaperRow(n, slot, slot.person, kinds, document)


def _kinds(slot: Slot, state: State, procedure: Procedure) -> tuple[PaperKind, ...]:
    """What the matrix allows here, the paper itself first."""
    known = procedure.documents_on(state.application.arrived_on)
    if slot.need == codes.AUTHORITY:
        representation = state.application.representation
        return tuple(
            one
            for one in known
            if one.authority_for and (representation in (None, *one.authority_for))
        ) or tuple(one for one in known if one.authority_for)
    is_any = procedure.readings.agents_principal_paper == "any_identity_paper"
    takes_substitutes = slot.substitute or (slot.of_question and is_any)
    own = tuple(one for one in known if one.code == slot.need)
    return (*own, *(one for one in known if one.substitute and takes_substitutes))


def placed(
    papers: Sequence[EnvelopePaper], state: State, procedure: Procedure
) -> tuple[tuple[int, EnvelopePaper], ...]:
    """The papers of a look, each with the row that it stands in: further ones come last."""
    slots = _slots(state, procedure)
    taken: dict[int, int] = {}
    for index, paper in enumerate(papers):
        for n, slot in enumerate(slots):
            kinds = {one.code for one in _kinds(slot, state, procedure)}
            if n not in taken.values() and slot.person == paper.person and paper.kind in kinds:
                taken[index] = n
                break
    free = iter(range(len(slots), len(slots) + len(papers)))
    return tuple(
        (taken[index] if index in taken else next(free), paper)
        for index, paper in enumerate(papers)
    )
