"""The oracle's own fold: what a person's history is, in the most obvious way.

Written from the specification (architecture 1 and 6, vocabulary 1 to 6, event format 4), it imports
nothing of the product. It knows identifiers in plain text and goes through all events up to the
position, each time.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle.decoder import Seen
from tests.oracle.series import series_at, three_years

Identifier = tuple[str, str]

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


def normal(scheme: str, identifier: str) -> Identifier:
    """What the ledger may not tell apart. Plain ASCII and kana are all that the tests use."""
    text = unicodedata.normalize("NFC", identifier).strip()
    return (scheme, text.lower() if scheme == "email" else text)


@dataclass(slots=True)
class Transfer:
    """One transfer as of a position, in plain text."""

    id: str
    position: int
    positions: list[int]
    source: str
    key: str
    order_11: str
    series: str | None
    facts: Mapping[str, Any]
    data: dict[str, Any]
    lines: dict[int, Mapping[str, Any]]
    judged_at: int
    notice_version: str | None
    retracted: str | None = None
    is_gone: bool = False

    def persons(self) -> set[Identifier]:
        return {person_of(line) for line in self.lines.values()}

    def whole(self) -> dict[str, Any]:
        """The transfer as a platform would send it now."""
        if not self.lines:
            return self.data
        return {**self.data, "principals": [self.lines[n]["principal"] for n in sorted(self.lines)]}


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


def person_of(line: Mapping[str, Any]) -> Identifier:
    return normal(line["principal"]["scheme"], line["principal"]["id"])


def transfers_at(events: Sequence[Seen], position: int) -> dict[str, Transfer]:
    """Every transfer as of `position`; one whose first event is dead is none."""
    found: dict[str, Transfer] = {}
    for event in events[:position]:
        if event.is_dead:
            if event.stream in found:
                found[event.stream].positions.append(event.position)
                found[event.stream].is_gone = True
        elif event.type.endswith("-recorded"):
            found[event.stream] = Transfer(
                id=event.stream,
                position=event.position,
                positions=[event.position],
                source=event.record["source"],
                key=event.record["id"],
                order_11=event.record["order_11"],
                series=event.record.get("series"),
                facts=event.facts,
                data=data_of(event),
                lines=dict(event.lines),
                judged_at=event.judged_at,
                notice_version=event.record.get("notice_version"),
            )
        elif event.stream not in found:
            continue
        elif event.type == "record-carried-forward":
            found[event.stream].positions.append(event.position)
        elif event.type in ("transfer-corrected", "transfer-reclassified"):
            one = found[event.stream]
            one.positions.append(event.position)
            one.is_gone = False
            one.facts, one.data, one.judged_at = event.facts, data_of(event), event.judged_at
            one.notice_version = event.record.get("notice_version")
            for number in event.record.get("removed", []):
                one.lines.pop(number, None)  # whoever was not carried forward is not there
            one.lines |= event.lines
        elif event.type == "transfer-retracted":
            found[event.stream].positions.append(event.position)
            found[event.stream].retracted = event.facts["reason"]
    return found


def data_of(event: Seen) -> dict[str, Any]:
    """The transfer as received, without persons: the statement, and what is never shown."""
    data = {k: v for k, v in event.statement.items() if k not in ("duty", "recorded_on")}
    for member, value in event.record.get("input", {}).items():
        if member == "consent_evidence":
            data["consent"] = {**data["consent"], "evidence": value}
        elif member == "recorded_on":
            data["recorded_on"] = event.statement["recorded_on"]
        else:
            data[member] = value
    return data


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


def history(
    events: Sequence[Seen], position: int, identifiers: Iterable[Identifier]
) -> list[Answer]:
    """The person's history as of `position`, in the order in which the records came."""
    person = person_at(events, position, identifiers)
    transfers = transfers_at(events, position)
    alone = [answer for one in transfers.values() if (answer := _answer(one, person)) is not None]
    merged: dict[tuple[str, ...], Answer] = {}
    for answer in alone:
        # Messages of one series are one record under the first, if they are the same in law and
        # of the same party.
        one = transfers[answer.transfer]
        key: tuple[str, ...] = (answer.transfer,)
        if one.series is not None:
            ends = series_at(events[:position], one.series)
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
    return replace(first, items=items, messages=first.messages + more.messages)


def _of_series(answer: Answer, last: str | None, is_open: bool) -> Answer:  # noqa: FBT001 -- a fact
    """The message as a part of its series: when it ends, and how long it is kept."""
    if not is_open:
        messages = tuple((m, first, end or last) for m, first, end in answer.messages)
        answer = replace(answer, messages=messages)
    if answer.method == "collective" and answer.duty != "none":
        end = None if is_open or last is None else three_years(last)
        answer = replace(answer, retain_through=end)
    return answer


def _answer(one: Transfer, person: set[Identifier]) -> Answer | None:
    own = {n: line for n, line in sorted(one.lines.items()) if person_of(line) in person}
    if one.is_gone or not own or one.order_11 != "0":
        return None
    verdict = max((verdict_of(one, line) for line in own.values()), key=lambda v: len(v[1]))
    duty, findings, codes, retained = verdict
    day = one.data.get("transferred_on")
    days = (day or one.data.get("transferred_from"), day or one.data.get("transferred_to"))
    return Answer(
        transfer=one.id,
        heading=heading_of(one, duty, findings),
        position=one.position,
        positions=tuple(one.positions),
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
    pseudonymous = one.data.get("data_kind") == "pseudonymously_processed"
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
