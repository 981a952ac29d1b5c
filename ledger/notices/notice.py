"""Joint-use notices and opt-out filings: published versions, bitemporal.

A notice is public: the version in force and published on the day of a transfer counts, as known at
the position at which the transfer is judged (Act Art. 27(2), 27(5)(iii), 27(6)).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never, cast

from ledger.commands import PublishNotice, WithdrawNotice
from ledger.errors import (
    AlreadyActiveError,
    Defect,
    DoesNotStandError,
    LedgerError,
    MalformedError,
)
from ledger.format.events import ExpiredEvent, Fact, NoticeEvent, NoticePublished, NoticeWithdrawn
from ledger.law.notice_changes import CHANGE_VERDICTS
from ledger.policies.context import (
    JointUseNotice,
    Notice,
    NoticeItem,
    NoticePurpose,
    NoticeVersion,
    OptOutFiling,
)
from ledger.policies.notice_changes import JudgedChange, judged_changes
from ledger.values import Json


class UnlawfulChangesError(LedgerError):
    """The version makes changes that Art. 27(6) does not allow; nothing was recorded.

    Attributes:
        changes: every change, with its verdict.
        defects: those that are not allowed, at their places.
    """

    code = "UNLAWFUL_CHANGES"

    def __init__(self, changes: tuple[JudgedChange, ...]) -> None:
        unlawful = [one for one in changes if not one.is_lawful]
        super().__init__(", ".join(sorted({one.code for one in unlawful})))
        self.changes: list[Json] = [change_members(one) for one in changes]
        self.defects = tuple(
            Defect(one.pointer, one.code, CHANGE_VERDICTS[one.code].explanation) for one in unlawful
        )


def change_members(change: JudgedChange) -> Json:
    """A judged change as JSON, with the article that its verdict rests on."""
    verdict = CHANGE_VERDICTS[change.code]
    return {
        "kind": change.kind,
        "pointer": change.pointer,
        "code": change.code,
        "lawful": verdict.is_lawful,
        "article": verdict.article,
    }


@dataclass(frozen=True, slots=True)
class PublishedNotice:
    """One published version (or filing, or amendment) and where it stands in the log.

    Attributes:
        withdrawn_on: the day from which it is no longer relied on, inclusive; None while it stands.
    """

    position: int
    event: NoticePublished
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A notice with everything published about it, oldest first.

    Attributes:
        notice: as verdicts read it, with all versions; built once, since many transfers rely on it.
    """

    notice_id: str
    kind: str
    notice: Notice
    published: tuple[PublishedNotice, ...]
    version: int = 0

    @property
    def withdrawn_on(self) -> date | None:
        """The day of the withdrawal; None while any version or filing stands."""
        days = [one.withdrawn_on for one in self.published if _is_relied_on(one)]
        ended = [day for day in days if day is not None]
        return max(ended) if len(ended) == len(days) else None


def evolve(state: State | None, fact: Fact[NoticeEvent | ExpiredEvent]) -> State | None:
    """The state after `fact`; a notice whose first event has expired is unknown."""
    event = fact.event
    match event:
        case NoticePublished():
            published = (*(state.published if state else ()), PublishedNotice(fact.position, event))
            built = _built(event.kind, published)
            return State(event.notice_id, event.kind, built, published, fact.version)
        case NoticeWithdrawn():
            if state is None:
                return None
            # What is published afterwards stands by itself and does not revive what ended.
            published = tuple(
                replace(one, withdrawn_on=event.day) if one.withdrawn_on is None else one
                for one in state.published
            )
            return replace(state, published=published, version=fact.version)
        case ExpiredEvent():
            return state
        case _:
            assert_never(event)


def fold(state: State | None, facts: Iterable[Fact[NoticeEvent | ExpiredEvent]]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def publish(command: PublishNotice, state: State | None) -> NoticePublished:
    """Return the event that publishes the version, the amendment or the filing.

    Raises:
        MalformedError: the notice id stands for a notice of another kind.
        AlreadyStandsError: the version label is published already; an amendment or a filing says
            what is published last.
        UnlawfulChangesError: Art. 27(6) does not allow a change that the version makes, and the
            command does not say that it is meant to be recorded.
    """
    published = state.published if state else ()
    if state is not None and state.kind != command.kind:
        raise MalformedError((Defect("/kind", "NOTICE_KIND_DIFFERS", "use another notice_id"),))
    if command.version is not None:
        label = command.version["version"]
        if any(one.event.version and one.event.version["version"] == label for one in published):
            raise AlreadyActiveError
    elif published and _says_no_more(command, published[-1]):
        raise AlreadyActiveError
    days: Mapping[str, Json] = command.version or command.notice
    in_force = days.get("in_force_from") or days.get("start_planned")
    public = days.get("published_on") or days.get("available_from")
    if in_force is None or public is None:  # an amendment: it speaks of the newest version
        if not published:
            raise MalformedError(
                (Defect("/version", "VERSION_MISSING", "publish a version first"),)
            )
        newest = published[-1].event
        first_day, public_day = newest.in_force_from, newest.published_on
    else:
        first_day = date.fromisoformat(cast("str", in_force))
        public_day = date.fromisoformat(cast("str", public))
    changes = _changes(command, state, first_day)
    if not (command.records_unlawful or all(one.is_lawful for one in changes)):
        raise UnlawfulChangesError(changes)
    return NoticePublished(
        notice_id=command.notice_id,
        kind=command.kind,
        notice=command.notice,
        version=command.version,
        number=len(published) + 1,
        in_force_from=first_day,
        published_on=public_day,
        stated=command.stated,
        changes=changes,
    )


def _changes(
    command: PublishNotice, state: State | None, first_day: date
) -> tuple[JudgedChange, ...]:
    """What the command's version changes, judged; none of a first version.

    Raises:
        MalformedError: what is stated is about no change of a version.
    """
    if command.version is None:
        if command.stated.members():
            defect = Defect("/stated", "VERSION_MISSING", "state it with the version that changes")
            raise MalformedError((defect,))
        return ()
    after = _version(command.version)
    strangers = tuple(
        Defect(f"/stated/successions/{n}/to", "NOT_A_JOINT_USER", "name a user of the scope")
        for n, (_, successor) in enumerate(command.stated.successions)
        if successor not in after.users
    )
    if strangers:
        raise MalformedError(strangers)
    before = version_before(state, first_day) if state is not None else None
    if before is None or before.event.version is None:
        return ()
    return judged_changes(_version(before.event.version), after, command.stated)


def version_before(state: State, day: date) -> PublishedNotice | None:
    """The version that one in force from `day` is compared with; None: it is a first one.

    It is the one in force before; where all that stand come later, the first of them: a day before
    it does not make a joint use begin. What was withdrawn by then is followed by nothing: the joint
    use begins anew.
    """
    current = [one for one in _not_withdrawn(state, day) if one.event.version is not None]
    begun = max(day, min((one.event.in_force_from for one in current), default=day))
    return max(
        (one for one in current if one.event.in_force_from <= begun),
        key=lambda one: (one.event.in_force_from, one.event.published_on, one.position),
        default=None,
    )


def published_at(states: Iterable[State], position: int) -> NoticePublished | None:
    """What was published at `position`; None: nothing was, or it was withdrawn there."""
    found = (one.event for state in states for one in state.published if one.position == position)
    return next(found, None)


def _says_no_more(command: PublishNotice, newest: PublishedNotice) -> bool:
    """Whether an amendment or a filing repeats what is published last.

    What stood before that may come back, and so may a filing that was withdrawn.
    """
    is_filed_anew = newest.event.kind == "opt_out" and newest.withdrawn_on is not None
    return command.notice == newest.event.notice and not is_filed_anew


def withdraw(command: WithdrawNotice, state: State | None) -> NoticeWithdrawn:
    """Return the event that withdraws the notice.

    Raises:
        DoesNotStandError: there is no such notice, or it is withdrawn already.
    """
    if state is None or state.withdrawn_on is not None:
        raise DoesNotStandError
    return NoticeWithdrawn(command.day, command.reason)


def notice_on(state: State, day: date | None) -> Notice | None:
    """The notice for a transfer on `day`; None when nothing of it stands on that day.

    Of a joint-use notice all versions that were not withdrawn by then, of filings the one in force.
    """
    current = _not_withdrawn(state, day)
    if state.kind == "opt_out":
        filing = _filing_on(current, day)
        return opt_out_of(filing.event.notice) if filing is not None else None
    if len(current) == len(state.published):
        return state.notice
    return _built(state.kind, current) if any(map(_is_relied_on, current)) else None


def _not_withdrawn(state: State, day: date | None) -> tuple[PublishedNotice, ...]:
    return tuple(
        one
        for one in state.published
        if one.withdrawn_on is None or (day is not None and day < one.withdrawn_on)
    )


def _is_relied_on(published: PublishedNotice) -> bool:
    """Whether it is a version or a filing; an amendment alone announces nothing."""
    return published.event.version is not None or published.event.kind == "opt_out"


def _filing_on(filings: tuple[PublishedNotice, ...], day: date | None) -> PublishedNotice | None:
    """The newest filing in force on `day`; before all of them the first to come."""
    if not filings:
        return None
    if day is None:
        return filings[-1]
    there = [one for one in filings if _start_of(one) <= day]
    if there:
        return max(there, key=lambda one: (_start_of(one), one.position))
    return min(filings, key=_start_of)


def _start_of(published: PublishedNotice) -> date:
    filing = opt_out_of(published.event.notice)
    return max(filing.available_from, filing.filed_on, filing.start_planned)


def _built(kind: str, published: tuple[PublishedNotice, ...]) -> Notice:
    newest = published[-1].event.notice
    if kind == "opt_out":
        return opt_out_of(newest)
    versions = tuple(p.event.version for p in published if p.event.version is not None)
    return joint_use_of(newest, versions)


def position_of(state: State, label: str | None, day: date | None) -> int | None:
    """Position of what a verdict relied on: the version of that label, or the filing on `day`."""
    if state.kind == "opt_out":
        filing = _filing_on(_not_withdrawn(state, day), day)
        return filing.position if filing is not None else None
    for published in reversed(state.published):
        version = published.event.version
        if version is not None and version["version"] == label:
            return published.position
    return None


def opt_out_of(data: Mapping[str, Json]) -> OptOutFiling:
    """The filing that `data` states (`notices.json`, kind `opt_out`)."""
    return OptOutFiling(
        notice_id=cast("str", data["notice_id"]),
        available_from=_day(data["available_from"]),
        filed_on=_day(data["filed_on"]),
        start_planned=_day(data["start_planned"]),
        items=tuple(cast("list[str]", data["items"])),
    )


def joint_use_of(
    data: Mapping[str, Json], versions: Iterable[Mapping[str, Json]]
) -> JointUseNotice:
    """The joint-use notice that `data` states (`notices.json`, kind `joint_use`)."""
    changes = cast("list[dict[str, str]]", data.get("responsible_changes") or [])
    return JointUseNotice(
        notice_id=cast("str", data["notice_id"]),
        owner=cast("str", data["owner"]),
        versions=tuple(_version(version) for version in versions),
        data_kinds=tuple(cast("list[str]", data.get("data_kinds") or ["personal_data"])),
        title=cast("str", data.get("title") or ""),
        responsible_changes=tuple((_day(c["changed_on"]), c["field"]) for c in changes),
    )


def _version(data: Mapping[str, Json]) -> NoticeVersion:
    responsible = cast("dict[str, str]", data["responsible"])
    return NoticeVersion(
        version=cast("str", data["version"]),
        in_force_from=_day(data["in_force_from"]),
        published_on=_day(data["published_on"]),
        scope=tuple(
            (user["party_id"], user["name"]) for user in cast("list[dict[str, str]]", data["scope"])
        ),
        items=tuple(
            NoticeItem(
                cast("str", item["category"]),
                tuple(cast("list[str]", item.get("listed") or [])),
                cast("str", item.get("definition") or ""),
                cast("str", item.get("note") or ""),
            )
            for item in cast("list[dict[str, Json]]", data["items"])
        ),
        purposes=tuple(
            NoticePurpose(
                cast("str", purpose["code"]),
                cast("str", purpose["label"]),
                tuple(cast("list[str]", purpose.get("examples") or [])),
            )
            for purpose in cast("list[dict[str, Json]]", data["purposes"])
        ),
        responsible_name=responsible["name"],
        responsible_address=responsible["address"],
        responsible_representative=responsible["representative"],
    )


def _day(value: Json) -> date:
    return date.fromisoformat(cast("str", value))
