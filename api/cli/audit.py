"""`ledger audit`: every bound answer made again, and what was destroyed before its day."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from api.case_replies import Replies
from api.case_replies.answer_reader import AnswerReader
from api.case_replies.audit_words import (
    AuditRemark,
    Outcome,
    UnfoundLink,
    japanese_of,
    outcome_of,
)
from api.case_replies.letter_audit import LetterOutcome, letter_checks
from api.case_replies.records import RecordFinder
from api.cli.fsck import IndexCheck
from api.container import Container
from api.database import existing
from api.documents.audit_report import SHOWN_MAX, AuditReport, audit_pdf
from api.observability import configure
from api.server.container_opener import opened
from api.server.loaded_bag import indexed, loaded
from api.server.reasons import why
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from ledger.clock import day_in_japan
from ledger.exports import verify
from ledger.exports.audit_reader import AuditBag
from ledger.format.envelope import OpenEvent
from ledger.format.event_reader import fact_of
from ledger.format.events import IdentifiersLinked
from ledger.retention.early_ends import EarlyEnd, KeyEnd, early_end
from ledger.retention.kept_ends import RetainedRecords, key_ends
from ledger.service.group import WorkerGroup
from projections.histories import WAIT_SECONDS

NAMED: Final = 1
"""Something is named: each line says what."""

UNKNOWN: Final = 2
"""The audit could not be made: it says nothing about the answers."""

DESTROYED_MAX: Final = 2_000
"""So many transfers that lost a part are tried, where an answer told one that is gone."""

_EXISTS: Final = "there is something already: name a place where nothing is"
_BATCH: Final = 2_000
_BATCH_BYTES: Final = 16 * 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(audit)


_Bag = Annotated[
    Path | None,
    typer.Argument(
        metavar="BAG", help="An audit bag, a folder or its zip; without it, the ledger of here."
    ),
]
_Key = Annotated[str | None, typer.Option(help="Of a bag: the log's public key, as handed out.")]
_Witness = Annotated[
    list[str] | None, typer.Option(help="Of a bag: a witness's key, as handed out; again for each.")
]
_Policy = Annotated[
    Path | None, typer.Option(help="Of a bag: your witness policy; what it asks for must be met.")
]
_Letters = Annotated[
    bool,
    typer.Option("--letters", help="Also make each letter that went out again, and compare it."),
]
_Report = Annotated[
    Path | None, typer.Option(help="A new file: a report in Japanese (PDF) for whoever inspects.")
]


def audit(
    bag: _Bag = None,
    *,
    key: _Key = None,
    witness: _Witness = None,
    policy: _Policy = None,
    letters: _Letters = False,
    report: _Report = None,
) -> None:
    """Make every bound answer again from the records as they stood, and compare it.

    Names a record that was left out, told twice, in an old version, or that is of somebody else; an
    answer that is not of its case, or is not bound at all; an exclusion that nobody decided, and a
    mark that not two persons lifted. Names each record that was destroyed before its day, or while
    a hold or an open case kept it, and where the index lacks a row, by which records are found.

    What a later destruction took away is counted, with its reason, and never as good. No line holds
    personal data. Run `ledger fsck` first: this takes the log as it is.

    Of an audit bag (`ledger audit-bag`) it needs neither database nor secrets: the bag is checked
    as `ledger verify` checks an export, loaded into a temporary database, and hashed again there.

    Ends with 0 when nothing is named, with 1 when something is, with 2 when the audit could not be
    made. Of a bag also with 5 when nothing is named, but nobody has signed for it (no --key, and no
    --policy that names the log), 10 a hash differs, 20 something is missing, 30 unknown version, 40
    a signature.
    """
    if report is not None and report.exists():
        typer.echo(f"ledger: {_EXISTS}", err=True)
        sys.exit(UNKNOWN)
    if bag is not None:
        known = _known(witness or (), policy)
        sys.exit(_audit_bag(bag, key, known, report, letters=letters))
    try:
        settings = Settings.from_environment(os.environ)
        configure(settings.log_level)
        secrets_of(settings)
        with existing(settings) as urls, opened(settings, urls) as container:
            made = Audit(container, settings.projection_wait_s)
            _print_all(made, container, settings if letters else None)
            _write(report, made, container, None, is_signed_for=False)
    except Exception as error:  # noqa: BLE001 -- every reason means the same: nothing is known
        typer.echo(f"ledger: {why(error)}", err=True)
        sys.exit(UNKNOWN)
    sys.exit(_ended(made))


def _known(witness: Sequence[str], policy: Path | None) -> verify.Witnesses | None:
    if not witness and policy is None:
        return None
    try:
        text = None if policy is None else policy.read_text("utf-8")
        return verify.Witnesses(witness, text)
    except (OSError, UnicodeDecodeError):
        typer.echo("ledger: the policy cannot be read", err=True)
        sys.exit(UNKNOWN)
    except verify.Refused as error:
        _print_words(error.ja, error.en)
        sys.exit(UNKNOWN if error.code == verify.USAGE else error.code)


def _ended(made: "Audit") -> int:
    for line in made.summary:
        typer.echo(line, err=bool(made.named))
    return NAMED if made.named else 0


def _print_all(made: "Audit", container: Container, letters: Settings | None) -> None:
    """Print what is named; `letters`: the settings under which letters are made again."""
    for line in made.lines():
        typer.echo(line)
    if letters is None:
        return
    workers = WorkerGroup(container.ledger, container.now, workers=1)
    try:
        with closing(container.replies(letters, workers)) as replies:
            for line in made.lines_of_letters(replies):
                typer.echo(line)
    finally:
        workers.stop()


def _audit_bag(
    place: Path,
    key: str | None,
    known: verify.Witnesses | None,
    report: Path | None,
    *,
    letters: bool,
) -> int:
    configure("WARNING")
    made = None
    is_signed_for = key is not None or (known is not None and bool(known.logs))
    try:
        bag = AuditBag(str(place))
        checks = bag.check(key, known)
        for words in checks:
            _print_words(*words)
        with loaded(bag) as container:
            made = Audit(container, before=indexed(container))
            _print_all(made, container, Settings(name=bag.ledger) if letters else None)
            checked = CheckedBag(bag.id, [ja for ja, _ in checks])
            _write(report, made, container, checked, is_signed_for=is_signed_for)
    except verify.Refused as error:
        _print_words(error.ja, error.en)
        return error.code
    except Exception as error:  # noqa: BLE001 -- as above
        typer.echo(f"ledger: {why(error)}", err=True)
        return NAMED if made is not None and made.named else UNKNOWN
    return _ended(made) or (verify.GOOD if is_signed_for else verify.CONSISTENT)


@dataclass(frozen=True, slots=True)
class CheckedBag:
    """A bag, and what was checked of it, in Japanese."""

    id: str
    checks: Sequence[str]


def _write(
    place: Path | None,
    made: "Audit",
    container: Container,
    bag: CheckedBag | None,
    *,
    is_signed_for: bool,
) -> None:
    if place is None:
        return
    report = AuditReport(
        ledger=container.name,
        at=container.now(),
        events=made.events,
        bag=None if bag is None else bag.id,
        checks=() if bag is None else bag.checks,
        is_signed_for=is_signed_for,
        counts={one.japanese: made.outcomes[one] for one in made.sorted_outcomes},
        letters={one.japanese: made.letters[one] for one in LetterOutcome if made.letters[one]},
        remarks=[japanese_of(one) for one in made.remarks],
        named=made.named,
    )
    with place.open("xb") as file:
        file.write(audit_pdf(report))


def _print_words(*words: str) -> None:
    """What a bag says must not move the cursor of who reads it."""
    for text in words:
        typer.echo("".join(one if one.isprintable() or one == "\u3000" else "?" for one in text))


@dataclass(slots=True)
class _Destroyed:
    """What one pass over the log says of what is gone.

    Attributes:
        streams: of transfers that lost a part → position where the last one was destroyed; None:
            there are too many.
    """

    ends: dict[bytes, KeyEnd]
    streams: dict[UUID, int] | None = field(default_factory=dict[UUID, int])

    def take(self, event: OpenEvent) -> Iterator[EarlyEnd]:
        """Take in the next event; when it was destroyed, where that was early."""
        header = event.header
        end = self.ends.get(header.sealed_key) if header.sealed_key is not None else None
        if end is None:
            return
        early = early_end(header, event.position, end)
        if early is not None:
            yield early
        is_of_transfer = header.statement is not None or header.copies is not None
        if self.streams is not None and is_of_transfer:
            before = self.streams.get(header.stream, 0)
            self.streams[header.stream] = max(before, end.position)
            if len(self.streams) > DESTROYED_MAX:
                self.streams = None


class Audit:
    """One audit of a ledger. Belongs to one thread.

    Args:
        before: what was found before; it is read first.

    Attributes:
        named: how many remarks there were; remarks: the first of them.
        outcomes: what came of the answers; letters: of letters that were made again.
    """

    def __init__(
        self,
        container: Container,
        wait_seconds: float = WAIT_SECONDS,
        before: Iterable[AuditRemark] = (),
    ) -> None:
        self._container = container
        self._before = before
        self._wait_seconds = wait_seconds
        self.named = 0
        self.remarks: list[AuditRemark] = []
        self.events = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.letters: Counter[LetterOutcome] = Counter()

    def lines(self) -> Iterator[str]:
        """A sentence on each finding, as they are found.

        Raises:
            Exception: whatever keeps the audit from being made.
        """
        for one in self._findings():
            yield self._noted(one)

    def lines_of_letters(self, replies: Replies) -> Iterator[str]:
        """A sentence on each letter that says something else than the records. After `lines`.

        Raises:
            Exception: whatever keeps letters from being made again.
        """
        for one in letter_checks(replies, self._container.streams):
            self.letters[one.outcome] += 1
            if one.outcome == LetterOutcome.DIFFERS:
                yield self._noted(one)

    def _noted(self, one: AuditRemark) -> str:
        self.named += 1
        if self.named <= SHOWN_MAX:
            self.remarks.append(one)
        return one.text

    @property
    def sorted_outcomes(self) -> list[Outcome]:
        """What came of the answers, in the order in which it is said."""
        return sorted(self.outcomes, key=lambda one: one.text)

    @property
    def counts(self) -> dict[str, int]:
        """What came of the answers, by sentence."""
        return {one.text: self.outcomes[one] for one in self.sorted_outcomes}

    @property
    def summary(self) -> list[str]:
        """How many answers agree, and how many can no longer be made again, and why."""
        lines = [f"{self.events} events were read, and {self.outcomes.total()} approved replies"]
        lines += [f"{n} {text}" for text, n in self.counts.items()]
        return lines + [f"{self.letters[one]} {one.text}" for one in self.letters]

    def _findings(self) -> Iterator[AuditRemark]:
        container = self._container
        streams = container.streams
        yield from self._before
        ends = key_ends(streams, day_in_japan(container.now()))
        destroyed = _Destroyed(ends)
        yield from self._of_log(destroyed)
        kept = RetainedRecords(streams, ends)
        yield from kept.of_holds()
        records = RecordFinder(container.histories, streams, self._wait_seconds)
        reader = AnswerReader(streams, records, kept, destroyed.streams, self.events)
        for check in reader.checks():
            self.outcomes[outcome_of(check)] += 1
            yield from (*check.findings, *check.unkept)

    def _of_log(self, destroyed: _Destroyed) -> Iterator[AuditRemark]:
        index = IndexCheck(self._container)
        head = self._container.reads.head()
        while self.events < head:
            limit = min(_BATCH, head - self.events)
            facts = self._container.reads.facts_after(self.events, limit, _BATCH_BYTES)
            events = index.opened(facts)
            for event in events:
                yield from destroyed.take(event)
            yield from self._of_links(events)
            self.events = facts[-1].position
        yield from index.faults

    def _of_links(self, events: Sequence[OpenEvent]) -> Iterator[UnfoundLink]:
        """Links that one of their identifiers does not find: what is behind them is left out."""
        streams = self._container.streams
        for one in events:
            if one.header.type != IdentifiersLinked.TYPE or one.content is None:
                continue
            event = fact_of(one).event
            assert isinstance(event, IdentifiersLinked), "as its type says"
            for end in (event.a, event.b):
                rows = streams.reads.lookups([streams.principal_key(end)], ("link",))
                if all(row.stream != one.header.stream for row in rows):
                    yield UnfoundLink(one.position)
