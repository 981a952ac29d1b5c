"""Correcting, reclassifying, retracting: the old fact stays, a new one follows it."""

from collections.abc import Collection, Mapping

from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer
from ledger.errors import (
    AlreadyRetractedError,
    Defect,
    ExpiredError,
    MalformedError,
    NotFoundError,
    NothingToChangeError,
)
from ledger.format.events import (
    Entry,
    PersonLine,
    Record,
    TransferCorrected,
    TransferReclassified,
    TransferRetracted,
)
from ledger.policies.context import Context, TransferVerdict, is_same
from ledger.policies.duty import judge
from ledger.transfers.transfer import State
from ledger.transfers.whole_transfer import transfer_data
from ledger.values import CheckedTransfer, Json, Transfer, transfer_of, without_principals

# Lines that one event holds (event format, section 3).
LINES_MAX = 1_000


def correct(
    command: CorrectTransfer | ReclassifyTransfer,
    state: State | None,
    data: CheckedTransfer,
    context: Context,
    restated: Collection[int] = (),
    unseen: Collection[int] = (),
) -> TransferCorrected | TransferReclassified:
    """Return the event that makes `data` the record's content from here on.

    Args:
        data: the whole transfer after the change (`changed_data`), accepted by the contract.
        restated: numbers of lines that the event says again, though they may be the same.
        unseen: numbers of lines of which who corrects does not know. Where they alone would change,
            it is the refusal that it would be without them.

    Raises:
        NotFoundError, AlreadyRetractedError, ExpiredError: the record takes no correction.
        MalformedError: the message would change its series; `TOO_MANY_LINES`, what stands of more
            than `LINES_MAX` persons would change.
        NothingToChangeError: the record and its verdict would be the same.
    """
    state, before = check_correctable(state)
    if data.get("series_id") != before.data.get("series_id"):
        detail = "a message keeps its series: retract it and record it anew"
        raise MalformedError((Defect("/series_id", "SERIES_FIXED", detail),))
    transfer = transfer_of(data)
    recorded_on = transfer.recorded_on or before.recorded_on
    verdict = judge(transfer, context, recorded_on)
    after = Record(without_principals(data), recorded_on, verdict.whole)
    assert state.entry is not None, "what stands has not expired"
    lines, removed = _changed_lines(state.lines, state.entry, transfer, verdict, restated)
    same = (after.data, after.recorded_on) == (before.data, before.recorded_on)
    is_nothing_seen = not removed and all(n in unseen for n in lines)
    if same and is_same(after.verdict, before.verdict) and is_nothing_seen:
        raise NothingToChangeError
    if len(lines) > LINES_MAX:
        detail = f"it changes what stands of {len(lines):,} persons; one event holds {LINES_MAX:,}"
        raise MalformedError((Defect("", "TOO_MANY_LINES", detail),))
    if isinstance(command, ReclassifyTransfer):
        if len(transfer.principals) <= LINES_MAX:
            # The count of lines stands in the header, right after a stop whose kind and day do too:
            # with the changed lines alone it would tell the others that somebody withdrew.
            kept = {n: line for n, line in state.lines.items() if n not in removed}
            lines = {**kept, **lines}
        return TransferReclassified(after, lines, removed, command.reason, command.cause_position)
    return TransferCorrected(after, lines, removed, command.reason)


def check_correctable(state: State | None) -> tuple[State, Record]:
    """The transfer and its record, when it takes a correction.

    Raises:
        NotFoundError, AlreadyRetractedError, ExpiredError: it takes none.
    """
    if state is None or state.effective_position is None:
        raise NotFoundError
    if state.retracted is not None:
        raise AlreadyRetractedError
    if state.record is None or state.entry is None:
        raise ExpiredError(state.first_position)
    if state.entry.gone and not state.lines:
        # Carried forward for what it says, not for whom it was about: nobody is left to correct.
        raise ExpiredError(state.first_position)
    return state, state.record


def _changed_lines(
    before: Mapping[int, PersonLine],
    entry: Entry,
    transfer: Transfer,
    verdict: TransferVerdict,
    restated: Collection[int],
) -> tuple[dict[int, PersonLine], tuple[int, ...]]:
    """Lines that are new or differ, and numbers that no longer stand.

    A person keeps the number of the line; a new person takes the number of a person who left,
    so that a wrong attribution is one changed line, and else the next free one. Lines that died are
    neither there nor removed, and nobody takes their numbers. The line of a person who left is
    removed also where another takes its number: when the record is carried forward for some persons
    only, the newcomer's line may be gone, and the old one must not stand again.
    """
    numbers: dict[tuple[str, str], list[int]] = {}
    for n, line in sorted(before.items()):
        numbers.setdefault((line.principal.scheme, line.principal.id), []).append(n)
    new_lines: dict[int, PersonLine] = {}
    newcomers: list[PersonLine] = []
    for index, principal in enumerate(transfer.principals):
        line = PersonLine(principal, verdict.persons.get(index))
        known = numbers.get((principal.scheme, principal.id))
        if known:
            new_lines[known.pop(0)] = line
        else:
            newcomers.append(line)
    free = sorted(set(before) - set(new_lines))
    fresh = max(entry.persons, max(before, default=-1) + 1)
    for line in newcomers:
        if free:
            new_lines[free.pop(0)] = line
        else:
            new_lines[fresh] = line
            fresh += 1
    changed = {
        n: line for n, line in new_lines.items() if n in restated or _differs(before.get(n), line)
    }
    left = [n for n in changed if n in before and _is_another(before[n], changed[n])]
    return changed, tuple(sorted([*free, *left]))


def _differs(before: PersonLine | None, after: PersonLine) -> bool:
    """Whether the line says something else now."""
    if before is None:
        return True
    return before.principal != after.principal or not is_same(before.verdict, after.verdict)


def _is_another(before: PersonLine, after: PersonLine) -> bool:
    """Whether the line is about another identifier now."""
    old, new = before.principal, after.principal
    return (old.scheme, old.id) != (new.scheme, new.id)


def changed_data(state: State | None, changes: Mapping[str, Json]) -> dict[str, Json]:
    """The whole transfer with `changes` laid over it; to be checked by the contract.

    A change of null removes the member, except where the schema gives null a meaning.

    Raises:
        NotFoundError, AlreadyRetractedError, ExpiredError: the record takes no correction.
    """
    state, _ = check_correctable(state)
    data = transfer_data(state)
    for member, value in changes.items():
        if value is None and member not in NULL_HAS_A_MEANING:
            data.pop(member, None)
        else:
            data[member] = value
    return data


NULL_HAS_A_MEANING = frozenset({"acquisition", "notice_id", "transferred_to"})


def retract(command: RetractTransfer, state: State | None) -> TransferRetracted:
    """Return the event that retracts the record.

    Raises:
        NotFoundError, AlreadyRetractedError, ExpiredError: there is nothing to retract.
    """
    check_correctable(state)
    return TransferRetracted(command.reason, command.note)
