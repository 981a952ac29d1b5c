"""The form of 受付登録, read: what was typed becomes the body that the API's door takes, too.

Whatever is wrong is told by the field on the page; the rules are the domain's, the places are ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.pages.days import CALENDAR, NoSuchDayError, typed_day
from api.pages.forms import Form
from api.problems.kind import DEFECTS_JA
from ledger.errors import Defect
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "kind": "請求の種類",
    "arrived_on": "到達日",
    "late_entry_reason": "到達から31日を超えて登録する理由",
    "postmarked_on": "消印日",
    "channel": "受付方法",
    "channel_reason": "郵送以外で受け付けた理由",
    "requester": "請求者区分",
    "representation": "法定代理人の資格",
    "name": "契約者の氏名",
    "name_kana": "契約者の氏名（フリガナ）",
    "birth_date": "契約者の生年月日",
    "postal_code": "申請書記載の郵便番号",
    "address": "申請書記載の住所",
    "phone": "連絡先電話番号",
    "identifiers": "識別子",
    "agent_name": "任意代理人の氏名",
    "agent_postal_code": "任意代理人の郵便番号",
    "agent_address": "任意代理人の住所",
    "agent_relation": "本人との関係",
    "representative_name": "法定代理人の氏名",
    "representative_postal_code": "法定代理人の郵便番号",
    "representative_address": "法定代理人の住所",
    "provided": "請求対象",
    "first_day": "対象期間の初日",
    "last_day": "対象期間の末日",
    "medium": "希望する開示方法",
    "reply_address": "返送先",
    "billing_postal_code": "請求書等送付先の郵便番号",
    "billing_address": "請求書等送付先の住所",
}
"""Field of the page → what it is called there; in the order of the paper."""

TEXTS: Final = (
    "channel_reason",
    "name",
    "name_kana",
    "postal_code",
    "address",
    "phone",
    "agent_name",
    "agent_postal_code",
    "agent_address",
    "agent_relation",
    "representative_name",
    "representative_postal_code",
    "representative_address",
    "billing_postal_code",
    "billing_address",
)
"""Fields that become the `form` of the request, as written."""

DAYS: Final = ("arrived_on", "postmarked_on", "birth_date", "first_day", "last_day")
NAMES: Final = frozenset(("scheme", "identifier", "command", "action"))
"""Fields that hold names of things: twelve digits may mean something else there."""

ROWS_MIN: Final = 3
ROWS_MAX: Final = 50
UNSTATED: Final = "unstated"
"""What a choice sends for 指定なし."""

_EMPTY: Final = "入力してください。"
_CHOOSE: Final = "選んでください。"
_REQUIRED: Final[Mapping[str, str]] = {
    "arrived_on": _EMPTY,
    "requester": _CHOOSE,
    "name": _EMPTY,
    "name_kana": _EMPTY,
    "birth_date": _EMPTY,
    "address": _EMPTY,
    "medium": _CHOOSE,
    "reply_address": _CHOOSE,
}


_HERE: Final[Mapping[str, str]] = {
    "DATE_TOO_EARLY": "この種類の請求を受け付け始めた日より前の日付です。到達日を確認して"
    "ください。",
    "LATE_ENTRY_REASON_MISSING": "到達から31日を超えています。到達日を確認し、正しければ理由を"
    "入力してください。",
    "NOT_OF_THIS_KIND": "この種類の請求では指定できません。「指定なし」又は空欄にしてください。",
}
"""Defects that the form tells in words of its own: it knows which fields it has."""


@dataclass(frozen=True, slots=True)
class IntakeForm:
    """What was typed.

    Attributes:
        body: as the body of the API's door.
        defects: field → what is wrong, found before the body could be made.
    """

    body: dict[str, Json]
    defects: Mapping[str, str]


def read(form: Form) -> IntakeForm:
    """Read the form; what the domain refuses is not looked for here."""
    defects: dict[str, str] = {}
    found: dict[str, date | None] = {}
    for name in DAYS:
        try:
            found[name] = typed_day(*(form.text(f"{name}_{part}") for part in _PARTS))
        except NoSuchDayError as error:
            defects[name] = error.words
    for name, words in _REQUIRED.items():
        if name not in defects and not (found.get(name) or form.text(name)):
            defects[name] = words
    if form.text("channel") != "post" and not form.text("channel_reason"):
        defects["channel_reason"] = "郵送以外で受け付けたときは、理由を入力してください。"
    defects |= dict(_missing_of_others(form))
    identifiers, wrong = _identifiers(form)
    if wrong:
        defects["identifiers"] = wrong
    body: dict[str, Json] = {
        "kind": form.text("kind"),
        "channel": form.text("channel"),
        "requester": form.text("requester"),
        "provided": form.has("provided"),
        "received": form.has("received"),
        "form": {name: form.text(name) for name in TEXTS if form.text(name)},
        "identifiers": identifiers,
        **{name: day.isoformat() for name, day in found.items() if day is not None},
    }
    for name in ("medium", "reply_address", "representation", "late_entry_reason"):
        if (stated := form.text(name)) and stated != UNSTATED:
            body[name] = stated
    return IntakeForm(body, {name: defects[name] for name in LABELS if name in defects})


_PARTS: Final = ("era", "year", "month", "day")


def _missing_of_others(form: Form) -> Iterator[tuple[str, str]]:
    """What must be there of an agent or a representative, and of the address for bills."""
    whose = {"mandated_agent": "agent", "legal_representative": "representative"}
    prefix = whose.get(form.text("requester"))
    if prefix is not None:
        for part in ("name", "address"):
            if not form.text(f"{prefix}_{part}"):
                yield f"{prefix}_{part}", _EMPTY
    if form.text("requester") == "legal_representative" and not form.text("representation"):
        yield "representation", _CHOOSE
    if form.text("reply_address") == "billing" and not form.text("billing_address"):
        yield "billing_address", _EMPTY


def _identifiers(form: Form) -> tuple[list[Json], str | None]:
    rows: list[Json] = []
    for scheme, name in zip(form.texts("scheme"), form.texts("identifier"), strict=False):
        if name and not scheme:
            return [], "識別子の種類を選んでください。"
        if name:
            rows.append({"scheme": scheme, "id": name})
    return rows, None


def rows(form: Form) -> list[tuple[str, str]]:
    """(scheme, identifier) of each row to show: what was typed, and at least one empty one."""
    typed = [
        (scheme, name)
        for scheme, name in zip(form.texts("scheme"), form.texts("identifier"), strict=False)
        if scheme or name
    ]
    wanted = len(form.texts("identifier")) + (ROWS_MIN if form.text("action") == "more" else 0)
    shown = min(max(wanted, ROWS_MIN, len(typed)), ROWS_MAX)
    return [*typed, *[("", "")] * (shown - len(typed))]


def new_row(form: Form) -> int | None:
    """The number of the first row that the form has just asked for, from 1; None: for none."""
    first = len(form.texts("identifier")) + 1
    return first if form.text("action") == "more" and first <= len(rows(form)) else None


def day_fields(name: str, day: date) -> dict[str, tuple[str, ...]]:
    """The four fields of a day, of the calendar."""
    texts = (CALENDAR, str(day.year), str(day.month), str(day.day))
    return {f"{name}_{part}": (text,) for part, text in zip(_PARTS, texts, strict=True)}


def by_field(defects: Iterable[Defect]) -> dict[str, str]:
    """Field of the page → what is wrong with it; the first defect of each."""
    told: dict[str, str] = {}
    for one in defects:
        words = _HERE.get(one.code) or DEFECTS_JA.get(one.code, "入力を確認してください。")
        told.setdefault(_field(one.pointer), words)
    return {name: told[name] for name in LABELS if name in told}


def _field(pointer: str) -> str:
    steps = pointer.strip("/").split("/")
    name = steps[1] if steps[0] == "form" and len(steps) > 1 else steps[0]
    if name.startswith("received"):
        return "provided"
    for day in DAYS:
        if name.startswith(f"{day}_"):
            return day
    # What belongs to no field of the page is told at the first one: nothing is passed over.
    return name if name in LABELS else "kind"
