"""One transfer with findings in words, without its persons, and these once a look is on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from api.resources.cases.schemas.case_view import masked
from api.resources.histories.page_parts import DUTIES, METHODS
from api.resources.registers.fields import FIELDS, LABELS, CellKind
from api.resources.transfers.forms.advice import ADVICE, Advice
from api.resources.transfers.forms.members import (
    BASIS,
    BOOLEANS,
    GROUPS,
    NO,
    NO_DATE,
    SERIES,
    YES,
    at,
    choices_of,
    is_there,
)
from api.web.pages import days
from api.web.pages.member_words import item_titled, text_of
from ledger.law.findings import FINDINGS, NOT_LAWFUL, Finding
from ledger.policies.context import Verdict
from ledger.policies.duty import article_of_finding
from ledger.transfers.transfer import State
from ledger.values import Json

PERSONS_MAX: Final = 50
"""Persons of one look."""
NOTHING: Final = "（なし）"


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding of the transfer or of its persons.

    Attributes:
        article: under which a transfer of that side and basis has it.
        is_whole: it is one of the transfer; else of some persons alone.
        persons: how many persons it is about, where it is not one of the transfer.
        is_settled: what was done about it is on record.
    """

    finding: Finding
    article: str
    advice: Advice
    is_whole: bool
    persons: int
    is_settled: bool

    @property
    def is_unlawful(self) -> bool:
        """Whether it makes the transfer unlawful."""
        return self.finding.code in NOT_LAWFUL


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person of the transfer, as somebody sees who is put on record.

    Attributes:
        number: of the line, from 1.
        name: masked; None: the record bears none.
        findings: codes of the person's own verdict, besides those of the transfer.
    """

    number: int
    scheme: str
    id: str
    name: str | None
    findings: tuple[str, ...]


def list_findings(state: State) -> list[FindingView]:
    """What stands, in the order of the table of findings."""
    active, still_open = frozenset(state.findings), frozenset(state.open_findings)
    assert state.record is not None, "what is shown lives"
    record, whole = state.record, frozenset(state.record.verdict.findings)
    own = [line.verdict.findings for line in state.lines.values() if line.verdict is not None]
    return [
        FindingView(
            finding,
            article_of_finding(code, record.data, record.recorded_on),
            ADVICE[code],
            code in whole,
            0 if code in whole else sum(code in findings for findings in own),
            code not in still_open,
        )
        for code, finding in FINDINGS.items()
        if code in active
    ]


def facts(data: Mapping[str, Json]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Heading → (member, value) of what the record says, without its persons."""
    groups = [("根拠", [(LABELS[BASIS], render_value(BASIS, data.get(BASIS)))])]
    for heading, names in GROUPS.items():
        rows = [
            (LABELS[one], render_value(one, at(data, one))) for one in names if is_there(data, one)
        ]
        if heading == "提供・受領":
            rows += [("年月日", "記録がない（旧記録）")] if data.get(NO_DATE) else []
            rows += [(LABELS[SERIES], str(data[SERIES]))] if SERIES in data else []
        if rows:
            groups.append((heading, rows))
    return groups


def verdict(state: State) -> list[tuple[str, str]]:
    """(what, value): what the transfer is in law, as it stands."""
    assert state.record is not None, "what is shown lives"
    return describe_verdict(state.record.verdict)


def describe_verdict(it: Verdict) -> list[tuple[str, str]]:
    """(what, value) of a verdict, also of one that stands nowhere yet."""
    until = it.retain_through
    return [
        ("記録の義務", DUTIES.get(it.duty, it.duty)),
        ("扱われる作成の方法", METHODS.get(it.effective_method, it.effective_method)),
        ("法定の記録事項", "、".join(item_titled(one) for one in it.statutory_items) or NOTHING),
        ("法定の保存期間", "未定又は義務なし" if until is None else f"{days.short(until)}まで"),
    ]


def render_value(name: str, value: Json) -> str:
    """A value of a member in words."""
    field = FIELDS[name]
    match value:
        case None:
            return text_of(name.rpartition(".")[2], None)
        case bool():
            return BOOLEANS[YES if value else NO]
        case list():
            words = choices_of(name) if field.choices else {}
            return "、".join(words.get(str(one), str(one)) for one in value) or NOTHING
        case str() if field.kind is CellKind.CHOICE:
            return text_of(name.rpartition(".")[2], value)
        case str() if field.kind is CellKind.DAY:
            return days.short(date.fromisoformat(value))
        case str() if field.kind is CellKind.INSTANT:
            return days.instant(datetime.fromisoformat(value))
        case _:
            return str(value)


def everybody(state: State) -> list[PersonView]:
    """All persons, in the order of their numbers."""
    assert state.record is not None, "what is shown lives"
    whole = frozenset(state.record.verdict.findings)
    return [
        PersonView(
            number + 1,
            line.principal.scheme,
            line.principal.id,
            None if line.principal.name is None else masked(line.principal.name),
            () if line.verdict is None else tuple(sorted({*line.verdict.findings} - whole)),
        )
        for number, line in sorted(state.lines.items())
    ]


def persons(state: State, begin: int) -> tuple[list[PersonView], int | None]:
    """Some persons, those with findings of their own first; and where the next ones begin."""
    ordered = sorted(everybody(state), key=lambda one: (not one.findings, one.number))
    following = begin + PERSONS_MAX
    return ordered[begin:following], following if following < len(ordered) else None


def changed(
    before: Mapping[str, Json], after: Mapping[str, Json]
) -> Sequence[tuple[str, str, str]]:
    """(member, before, after) of each member that differs, without persons."""
    changes: list[tuple[str, str, str]] = []
    for name in (BASIS, *(one for names in GROUPS.values() for one in names)):
        was, now = render_member(before, name), render_member(after, name)
        if was != now:
            changes.append((LABELS[name], was, now))
    if bool(before.get(NO_DATE)) != bool(after.get(NO_DATE)):
        was, now = ("記録がない", NOTHING) if before.get(NO_DATE) else (NOTHING, "記録がない")
        changes.append(("年月日", was, now))
    return changes


def render_member(data: Mapping[str, Json], name: str) -> str:
    """What a record says of a member, in words; `NOTHING` where it says nothing."""
    value = at(data, name)
    if isinstance(value, str | bool | list):
        return render_value(name, cast("Json", value))
    return render_value(name, None) if is_there(data, name) else NOTHING
