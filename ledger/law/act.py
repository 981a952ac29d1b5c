"""The versions of the Act and the tables each of them uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ledger.law.bases import BASES, Basis
from ledger.law.findings import FINDINGS, Finding
from ledger.law.items import ITEM_SETS, ItemSets
from ledger.law.retention import RETENTION, RetentionRule


@dataclass(frozen=True, slots=True)
class Law:
    """One version of the Act, with its Order and Rules.

    Attributes:
        version: what a verdict names: the day it came into force, ISO 8601 (see `law_code`).
        name: the amending act.
        penal_articles: subject → article; renumbered in 2023 and in 2027.
    """

    version: str
    name: str
    in_force_from: date
    bases: Mapping[str, Basis]
    item_sets: ItemSets
    findings: Mapping[str, Finding]
    retention: Mapping[str, RetentionRule]
    penal_articles: Mapping[str, str]


# The Act as it stood then was not read (reading `penal_2022`).
_PENAL_2022 = MappingProxyType(
    {
        "false_report": "177(i)",
        "corporation": "179",
        "false_statement_to_recipient": "180(i)",
    }
)
_PENAL_2023 = MappingProxyType(
    {
        "false_report": "182(i)",
        "corporation": "184",
        "false_statement_to_recipient": "185(i)",
    }
)
_PENAL_2027 = MappingProxyType(
    {
        "false_report": "183(i)",
        "corporation": "185",
        "false_statement_to_recipient": "186(i)",
    }
)


def _law(in_force_from: date, name: str, penal_articles: Mapping[str, str]) -> Law:
    return Law(
        version=in_force_from.isoformat(),
        name=name,
        in_force_from=in_force_from,
        bases=BASES,
        item_sets=ITEM_SETS,
        findings=FINDINGS,
        retention=RETENTION,
        penal_articles=penal_articles,
    )


# The main part of the 2026 amendment (in force not later than 2028-07-16) is not here: its text
# was not available. It becomes a row with its own tables.
LAWS: tuple[Law, ...] = (
    _law(date(2022, 4, 1), "令和2年法律第44号・令和3年法律第37号第50条", _PENAL_2022),
    _law(date(2023, 4, 1), "令和3年法律第37号第51条", _PENAL_2023),
    _law(date(2027, 1, 17), "令和8年法律第56号(公布後6月)", _PENAL_2027),
)

_NEWEST_FIRST = tuple(reversed(LAWS))


def law_on(day: date) -> Law:
    """The version in force on `day`; the first one for any earlier day (reading `before_2022`)."""
    for law in _NEWEST_FIRST:
        if law.in_force_from <= day:
            return law
    return LAWS[0]
