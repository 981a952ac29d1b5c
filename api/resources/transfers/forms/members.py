"""The members of a transfer as fields of a form, with what stands in them.

Persons are not among them, nor the series, which a message keeps. The basis has a form of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from api.resources.registers.fields import FIELDS, LABELS, PERSON, CellKind
from api.web.pages.days import CALENDAR
from api.web.pages.form_values import PARTS
from api.web.pages.forms import Form
from api.web.pages.member_words import FOREIGN_INFORMATION, text_of
from ledger.clock import JAPAN
from ledger.law.bases import BASES
from ledger.values import Json

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "提供・受領": (
        *("direction", "method", "data_kind", "special_care", "delivery"),
        *("transferred_on", "transferred_from", "transferred_to", "recorded_on"),
    ),
    "相手方": (
        *("counterparty.kind", "counterparty.name", "counterparty.address"),
        *("counterparty.representative", "counterparty.party_id", "counterparty.country"),
        *("counterparty.corporate_number", "counterparty.equivalent_measures"),
    ),
    "項目・目的・公表": ("items", "purpose", "notice_id", "opt_out_published"),
    "本人の同意": (
        *("consent.obtained", "consent.at", "consent.evidence", "consent.foreign_information"),
    ),
    "取得": (
        *("acquisition", "acquired_by", "acquired_unlawfully", "acquired_as_personal_data"),
        "derived_from",
    ),
    "契約書等・省略": (
        *("contract_reference", "contract_missing_items", "supply_to_principal"),
        *("base_record", "omitted_items"),
    ),
    "委託・承継・匿名加工・適用除外": (
        *("use_beyond_entrustment", "succession_stage", "safeguard_contract"),
        *("anonymous.items_published", "anonymous.stated_to_recipient", "exemption"),
    ),
}
"""Heading → members, in the order of the form."""

BASIS: Final = "basis"
SERIES: Final = "series_id"
MEMBERS: Final = tuple(name for names in GROUPS.values() for name in names)
assert {*MEMBERS, BASIS, SERIES} == {one for one in FIELDS if not one.startswith(PERSON)}, (
    "every member but persons stands on the form, once"
)

NO_DATE: Final = "date_not_recorded"
BACKFILL: Final = "backfill"
UNKNOWN: Final[Mapping[str, str]] = {
    "counterparty.address": "不明",
    "counterparty.representative": "不明",
    "acquisition": "確認できない",
    "notice_id": "なし",
    "transferred_to": "継続中",
    "transferred_on": "年月日の記録がない（旧記録）",
}
"""Member → the words of the box that says that there is nothing to write."""

YES: Final = "true"
NO: Final = "false"
BOOLEANS: Final = {YES: "あり", NO: "なし"}
CHANGES: Final = "changes"
"""Where the form as a whole is told of."""
TEXT_MAX: Final = 4_000


def field_of(name: str) -> str:
    """The name of the field for a member: `counterparty.address` → `counterparty_address`."""
    return name.replace(".", "_")


def tick_of(name: str) -> str:
    """The name of the box that says that there is nothing to write."""
    return f"{field_of(name)}_unknown"


def time_of(name: str) -> str:
    """The name of the field for the time of an instant."""
    return f"{field_of(name)}_time"


FIELD_LABELS: Final[Mapping[str, str]] = {
    **{field_of(name): LABELS[name] for name in (BASIS, *MEMBERS)},
    CHANGES: "記録の内容",
    "retraction": "取り消す事由",
    "action": "行った対応",
    "reason": "理由",
    "confirmed": "確認",
}
"""Field of the form → what it is called, in the order of the page."""


def choices_of(name: str) -> dict[str, str]:
    """The values of a choice with words, in the order of the contract's list where it has one."""
    member = name.rpartition(".")[2]
    if name == "consent.foreign_information":
        return dict(FOREIGN_INFORMATION)
    return {one: text_of(member, one) for one in sorted(FIELDS[name].choices)}


def bases() -> dict[str, str]:
    """The bases with words and articles, in the order of the Act."""
    return {one: text_of(BASIS, one) for one in BASES}


def at(data: Mapping[str, Json], name: str) -> Json:
    """The value of a member; None also when it is not there."""
    inner: Json = cast("dict[str, Json]", data)
    for part in FIELDS[name].path:
        inner = inner.get(part) if isinstance(inner, dict) else None
    return inner


def is_there(data: Mapping[str, Json], name: str) -> bool:
    """Whether the member is stated, as null too."""
    *above, last = FIELDS[name].path
    inner: Json = cast("dict[str, Json]", data)
    for part in above:
        inner = inner.get(part) if isinstance(inner, dict) else None
    return isinstance(inner, dict) and last in inner


def form_of(data: Mapping[str, Json]) -> Form:
    """The form with what stands."""
    fields: dict[str, tuple[str, ...]] = {BASIS: (str(data.get(BASIS, "")),)}
    for name in MEMBERS:
        fields |= _filled(name, at(data, name))
        if name in UNKNOWN and _is_unknown(data, name):
            fields[tick_of(name)] = ("on",)
    return Form(fields)


def _is_unknown(data: Mapping[str, Json], name: str) -> bool:
    if name == "transferred_on":
        return bool(data.get(NO_DATE))
    return is_there(data, name) and at(data, name) is None


def _filled(name: str, value: Json) -> dict[str, tuple[str, ...]]:
    field, key = FIELDS[name], field_of(name)
    if field.is_many:
        many = tuple(_lines(str(one)) for one in cast("list[Json]", value or []))
        if field.kind is CellKind.CHOICE:
            return {key: many} if many else {}
        return {key: ("\n".join(many),)}
    if field.kind is CellKind.DAY:
        return _day(key, value if isinstance(value, str) else "")
    if field.kind is CellKind.INSTANT:
        return _instant(name, value)
    if field.kind is CellKind.BOOLEAN:
        return {key: ("" if value is None else (YES if value else NO),)}
    return {key: ("" if value is None else _lines(str(value)),)}


def _lines(text: str) -> str:
    """The text with the line ends that a form sends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _day(key: str, text: str) -> dict[str, tuple[str, ...]]:
    # What stands may be no day of the calendar: it is shown as it is.
    parts = [one.lstrip("0") for one in text.split("-")] if text else ["", "", ""]
    texts = (CALENDAR, *parts)
    return {f"{key}_{part}": (one,) for part, one in zip(PARTS, texts, strict=True)}


def _instant(name: str, value: Json) -> dict[str, tuple[str, ...]]:
    key = field_of(name)
    if not isinstance(value, str):
        return {**_day(key, ""), time_of(name): ("",)}
    there = datetime.fromisoformat(value).astimezone(JAPAN)
    clock = there.strftime("%H:%M:%S").removesuffix(":00")
    return {**_day(key, there.date().isoformat()), time_of(name): (clock,)}
