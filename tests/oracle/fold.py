"""The oracle's own fold: what a person's history is, in the most obvious way.

Written from the specification, as `tests.oracle.transfers` is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tests.oracle.decoder import Seen
from tests.oracle.order11 import Order11, PersonWith
from tests.oracle.series import series_at, three_years
from tests.oracle.transfers import (
    Identifier,
    Transfer,
    normal,
    person_of,
    said_of,
    told_of,
    transfers_at,
)

# Findings that leave a transfer lawful: record defects and the one warning (vocabulary 4).
HARMLESS = {
    "OPT_OUT_COLLECTIVE_NOT_ALLOWED",
    "OPT_OUT_CONTRACT_NOT_ALLOWED",
    "CONTRACT_ITEMS_INCOMPLETE",
    "CONTRACT_CONDITIONS_NOT_MET",
    "OMISSION_BASE_NOT_RETAINED",
    "OMISSION_BASE_DIFFERENT",
    "COUNTERPARTY_INCOMPLETE",
    "DATE_MISSING",
    "JU_RESPONSIBLE_STALE",
}
NO_BASIS = {"CONSENT_WITHDRAWN"}
"""The one finding of a person's own that leaves the transfer without a basis."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry of a history, in words that can be compared."""

    transfer: str
    heading: str
    position: int
    positions: tuple[int, ...]
    data: Mapping[str, Any]
    lines: tuple[tuple[int, str, str, str | None], ...]
    duty: str
    findings: tuple[str, ...]
    method: str
    codes: tuple[str, ...]
    items: tuple[str, ...]
    retain_through: str | None
    retracted: str | None
    messages: tuple[tuple[str, str | None, str | None], ...]


def person_at(
    events: Sequence[Seen], position: int, identifiers: Iterable[Identifier]
) -> set[Identifier]:
    """The identifiers that one person has at `position`: walk along the links that stand."""
    standing: set[frozenset[Identifier]] = set()
    for event in events[:position]:
        if event.type.startswith("identifiers-"):
            ends = (event.record["a"], event.record["b"])
            pair = frozenset(normal(end["scheme"], end["id"]) for end in ends)
            if event.type == "identifiers-linked":
                standing.add(pair)
            else:
                standing.discard(pair)
    person = {normal(*one) for one in identifiers}
    while True:
        wider = person.union(*(pair for pair in standing if pair & person))
        if wider == person:
            return person
        person = wider


def person_with(events: Sequence[Seen]) -> PersonWith:
    """As `person_at`, by one identifier, as of the newest event."""

    @cache
    def person(who: Identifier) -> frozenset[Identifier]:
        return frozenset(person_at(events, len(events), [who]))

    return person


def history(
    events: Sequence[Seen],
    position: int,
    identifiers: Iterable[Identifier],
    order11: Order11 | None = None,
) -> list[Answer]:
    """The person's history as of `position`, in the order in which the records came.

    Args:
        order11: what is excluded now; None: what emitters marked.
    """
    person = person_at(events, position, identifiers)
    transfers = transfers_at(events, position)
    hidden = Order11() if order11 is None else order11
    unseen = {
        one.id
        for one in transfers.values()
        if hidden.hides_from(one, person)
        and person.intersection(map(person_of, one.lines.values()))
    }
    alone = [
        answer
        for one in transfers.values()
        if not hidden.hides_from(one, person)
        and (answer := _answer(one, person, events[:position])) is not None
    ]
    merged: dict[tuple[str, ...], Answer] = {}
    for answer in alone:
        # Messages of one series are one record under the first, if they are the same in law and
        # of the same party.
        one = transfers[answer.transfer]
        key: tuple[str, ...] = (answer.transfer,)
        if one.series is not None:
            ends = series_at(events[:position], one.series, unseen)
            answer = _of_series(answer, *ends)  # noqa: PLW2901 -- completed
            party = one.data["counterparty"]
            key = (
                one.series,
                answer.heading,
                party.get("party_id", party.get("name", "")),
                answer.duty,
                *answer.findings,
                "",
                *answer.codes,
            )
        if key in merged:
            answer = _joined(merged[key], answer)  # noqa: PLW2901 -- the first stays
        merged[key] = answer
    return list(merged.values())


def _joined(first: Answer, more: Answer) -> Answer:
    items = first.items + tuple(item for item in more.items if item not in first.items)
    is_open = first.method == "collective" and first.duty != "none" and more.retain_through is None
    end = None if is_open else first.retain_through
    return replace(first, items=items, messages=first.messages + more.messages, retain_through=end)


def _of_series(answer: Answer, last: str | None, is_open: bool) -> Answer:  # noqa: FBT001 -- a fact
    """The message as a part of its series: when it ends, and how long it is kept."""
    if not is_open and last is not None:
        # What begins after the series ended is open.
        messages = tuple(
            (m, first, end or (last if first is None or first <= last else None))
            for m, first, end in answer.messages
        )
        answer = replace(answer, messages=messages)
    if answer.method == "collective" and answer.duty != "none":
        goes_on = any(day is not None and end is None for _, day, end in answer.messages)
        end = None if is_open or last is None or goes_on else three_years(last)
        answer = replace(answer, retain_through=end)
    return answer


def _answer(one: Transfer, person: set[Identifier], events: Sequence[Seen]) -> Answer | None:
    def own_of(some: Transfer) -> dict[int, Mapping[str, Any]]:
        return {n: line for n, line in sorted(some.lines.items()) if person_of(line) in person}

    own = own_of(one)
    if one.is_gone or not own:
        return None
    told = told_of(events, one.id, lambda then: said_of(then, own_of(then).values()))
    verdict = max((verdict_of(one, line) for line in own.values()), key=lambda v: len(v[1]))
    duty, findings, codes, retained = verdict
    day = one.data.get("transferred_on")
    days = (day or one.data.get("transferred_from"), day or one.data.get("transferred_to"))
    return Answer(
        transfer=one.id,
        heading=heading_of(one, duty, findings),
        position=one.position,
        positions=tuple(at for at in one.positions if at in told),
        data=one.data,
        lines=tuple(
            (n, line["principal"]["scheme"], line["principal"]["id"], line["principal"].get("name"))
            for n, line in own.items()
        ),
        duty=duty,
        findings=findings,
        method=_method(one, duty, findings),
        codes=codes,
        items=tuple(one.data["items"]),
        retain_through=retained,
        retracted=one.retracted,
        messages=((one.id, *days),),
    )


def verdict_of(
    one: Transfer, line: Mapping[str, Any]
) -> tuple[str, tuple[str, ...], tuple[str, ...], str | None]:
    """(duty, findings, items, end) for the person of the line: its own, else the transfer's."""
    said = line.get("verdict", one.facts)
    return (
        said["duty"],
        tuple(said["findings"]),
        tuple(said["statutory_items"]),
        said.get("retain_through"),
    )


def _method(one: Transfer, duty: str, findings: Sequence[str]) -> str:
    """The method that counts for this person (vocabulary 4)."""
    method = one.facts["effective_method"]
    if method == "contract" and duty == "art29" and set(findings) & NO_BASIS:
        return "individual"
    return method


def heading_of(one: Transfer, duty: str, findings: Sequence[str]) -> str:
    if one.retracted is not None:
        return "retracted"
    last = one.data.get("transferred_on") or one.data.get("transferred_to") or ""
    # Before 2022-04-01 it was personal data; days are compared as they are written.
    is_old = "" < last < "2022-04-01"
    pseudonymous = one.data.get("data_kind") == "pseudonymously_processed" and not is_old
    if duty in ("art29", "art30") and not pseudonymous:
        return "provision" if duty == "art29" else "receipt"
    if duty == "art31_provider":
        return "referable"
    if one.data["basis"] == "joint_use_27_5_iii" and HARMLESS.issuperset(findings):
        return "joint_use"
    return "voluntary"


def names_at(
    events: Sequence[Seen], position: int, identifiers: Iterable[Identifier]
) -> tuple[str, ...]:
    """The names the person took, oldest first."""
    person = person_at(events, position, identifiers)
    renamed = [event for event in events[:position] if event.type == "principal-renamed"]
    return tuple(
        event.record["name"]
        for event in renamed
        if normal(event.record["principal"]["scheme"], event.record["principal"]["id"]) in person
    )
