"""What a column of a register can be: every member of the input contract, read from its schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, cast

from api.contract import SCHEMA
from ledger.values import Json


class CellKind(Enum):
    """How a cell becomes a value."""

    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Field:
    """One member.

    Attributes:
        name: its path with dots, `counterparty.address`.
        is_many: a list of texts or choices; a cell may hold several.
        choices: of a `CHOICE`.
    """

    name: str
    kind: CellKind
    is_many: bool
    choices: frozenset[str]

    @property
    def path(self) -> tuple[str, ...]:
        """The members that lead to it."""
        return tuple(self.name.split("."))


PERSON: Final = "principals."
"""Begins the members of a person; each row of a transfer states one person, or several."""

_FORMATS: Final = {"date": CellKind.DAY, "date-time": CellKind.INSTANT}
_LEFT_OUT: Final = frozenset({"backfill", "date_not_recorded"})
"""Said once for the whole register, and by `blank = "unknown"` of the day."""


def _fields(schema: Mapping[str, Any], before: str = "") -> Iterator[Field]:
    for name, member in cast("dict[str, dict[str, Any]]", schema["properties"]).items():
        path = f"{before}{name}"
        if path in _LEFT_OUT:
            continue
        if "properties" in member:
            yield from _fields(member, f"{path}.")
        elif member.get("type") == "array" and "properties" in member["items"]:
            yield from _fields(member["items"], f"{path}.")
        elif member.get("type") == "array":
            yield _field(path, member["items"], is_many=True)
        else:
            yield _field(path, member, is_many=False)


def _field(path: str, member: Mapping[str, Any], *, is_many: bool) -> Field:
    stated = next((one for one in member.get("anyOf", ()) if one.get("type") != "null"), member)
    if "enum" in stated:
        return Field(path, CellKind.CHOICE, is_many, frozenset(stated["enum"]))
    is_boolean = stated.get("type") == "boolean"
    kind = (
        CellKind.BOOLEAN if is_boolean else _FORMATS.get(str(stated.get("format")), CellKind.TEXT)
    )
    return Field(path, kind, is_many, frozenset())


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {field.name: field for field in _fields(SCHEMA)}
)
"""By name."""

UNKNOWN: Final[Mapping[str, tuple[str, Json]]] = MappingProxyType(
    {
        "counterparty.address": ("counterparty.address", None),
        "counterparty.representative": ("counterparty.representative", None),
        "acquisition": ("acquisition", None),
        "notice_id": ("notice_id", None),
        "transferred_to": ("transferred_to", None),
        "opt_out_published": ("opt_out_published", False),
        "consent.obtained": ("consent.obtained", False),
        # An old record may lawfully have no day (Rule 20(1)(ii)).
        "transferred_on": ("date_not_recorded", True),
    }
)
"""How a transfer says that a fact is known to be missing: field → member and value."""

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "direction": "提供・受領の別",
        "basis": "根拠",
        "exemption": "適用除外の区分",
        "method": "記録の方法",
        "transferred_on": "提供・受領の年月日",
        "transferred_from": "期間の初日",
        "transferred_to": "期間の末日",
        "recorded_on": "記録を作成した日",
        "counterparty.party_id": "相手方の識別子",
        "counterparty.name": "相手方の氏名又は名称",
        "counterparty.address": "相手方の住所",
        "counterparty.representative": "相手方の代表者の氏名",
        "counterparty.kind": "相手方の種類",
        "counterparty.country": "相手方の国",
        "counterparty.corporate_number": "相手方の法人番号",
        "counterparty.equivalent_measures": "相手方の基準適合体制",
        "principals.scheme": "本人の識別子の種類",
        "principals.id": "本人の識別子",
        "principals.name": "本人の氏名",
        "items": "個人データの項目",
        "special_care": "要配慮個人情報の有無",
        "data_kind": "情報の種類",
        "consent.obtained": "本人の同意",
        "consent.at": "同意の日時",
        "consent.evidence": "同意の証跡",
        "consent.foreign_information": "外国第三者提供の情報提供",
        "acquisition": "取得の経緯",
        "opt_out_published": "法27条4項による公表",
        "contract_reference": "契約書その他の書面",
        "contract_missing_items": "書面に記載のない事項",
        "supply_to_principal": "本人への物品・役務の提供との関連",
        "purpose": "利用目的",
        "notice_id": "共同利用の公表・オプトアウト届出",
        "series_id": "一括記録の系列",
        "base_record": "省略元の記録",
        "omitted_items": "省略した事項",
        "acquired_by": "取得した者",
        "acquired_unlawfully": "不正取得の有無",
        "derived_from": "元の受領記録",
        "acquired_as_personal_data": "個人データとしての取得",
        "use_beyond_entrustment": "委託の範囲外の利用",
        "succession_stage": "事業承継の段階",
        "safeguard_contract": "安全管理に関する契約",
        "anonymous.items_published": "匿名加工情報の公表",
        "anonymous.stated_to_recipient": "匿名加工情報である旨の明示",
        "delivery": "提供の態様",
    }
)
"""What each is called in Japanese."""
