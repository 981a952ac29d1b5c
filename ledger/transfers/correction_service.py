"""Corrections of recorded transfers: correct, reclassify, retract; and findings are settled."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer, SettleFindings
from ledger.errors import NotFoundError, StreamMovedError
from ledger.exclusions import visible_events
from ledger.format.envelope import Append, DataKey, SealedEvent
from ledger.format.event_writer import EventMetadata
from ledger.format.events import SeriesEvent
from ledger.format.header import read_header
from ledger.policies import wellformedness
from ledger.policies.context import Context
from ledger.series import series
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers import correction, settlement, transfer
from ledger.transfers.verdict_inputs import VerdictInputs, VerdictQuery, asker_of
from ledger.transfers.whole_transfer import principal_data, transfer_data
from ledger.values import CheckedTransfer, Json, PrincipalRef, transfer_of

Check = Callable[[object, date], CheckedTransfer]


@dataclass(frozen=True, slots=True)
class _HiddenLines:
    """The lines of which who corrects does not know, by number.

    Attributes:
        restated: whom the change states: the event says them once more, for a refusal that nothing
            changes would tell that they are there.
        unseen: all others.
    """

    restated: frozenset[int] = frozenset()
    unseen: Mapping[int, PrincipalRef] = field(default_factory=dict[int, PrincipalRef])


class CorrectionCommands:
    """Decides and appends corrections. Synchronous; one instance a worker thread."""

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        judging: VerdictInputs,
        appending: CommandAppender,
        check: Check,
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._judging = judging
        self._appending = appending
        self._check = check

    def correct(
        self,
        command: CorrectTransfer | ReclassifyTransfer,
        at: datetime,
        *,
        includes_hidden: bool = False,
        seen: int | None = None,
    ) -> CommandReceipt:
        """Correct or reclassify a recorded transfer.

        Args:
            includes_hidden: whether who corrects may know of what is hidden under Order 11.
            seen: the version of the transfer that the changes were made of; None: any.

        Raises:
            NotFoundError, AlreadyRetractedError, ExpiredError: it takes no correction.
            MalformedError: the transfer would not be well-formed after the change.
            NothingToChangeError: it would be the same.
            StreamMovedError: it has another version than `seen` by now.
        """

        def attempt() -> Append:
            # One reading for the content and the version: what somebody else appends in between
            # is noticed by the version, and the changes are laid over it anew.
            state = self._streams.transfer_state(command.transfer)
            self._check_version(state, command.transfer, seen, includes_hidden=includes_hidden)
            again = self._prepare_verdict(state, command.changes, at, includes_hidden)
            head, context, data, hidden = again
            event = correction.correct(
                command, state, data, context, hidden.restated, hidden.unseen.keys()
            )
            assert state is not None, "a correction was decided, so there is a transfer"
            assert state.entry is not None, "a correction was decided, so its key lives"
            typed = transfer_of(data)
            position = self._judging.known.position_of(typed, event.record.verdict.notice_version)
            event = replace(event, record=replace(event.record, notice_position=position))
            place = metadata_of(command, command.transfer, state.version + 1, at, head)
            stream, live_keys = state.entry.series, self._live_keys(command.transfer)
            key = self._sealer.later_key(event.record, event.lines, place, stream, live_keys)
            sealed = self._sealer.seal_record(event, event.record, place, key)
            moves = self._in_series(stream, place, lambda s: series.move(s, typed, place.stream))
            rows = self._judging.base_rows(typed, state.entry.source, place.stream, key.id)
            return Append((sealed, *moves), rows)

        return self._appending.appended(command.command, attempt)

    def retract(
        self,
        command: RetractTransfer,
        at: datetime,
        *,
        includes_hidden: bool = False,
        seen: int | None = None,
    ) -> CommandReceipt:
        """Retract a recorded transfer.

        Args:
            includes_hidden: whether who retracts may know of what is hidden under Order 11.
            seen: the version of the transfer that was looked at; None: any.

        Raises:
            NotFoundError, AlreadyRetractedError, ExpiredError: there is nothing to retract.
            StreamMovedError: it has another version than `seen` by now.
        """

        def attempt() -> Append:
            state = self._judged(command.transfer)
            self._check_version(state, command.transfer, seen, includes_hidden=includes_hidden)
            event = correction.retract(command, state)
            assert state is not None, "a retraction was decided, so there is a transfer"
            assert state.entry is not None, "a retraction was decided, so its key lives"
            assert state.record is not None, "a retraction was decided, so its key lives"
            place = metadata_of(command, command.transfer, state.version + 1, at)
            stream, live_keys = state.entry.series, self._live_keys(command.transfer)
            key = self._sealer.later_key(state.record, state.lines, place, stream, live_keys)
            moves = self._in_series(stream, place, lambda s: series.leave(s, place.stream))
            return Append((self._sealer.seal(event, place, key), *moves))

        return self._appending.appended(command.command, attempt)

    def settle(
        self,
        command: SettleFindings,
        at: datetime,
        *,
        includes_hidden: bool = False,
        seen: int | None = None,
    ) -> CommandReceipt:
        """Put on record what was done about the findings of a transfer.

        Args:
            includes_hidden: whether who settles may know of what is hidden under Order 11: else
                those of hidden lines are none of theirs.
            seen: the version of the transfer that was looked at; None: any. The same code may have
                come for another person since.

        Raises:
            StreamMovedError: it has another version than `seen` by now.
            NotFoundError, AlreadyRetractedError, ExpiredError: the record does not stand.
            MalformedError: no such action.
            NothingToSettleError, FindingsDifferError: those findings do not stand.
        """

        def attempt() -> Append:
            state = self._judged(command.transfer)
            event = settlement.settle(
                command, self._visible_state(state, includes_hidden=includes_hidden)
            )
            self._check_version(state, command.transfer, seen, includes_hidden=includes_hidden)
            assert state is not None, "findings were settled, so there is a transfer"
            assert state.entry is not None, "findings were settled, so its key lives"
            assert state.record is not None, "findings were settled, so its key lives"
            place = metadata_of(command, command.transfer, state.version + 1, at)
            live_keys = self._live_keys(command.transfer)
            # It says what the record says is wrong: it lives as long, as a correction does.
            key = self._sealer.later_key(
                state.record, state.lines, place, state.entry.series, live_keys
            )
            return Append((self._sealer.seal(event, place, key),))

        return self._appending.appended(command.command, attempt)

    def check_unmarked(self, stream: UUID) -> None:
        """Refuse a transfer that is marked or excluded under Order 11, as if it were not there.

        So is one whose content is gone, for nobody knows any more whether it was marked: a 404 that
        becomes a 410 would tell.

        Raises:
            NotFoundError: it is marked or excluded, or its content is gone.
        """
        state = self._streams.transfer_state(stream, None, NO_CHUNKS)
        if state is not None and (state.entry is None or not self._streams.visible()(state)):
            raise NotFoundError

    def _prepare_verdict(
        self,
        state: transfer.State | None,
        changes: Mapping[str, Json],
        at: datetime,
        includes_hidden: bool,  # noqa: FBT001 -- of this class alone
    ) -> tuple[int, Context, CheckedTransfer, "_HiddenLines"]:
        seen = self._visible_state(state, includes_hidden=includes_hidden)
        hidden = _HiddenLines()
        before, after = correction.changed_data(seen, {}), correction.changed_data(seen, changes)
        data = self._checked(before, after, changes, day_in_japan(at))
        assert state is not None, "what has changed data is recorded"
        assert state.entry is not None, "what has changed data has not expired"
        assert state.record is not None, "what has changed data has not expired"
        if seen is not state and "principals" in transfer_data(state):
            people, hidden = self._with_hidden(data, state, seen, is_stated="principals" in changes)
            data = CheckedTransfer({**data, "principals": people})
        typed = transfer_of(data)
        recorded_on = typed.recorded_on or state.record.recorded_on
        asker = asker_of(state, data, includes_hidden=includes_hidden)
        asker = replace(asker, unseen=frozenset(hidden.unseen.values()))
        question = VerdictQuery(typed, state.entry.source, recorded_on, asker)
        head, [context] = self._judging.gather([question])
        return head, context, data, hidden

    def _with_hidden(
        self,
        data: CheckedTransfer,
        whole: transfer.State,
        seen: transfer.State | None,
        *,
        is_stated: bool,
    ) -> tuple[Json, "_HiddenLines"]:
        """The persons as they are stated, and behind them those of the lines that are not seen.

        Who states a person whose line is not seen, however the identifier is written, states that
        line: it stays as it is, and no other is made.

        Args:
            is_stated: whether the change says who the persons are.
        """
        left = Counter(line.principal for line in (seen.lines.values() if seen is not None else ()))
        hidden: dict[int, PrincipalRef] = {}
        for n, line in sorted(whole.lines.items()):
            if left[line.principal]:
                left[line.principal] -= 1
            else:
                hidden[n] = line.principal
        stated = cast("list[dict[str, str]]", data.get("principals", []))
        persons: list[Json] = []
        restated: set[int] = set()
        lines: dict[bytes, list[int]] = {}
        for n, ref in hidden.items() if is_stated else ():
            lines.setdefault(self._streams.principal_key(ref), []).append(n)
        for one in stated:
            key = self._streams.secret.principal_key(one["scheme"], one["id"]) if lines else b""
            if numbers := lines.get(key):
                restated.add(numbers.pop(0))
            else:
                persons.append(cast("Json", one))
        persons += [principal_data(one) for one in hidden.values()]
        unseen = {n: ref for n, ref in hidden.items() if n not in restated}
        return persons, _HiddenLines(frozenset(restated), unseen)

    def _visible_state(
        self, state: transfer.State | None, *, includes_hidden: bool
    ) -> transfer.State | None:
        """The transfer as who changes it knows it: without the lines that are hidden from them."""
        return state if state is None or includes_hidden else self._streams.visibility()(state)

    def _check_version(
        self, state: transfer.State | None, stream: UUID, seen: int | None, *, includes_hidden: bool
    ) -> None:
        """Refuse what was made of another version: it would undo what somebody did meanwhile.

        Versions are compared as they were shown: without what is hidden from who looked.
        """
        if state is None or seen is None:
            return
        sight = _full_view if includes_hidden else self._streams.visibility()
        facts = visible_events.facts_of(self._streams, stream)
        known = [one for one in facts if one.version <= state.version]
        if seen != visible_events.visible_version(known, sight):
            raise StreamMovedError(stream)

    def _checked(
        self,
        before: Mapping[str, Json],
        data: Mapping[str, Json],
        changes: Mapping[str, Json],
        on: date,
    ) -> CheckedTransfer:
        """What the contract accepts. An item holds 1,000 persons; more came in parts, and stand.

        Where they are not what is changed, the first of them stand in for all. What changes nothing
        takes the record as it was accepted on its day: the contract may have become stricter since,
        and a verdict that something late changes is no occasion to refuse what happened. Nor is a
        correction one to shorten the texts that it keeps.
        """
        if not changes:
            return CheckedTransfer(data)
        shortened = wellformedness.with_short_texts(before, data, changes)
        persons = shortened.get("principals")
        if "principals" not in changes and isinstance(persons, list):
            shortened["principals"] = persons[: correction.LINES_MAX]
        self._check(shortened, on)
        return CheckedTransfer(data)

    def _judged(self, stream: UUID) -> transfer.State | None:
        """The transfer; of a bulk transfer those persons alone who have a verdict of their own."""
        return self._streams.judged_states([stream]).get(stream)

    def _live_keys(self, stream: UUID) -> list[DataKey]:
        """The keys that still stand among those that seal the events of the stream."""
        # Chunks are sealed under the record's own key.
        stored = self._streams.reads.facts_of_streams([stream], None, NO_CHUNKS)
        sealed = {read_header(fact.header).sealed_key for fact in stored}
        return list(self._sealer.keys.open(key for key in sealed if key is not None).values())

    def _in_series(
        self,
        stream: UUID | None,
        place: EventMetadata,
        decide: Callable[[series.State], tuple[SeriesEvent, ...]],
    ) -> list[SealedEvent]:
        """What becomes of the message's series, sealed; nothing when it belongs to none."""
        state = self._streams.series_state(stream) if stream is not None else None
        if stream is None or state is None:
            return []
        key = self._sealer.keys.key_for("series", owner=stream)
        there = replace(place, stream=stream, judged_at=None)
        return [
            self._sealer.seal(event, replace(there, version=version), key)
            for version, event in enumerate(decide(state), state.version + 1)
        ]


def _full_view(state: transfer.State) -> transfer.State:
    return state
