"""The oracle's second half: what each verdict should have known, and what it should have been.

The context of a verdict is gathered here by a full scan over plain text. The law itself
(`ledger.policies`) is the product's: pure functions that the acceptance cases hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ledger.law.readings import READING
from ledger.policies.context import (
    ActiveStop,
    Context,
    EarlierRecord,
    JointUseNotice,
    Notice,
    NoticeItem,
    NoticePurpose,
    NoticeVersion,
    OptOutFiling,
    TransferVerdict,
    Verdict,
)
from ledger.policies.duty import judge
from ledger.values import transfer_of
from tests.oracle.decoder import Seen
from tests.oracle.fold import (
    Identifier,
    Transfer,
    normal,
    person_at,
    person_of,
    transfers_at,
)

CAUSES = ("directive-", "identifiers-", "notice-")


def judged(events: Sequence[Seen], one: Transfer, position: int) -> TransferVerdict:
    """The verdict for the transfer, knowing everything up to `position`."""
    data = one.whole()
    recorded_on = date.fromisoformat(one.facts["recorded_on"])
    notice_id = data.get("notice_id")
    first = _day(data.get("transferred_on") or data.get("transferred_from"))
    notices: dict[str, Notice] = {}
    if notice_id is not None:
        notice = _notice(events[:position], notice_id, first)
        if notice is not None:
            notices[notice_id] = notice
    stops = {
        index: found
        for index, line in enumerate(one.lines[n] for n in sorted(one.lines))
        if (found := _stops(events, position, person_of(line), _tested(data, recorded_on)))
    }
    known = transfers_at(events, position)
    base = _earlier(known, one.source, data.get("base_record"))
    derived = [_earlier(known, one.source, key) for key in data.get("derived_from", [])]
    context = Context(
        notices=notices,
        stops=stops,
        base=base,
        derived=tuple(record for record in derived if record is not None),
    )
    return judge(transfer_of(data), context, recorded_on)


def _tested(data: Mapping[str, Any], recorded_on: date) -> date:
    """The day on which stops are tested: the last one that has surely happened."""
    day = _day(data.get("transferred_on") or data.get("transferred_to"))
    first = _day(data.get("transferred_from"))
    return day or max(first or recorded_on, recorded_on)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _stops(
    events: Sequence[Seen], position: int, who: Identifier, day: date
) -> tuple[ActiveStop, ...]:
    person = person_at(events, position, [who])
    by_stream: dict[str, list[list[Any]]] = {}
    owner: dict[str, Identifier] = {}
    for event in events[:position]:
        if event.type in ("directive-received", "principal-renamed"):
            ref = event.record["principal"]
            owner[event.stream] = normal(ref["scheme"], ref["id"])
        if event.type == "directive-received":
            stop = ActiveStop(
                event.facts["kind"],
                date.fromisoformat(event.facts["day"]),
                event.record.get("counterparty"),
            )
            by_stream.setdefault(event.stream, []).append([stop, None])
        elif event.type == "directive-lifted":
            for pair in by_stream[event.stream]:
                kind, counterparty = pair[0].kind, pair[0].counterparty_party_id
                meant = (event.record["kind"], event.record.get("counterparty"))
                if pair[1] is None and (kind, counterparty) == meant:
                    pair[1] = date.fromisoformat(event.facts["day"])
    return tuple(
        stop
        for stream, pairs in by_stream.items()
        if owner[stream] in person
        for stop, lifted in pairs
        if lifted is None or day < lifted
    )


def _earlier(known: Mapping[str, Transfer], source: str, key: str | None) -> EarlierRecord | None:
    for one in known.values():
        if key is not None and ((one.source, one.key) == (source, key) or one.id == key):
            typed = transfer_of(one.whole())
            return EarlierRecord(typed, one.retracted is None, one.facts["duty"])
    return None


def _notice(events: Sequence[Seen], notice_id: str, day: date | None) -> Notice | None:
    """The notice for a transfer on `day`; without the versions that were withdrawn by then."""
    published: list[Seen] = []
    withdrawn: dict[int, date] = {}
    for event in events:
        if event.type == "notice-published" and event.record["notice_id"] == notice_id:
            published.append(event)
        elif event.type == "notice-withdrawn" and event.stream in {e.stream for e in published}:
            for earlier in published:
                withdrawn.setdefault(earlier.position, date.fromisoformat(event.facts["day"]))
    standing = [
        event
        for event in published
        if event.position not in withdrawn or (day is not None and day < withdrawn[event.position])
    ]
    if not standing:
        return None
    if published[0].facts["kind"] == "opt_out":
        return _filing(standing, day)
    newest = standing[-1].record["notice"]
    versions = [_version(e.record["version"]) for e in standing if "version" in e.record]
    if not versions:
        return None
    return JointUseNotice(
        notice_id=notice_id,
        owner=newest["owner"],
        versions=tuple(versions),
        data_kinds=tuple(newest.get("data_kinds", ["personal_data"])),
        title=newest.get("title", ""),
        responsible_changes=tuple(
            (date.fromisoformat(change["changed_on"]), change["field"])
            for change in newest.get("responsible_changes", [])
        ),
    )


def _filing(standing: Sequence[Seen], day: date | None) -> OptOutFiling:
    """The one in force on the day, the youngest of several; before all of them, the first."""
    filings = sorted(
        (
            OptOutFiling(
                notice_id=event.record["notice_id"],
                available_from=date.fromisoformat(event.record["notice"]["available_from"]),
                filed_on=date.fromisoformat(event.record["notice"]["filed_on"]),
                start_planned=date.fromisoformat(event.record["notice"]["start_planned"]),
                items=tuple(event.record["notice"]["items"]),
            )
            for event in standing
        ),
        key=_start,
    )
    there = [filing for filing in filings if day is not None and _start(filing) <= day]
    return there[-1] if there else filings[0]


def _start(filing: OptOutFiling) -> date:
    return max(filing.available_from, filing.filed_on, filing.start_planned)


def _version(data: Mapping[str, Any]) -> NoticeVersion:
    return NoticeVersion(
        version=data["version"],
        in_force_from=date.fromisoformat(data["in_force_from"]),
        published_on=date.fromisoformat(data["published_on"]),
        scope=tuple((user["party_id"], user["name"]) for user in data["scope"]),
        items=tuple(NoticeItem(i["category"], tuple(i.get("listed", []))) for i in data["items"]),
        purposes=tuple(
            NoticePurpose(p["code"], p["label"], tuple(p.get("examples", [])))
            for p in data["purposes"]
        ),
        responsible_name=data["responsible"]["name"],
        responsible_address=data["responsible"]["address"],
        responsible_representative=data["responsible"]["representative"],
    )


def stored(one: Transfer) -> tuple[Any, ...]:
    """(verdict of the whole, verdicts of persons by line) as the events say."""
    own = {n: _said(line["verdict"]) for n, line in one.lines.items() if "verdict" in line}
    facts = one.facts
    whole = (facts["effective_method"], facts["law"], one.notice_version)
    return (_said(facts), whole, own)


def _said(verdict: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        verdict["duty"],
        tuple(verdict["findings"]),
        tuple(verdict["statutory_items"]),
        verdict.get("retain_through"),
    )


def told(one: Transfer, verdict: TransferVerdict) -> tuple[Any, ...]:
    """The same as `stored`, of a verdict."""
    numbers = sorted(one.lines)
    own = {numbers[index]: _plain(person) for index, person in verdict.persons.items()}
    whole = verdict.whole
    return (_plain(whole), (whole.effective_method, whole.law, whole.notice_version), own)


def _plain(verdict: Verdict) -> tuple[Any, ...]:
    end = verdict.retain_through
    return (
        verdict.duty,
        verdict.findings,
        verdict.statutory_items,
        end.isoformat() if end is not None else None,
    )


def wrong_verdicts(events: Sequence[Seen]) -> Iterator[tuple[int, object, object]]:
    """(position, stored, expected) of each verdict that did not know what it should have known."""
    for event in events:
        if "basis" not in event.facts:
            continue
        one = transfers_at(events, event.position)[event.stream]
        expected = told(one, judged(events, one, event.judged_at))
        if stored(one) != expected:
            yield event.position, stored(one), expected


def to_reassess(events: Sequence[Seen]) -> set[str]:
    """The transfers that a late notice, stop or link touches and whose verdict it changes.

    And those that were judged under an older reading of the law and would be judged otherwise now.
    """
    head = len(events)
    transfers = transfers_at(events, head)
    proposals = {
        one.id
        for one in transfers.values()
        if one.retracted is None and _is_of_older_reading(one) and _differs(events, one)
    }
    for cause in events:
        if not cause.type.startswith(CAUSES):
            continue
        for one in transfers.values():
            is_late = one.retracted is None and one.judged_at < cause.position
            if is_late and _touches(events, cause, one) and _differs(events, one):
                proposals.add(one.id)
    return proposals


def _touches(events: Sequence[Seen], cause: Seen, one: Transfer) -> bool:
    ever = [event for event in events if event.stream == one.id]
    if cause.type.startswith("notice"):
        first = next(event for event in events if event.stream == cause.stream)
        named = [data.record.get("input", {}).get("notice_id") for data in ever]
        return first.record["notice_id"] in named
    if cause.type.startswith("identifiers"):
        refs = [cause.record["a"], cause.record["b"]]
    else:
        opened = next(e for e in events if e.stream == cause.stream and "principal" in e.record)
        refs = [opened.record["principal"]]
    people = person_at(events, len(events), [(ref["scheme"], ref["id"]) for ref in refs])
    return any(person_of(line) in people for event in ever for line in event.lines.values())


def _differs(events: Sequence[Seen], one: Transfer) -> bool:
    now = told(one, judged(events, one, len(events)))
    then = stored(one)
    now, then = _without_reading(now), _without_reading(then)
    if one.series is not None:
        # How long a collective record is kept is the series' own affair (ADR 0015).
        now, then = _without_end(now), _without_end(then)
    return now != then


def _is_of_older_reading(one: Transfer) -> bool:
    return "." not in one.facts["law"] or int(one.facts["law"].partition(".r")[2]) < READING


def _without_reading(said: tuple[Any, ...]) -> tuple[Any, ...]:
    verdict, (method, law, notice), own = said
    return verdict, (method, law.partition(".")[0], notice), own


def _without_end(said: tuple[Any, ...]) -> tuple[Any, ...]:
    verdict, whole, own = said
    return verdict[:3], whole, {n: person[:3] for n, person in own.items()}
