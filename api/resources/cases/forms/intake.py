"""The form of 受付登録, read: what was typed becomes the body that the API's endpoint takes, too.

Whatever is wrong is told by the field on the page; the rules are the domain's, the places are ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from api.web.pages.conflict import FormField, chosen, labels_of
from api.web.pages.form_values import (
    CHOOSE,
    EMPTY,
    FormBody,
    FormValues,
    by_field,
    day_text_of,
    filled,
    in_order,
)
from api.web.pages.forms import Form
from api.web.pages.words import CHANNELS, KINDS, MEDIA, REPLY_ADDRESSES, REQUESTERS, SIDES
from ledger.cases.events.intake import Application
from ledger.errors import Defect
from ledger.law.procedure.codes import REPRESENTATIONS
from ledger.values import Json

FIELDS: Final[Mapping[str, FormField]] = {
    "kind": FormField("請求の種類", chosen(KINDS)),
    "arrived_on": FormField("到達日", day_text_of),
    "late_entry_reason": FormField("到達から31日を超えて登録する理由"),
    "postmarked_on": FormField("消印日", day_text_of),
    "channel": FormField("受付方法", chosen(CHANNELS)),
    "channel_reason": FormField("郵送以外で受け付けた理由"),
    "requester": FormField("請求者区分", chosen(REQUESTERS)),
    "representation": FormField("法定代理人の資格", chosen(REPRESENTATIONS)),
    "name": FormField("契約者の氏名"),
    "name_kana": FormField("契約者の氏名（フリガナ）"),
    "birth_date": FormField("契約者の生年月日", day_text_of),
    "postal_code": FormField("申請書記載の郵便番号"),
    "address": FormField("申請書記載の住所"),
    "phone": FormField("連絡先電話番号"),
    "identifiers": FormField("識別子"),
    "agent_name": FormField("任意代理人の氏名"),
    "agent_postal_code": FormField("任意代理人の郵便番号"),
    "agent_address": FormField("任意代理人の住所"),
    "agent_relation": FormField("本人との関係"),
    "representative_name": FormField("法定代理人の氏名"),
    "representative_postal_code": FormField("法定代理人の郵便番号"),
    "representative_address": FormField("法定代理人の住所"),
    "provided": FormField("請求対象"),
    "first_day": FormField("対象期間の初日", day_text_of),
    "last_day": FormField("対象期間の末日", day_text_of),
    "medium": FormField("希望する開示方法", chosen(MEDIA)),
    "reply_address": FormField("返送先", chosen(REPLY_ADDRESSES)),
    "billing_postal_code": FormField("請求書等送付先の郵便番号"),
    "billing_address": FormField("請求書等送付先の住所"),
}
"""The fields, in the order of the paper."""
LABELS: Final = labels_of(FIELDS)
"""Field of the page → what it is called there."""

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

_REQUIRED: Final[Mapping[str, str]] = {
    "arrived_on": EMPTY,
    "requester": CHOOSE,
    "name": EMPTY,
    "name_kana": EMPTY,
    "birth_date": EMPTY,
    "address": EMPTY,
    "medium": CHOOSE,
    "reply_address": CHOOSE,
}


_HERE: Final[Mapping[str, str]] = {
    "DATE_TOO_EARLY": "この種類の請求を受け付け始めた日より前の日付です。到達日を確認して"
    "ください。",
    "LATE_ENTRY_REASON_MISSING": "到達から31日を超えています。到達日を確認し、正しければ理由を"
    "入力してください。",
    "NOT_OF_THIS_KIND": "この種類の請求では指定できません。「指定なし」又は空欄にしてください。",
}
"""Defects that the form tells in words of its own: it knows which fields it has."""


def read(form: Form) -> FormBody:
    """Read the form; what the domain refuses is not looked for here."""
    typed = FormValues(form)
    found, defects = {name: typed.optional_day(name) for name in DAYS}, typed.defects
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
    return FormBody(body, in_order(defects, LABELS))


def _missing_of_others(form: Form) -> Iterator[tuple[str, str]]:
    """What must be there of an agent or a representative, and of the address for bills."""
    whose = {"mandated_agent": "agent", "legal_representative": "representative"}
    prefix = whose.get(form.text("requester"))
    if prefix is not None:
        for part in ("name", "address"):
            if not form.text(f"{prefix}_{part}"):
                yield f"{prefix}_{part}", EMPTY
    if form.text("requester") == "legal_representative" and not form.text("representation"):
        yield "representation", CHOOSE
    if form.text("reply_address") == "billing" and not form.text("billing_address"):
        yield "billing_address", EMPTY


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
    row_count = len(form.texts("identifier")) + (ROWS_MIN if form.text("action") == "more" else 0)
    shown = min(max(row_count, ROWS_MIN, len(typed)), ROWS_MAX)
    return [*typed, *[("", "")] * (shown - len(typed))]


def new_row(form: Form) -> int | None:
    """The number of the first row that the form has just asked for, from 1; None: for none."""
    first = len(form.texts("identifier")) + 1
    return first if form.text("action") == "more" and first <= len(rows(form)) else None


def describe_defects(defects: Iterable[Defect]) -> dict[str, str]:
    """Field of the page → what is wrong with it; the first defect of each."""
    placed = (replace(one, pointer=_pointer(one.pointer)) for one in defects)
    return by_field(placed, LABELS, _PLACES, codes=_HERE)


def _pointer(pointer: str) -> str:
    """The place of a day that a body names by more than the day: `birth_date_…`."""
    name = pointer.strip("/").partition("/")[0]
    if name.startswith("received"):
        return "/provided"
    return next((f"/{day}" for day in DAYS if name.startswith(f"{day}_")), pointer)


_PLACES: Final = {f"form/{name}": name for name in TEXTS}


def stored(application: Application, called: Mapping[str, str]) -> Form:
    """A request that was taken in, as the form that would say it.

    Args:
        called: scheme → what such an identifier is called.
    """
    refs = (f"{called.get(one.scheme, one.scheme)}　{one.id}" for one in application.identifiers)
    sides = (words for side, words in SIDES.items() if getattr(application, side))
    return filled(
        {
            **application.form,
            **{name: getattr(application, name) for name in _MEMBERS},
            "identifiers": "\n".join(refs),
            "provided": "・".join(sides),
        }
    )


_MEMBERS: Final = (
    *("kind", "channel", "requester", "representation", "medium", "reply_address"),
    *("late_entry_reason", *DAYS),
)
