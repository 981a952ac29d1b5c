"""What is wrong with a rejected item, by member and article, and the field where it is mended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from api.contract.member_reasons import article
from api.resources.quarantine.forms.content import CONTENT
from api.resources.quarantine.forms.fields import (
    OF_A_PERSON,
    PERSONS_MAX,
    PRINCIPALS,
    item_field,
    person_field,
)
from api.resources.registers.fields import FIELDS
from api.resources.registers.problems import in_japanese, message_for
from api.resources.transfers.forms.field_errors import by_field
from api.resources.transfers.forms.members import CHANGES, FIELD_LABELS
from api.web.pages.form_values import wrong
from ledger.errors import Defect
from ledger.values import Json

WHOLE: Final = "送信の全体"
_PERSON: Final[Mapping[str, str]] = {
    "scheme": "識別子の種類",
    "id": "識別子",
    "name": "氏名",
}
LABELS: Final[Mapping[str, str]] = {
    CONTENT: "送信の内容（JSON）",
    item_field("source"): "送信元（source）",
    item_field("id"): "送信の番号（id）",
    **FIELD_LABELS,
    CHANGES: "送信の内容",
    PRINCIPALS: "本人",
    **{
        person_field(n, name): f"本人{n}の{_PERSON[name]}"
        for n in range(1, PERSONS_MAX + 1)
        for name in OF_A_PERSON
    },
}
"""Field of the form → what it is called, in the order of the page."""
_KNOWN: Final = frozenset(
    ("date_not_recorded", "backfill", *(one.partition(".")[0] for one in FIELDS))
)
OF_PERSONS: Final = "本人の記載（人数、識別子）を確かめてください。"
NOT_A_TEXT: Final = "文字を入力してください。送信元は512バイト、番号も512バイトまでです。"
NOT_AN_ITEM: Final = "送信は、source、id、data を持つ一つのオブジェクトにしてください。"
UNKNOWN_MEMBER: Final = "契約にない項目があります。名前を改めるか、除いてください。"
NO_DATA: Final = "送信の内容（data）がありません。"
NO_IDENTIFIER: Final = "入力してください。識別子の種類と識別子は、必ず要ります。"
MARK: Final = "order_11 は i、ii、iii、iv のいずれかです。"


@dataclass(frozen=True, slots=True)
class RepairProblem:
    """One thing that is wrong.

    Attributes:
        label: what the member is called; words: what to do; code: stable.
        article: which article asks for it, in Japanese; empty where none does.
        field: where it is mended on the form of fields.
    """

    label: str
    words: str
    code: str
    article: str
    field: str


def problems_of(defects: Iterable[Defect], item: Json) -> tuple[RepairProblem, ...]:
    """What the contract found in the item, in the order of the page; the same is told once."""
    found = dict.fromkeys(_problem(one, item) for one in defects)
    order = [*LABELS]
    return tuple(sorted(found, key=lambda one: order.index(one.field)))


def outside(within: str | None) -> RepairProblem:
    """The source is not of the sender that the item came from."""
    field = item_field("source")
    words = (
        "この送信の送信元は、受け付けた送信元と同じものに限ります。"
        if within is None
        else f"この送信の送信元は、{within} の範囲に限ります。"
    )
    return RepairProblem(LABELS[field], words, "SOURCE_NOT_ALLOWED", "", field)


def at_fields(problems: Iterable[RepairProblem]) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page."""
    messages: dict[str, str] = {}
    for one in problems:
        messages.setdefault(one.field, one.words)
    return messages


def _problem(one: Defect, item: Json) -> RepairProblem:
    _, first, *tokens = f"{one.pointer}/".rstrip("/").split("/") if one.pointer else ("", "")
    if first in ("source", "id"):
        words = NOT_A_TEXT if one.code == "SCHEMA" else message_for(one.code)
        field = item_field(first)
        return RepairProblem(LABELS[field], words, one.code, "", field)
    if first == "data" and tokens:
        return _of_data(one, item, f"/{'/'.join(tokens)}", tokens)
    words = _describe_item(first, item) if one.code == "SCHEMA" else message_for(one.code)
    return RepairProblem(first if first == "order_11" else WHOLE, words, one.code, "", CHANGES)


def _describe_item(first: str, item: Json) -> str:
    if not isinstance(item, dict):
        return NOT_AN_ITEM
    if first == "data":
        return UNKNOWN_MEMBER if isinstance(item.get("data"), dict) else NO_DATA
    return MARK if first == "order_11" else UNKNOWN_MEMBER


def _of_data(one: Defect, item: Json, place: str, tokens: list[str]) -> RepairProblem:
    whole = item.get("data") if isinstance(item, dict) else None
    data = cast("dict[str, Json]", whole) if isinstance(whole, dict) else {}
    cited = in_japanese(article(tokens[-1], data))
    if tokens[0] == PRINCIPALS:
        return _of_a_person(one, tokens[1:], cited, data)
    if tokens[0] not in _KNOWN:
        # It may have the name of a field of another form.
        words = UNKNOWN_MEMBER if one.code == "SCHEMA" else message_for(one.code)
        return RepairProblem(WHOLE, words, one.code, "", CHANGES)
    inner = Defect(place, one.code, one.detail)
    [(field, words)] = by_field([inner], data).items()
    return RepairProblem(LABELS[field], words, one.code, cited, field)


def _of_a_person(
    one: Defect, tokens: list[str], cited: str, data: Mapping[str, Json]
) -> RepairProblem:
    words = OF_PERSONS if one.code == "SCHEMA" else message_for(one.code)
    number = int(tokens[0]) + 1 if tokens and tokens[0].isdigit() else 0
    name = tokens[1] if len(tokens) > 1 and tokens[1] in OF_A_PERSON else "id"
    if not 1 <= number <= PERSONS_MAX:
        label = f"本人{number}" if number else "本人"
        return RepairProblem(label, words, one.code, cited, PRINCIPALS)
    if one.code == "SCHEMA" and len(tokens) > 1:
        stated = _person_text(data, number - 1, name)
        words = wrong(stated) if stated else NO_IDENTIFIER
    field = person_field(number, name)
    return RepairProblem(LABELS[field], words, one.code, cited, field)


def _person_text(data: Mapping[str, Json], index: int, name: str) -> str:
    """What the item says there of a person; empty where that is no text."""
    persons = data.get(PRINCIPALS)
    person = persons[index] if isinstance(persons, list) and index < len(persons) else None
    text = person.get(name) if isinstance(person, dict) else None
    return text if isinstance(text, str) else ""
