"""Compares what a reply bound with what the records say: values in, findings out.

Whoever may see everything makes each answer again. One that differs is tried in the shapes of which
a false one is made: the edit that gives the committed value says what was done. Pure, so that an
export may be a second source.

Source: `docs/reference/event-format.md`, section 11; decision 0124.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations, product
from math import prod
from typing import Final
from uuid import UUID

from ledger.cases.case import records_digest
from ledger.crypto.answers import AnsweredLine, AnswerKeys, answer_of
from ledger.format.json import canonical
from ledger.format.proof import subject_of
from ledger.retention.kept_ends import UnkeptRecord
from ledger.values import PrincipalRef

SUBSETS_MAX: Final = 12
"""Of so many records every selection is tried; of more, those that lack one or two."""
PAIRS_MAX: Final = 60
"""Of so many edits every two are tried together."""
TRIES_MAX: Final = 20_000
"""Selections of destroyed records, or of their lines, that are tried for one answer."""
GONE_EDITED_MAX: Final = 50
"""Of so many selections of lines of destroyed records the edits are tried, too."""


class AuditKind(StrEnum):
    """What is wrong; the value is the sentence that says so."""

    LEFT_OUT = "leaves a record of the person out"
    TWICE = "tells a record twice"
    OLD_VERSION = "tells a record in an old version"
    NEIGHBOUR = "tells a record of somebody else"
    NOT_REQUESTED = "tells a record of the person that was not asked for"
    EXCLUDED = "tells a record that was excluded"
    WITHHOLDING = "says otherwise than the decision whether a record is withheld"
    NOT_OF_CASE = "is not of its case"
    COPIED = "is the answer of another reply"
    RECORDS_DIFFER = "binds other records than the search of its case says"
    NO_ANSWER = "is approved, and no answer is bound for it"
    UNDECIDED = "leaves a record out as excluded, and no daily event says who decided it"
    ONE_PERSON = "tells a record that its emitter marked, and not two persons lifted the mark"
    TOO_OLD = "is as of a position from before its case could be searched"
    STALE = "leaves out what was recorded of the person on a day before the search"
    NO_REVIEW = "rests on a decision that has no review of what was excluded"
    FORM_1 = "is bound in form 1, and an answer before it in form 2"
    DIFFERS = "tells something else than the records say"


class LostBy(StrEnum):
    """Why an answer can no longer be made again."""

    CASE = "the case is destroyed"
    EXCLUSIONS = "what was excluded then is destroyed"
    RECORDS = "a record is destroyed; which one is proven, what was told is not"
    INCLUDED = "a record is destroyed; it is proven which one, and that it and all others were told"
    PERHAPS = "records are destroyed since, and it cannot be proven that it told those"
    PARTS = "a part of a record is destroyed"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Something that is wrong with an answer.

    Attributes:
        position: of the answer, or of the approval that has none.
        record: position of the first event of the transfer that it is about; None: of none.
    """

    position: int
    kind: AuditKind
    record: int | None = None

    @property
    def text(self) -> str:
        """A sentence without personal data."""
        about = "" if self.record is None else f" (recorded at position {self.record})"
        return f"the answer at position {self.position} {self.kind.value}{about}"


@dataclass(frozen=True, slots=True)
class AuditedSearch:
    """A search of the case.

    Attributes:
        position, at: of its event; as_of: up to where it searched.
        searchable_from: up to where it had to search at least.
        provided, received: how many records it found; digest: of them.
    """

    position: int
    at: datetime
    searchable_from: int
    as_of: int
    identifiers: tuple[PrincipalRef, ...]
    tried: tuple[PrincipalRef, ...]
    provided: int
    received: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class AuditedAnswer:
    """An answer as it is bound, and what its case says of it.

    Attributes:
        search: the one that the reply is on; None: the case has none.
        searches: the other ones of the case up to there.
        is_of_reply: it is bound with the content that was approved, as of the search.
    """

    ledger: str
    case: UUID
    position: int
    as_of: int
    value: bytes
    salt: bytes = field(repr=False)
    search: AuditedSearch | None = None
    searches: tuple[AuditedSearch, ...] = ()
    is_of_reply: bool = True


@dataclass(frozen=True, slots=True)
class AuditedLine:
    """One line as an answer has it.

    Attributes:
        record: the stream of the record that it belongs to.
    """

    record: UUID
    line: AnsweredLine
    withholds: bool


@dataclass(frozen=True, slots=True)
class AuditedRecords:
    """What the records say, as of the search.

    Attributes:
        provided, received: streams of the records, by side.
        parts_lost: a part of one of them is destroyed.
    """

    lines: tuple[AuditedLine, ...]
    provided: tuple[UUID, ...]
    received: tuple[UUID, ...]
    parts_lost: bool = False


@dataclass(frozen=True, slots=True)
class Suspects:
    """Of what a false answer may be made.

    Attributes:
        earlier: line → the same in older versions.
        added: lines that are none of the answer's, with what telling one of them would be.
        cases: streams of the ledger's cases.
        is_copy: another event binds the same value.
    """

    earlier: Mapping[AnsweredLine, Sequence[AnsweredLine]] = field(
        default_factory=dict[AnsweredLine, Sequence[AnsweredLine]]
    )
    added: Sequence[tuple[AuditKind, AuditedLine]] = ()
    cases: Iterable[UUID] = ()
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """Why an answer can no longer be made again, with the records that it told where proven."""

    by: LostBy
    gone: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """What came of one answer.

    Attributes:
        form: in which it agrees; None where it does not.
        lost: why it can no longer be made again.
        gone: streams of the records that it told and that are destroyed, where that is proven.
        unkept: those among them that went although the case, or a hold, kept them.
        is_before: an approved reply of before answers were bound.
    """

    position: int
    form: int | None = None
    findings: tuple[AuditFinding, ...] = ()
    lost: LostBy | None = None
    gone: tuple[UUID, ...] = ()
    unkept: tuple[UnkeptRecord, ...] = ()
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class _Edit:
    """A change of the lines, and what it would be."""

    kind: AuditKind
    without: frozenset[int] = frozenset()
    added: tuple[AuditedLine, ...] = ()
    record: int | None = None


def agreement(answer: AuditedAnswer, records: AuditedRecords) -> int | None:
    """The form in which the answer agrees with the records; None: in none."""
    if answer.search is None:
        return None
    return _Trial(answer, answer.search).form(records.lines)


def structure(answer: AuditedAnswer, records: AuditedRecords | None) -> Iterator[AuditFinding]:
    """What is wrong whatever the answer tells.

    Args:
        records: of an answer that agrees with them; else None.
    """
    search = answer.search
    if search is None or not answer.is_of_reply or search.as_of != answer.as_of:
        yield AuditFinding(answer.position, AuditKind.NOT_OF_CASE)
    elif records is not None and _digest(records) != search.digest:
        yield AuditFinding(answer.position, AuditKind.RECORDS_DIFFER)


def loss(
    answer: AuditedAnswer, records: AuditedRecords, destroyed: Sequence[UUID] | None
) -> Loss | None:
    """Why an answer that does not agree may no longer be made again; None: nothing says so.

    Args:
        destroyed: streams of transfers of which something was destroyed since; None: too many.
    """
    search = answer.search
    if search is None:
        return None
    missing = (search.provided - len(records.provided), search.received - len(records.received))
    found = None
    if sum(missing) > 0 and min(missing) >= 0:
        found = _destroyed(search, records, destroyed, missing)
    if found is None and records.parts_lost:
        return Loss(LostBy.PARTS)
    return found


def explanation(
    answer: AuditedAnswer, records: AuditedRecords, suspects: Suspects, lost: Loss | None = None
) -> AnswerCheck:
    """What was done to an answer that does not agree, or why it can no longer be made again.

    What a destruction may have taken away is never called good.
    """
    at, search = answer.position, answer.search
    assert search is not None, "what is not of its case is explained by that"
    found = _edited(answer, search, records, suspects)
    if suspects.is_copy:
        found = (AuditFinding(at, AuditKind.COPIED),)
    elif not found and _is_of_other(answer, search, records.lines, suspects.cases):
        found = (AuditFinding(at, AuditKind.NOT_OF_CASE),)
    if not found and lost is not None:
        return AnswerCheck(at, lost=lost.by, gone=lost.gone)
    return AnswerCheck(at, findings=found or (AuditFinding(at, AuditKind.DIFFERS),))


def includes_destroyed(
    answer: AuditedAnswer, records: AuditedRecords, gone: Sequence[Sequence[AuditedLine]]
) -> bool:
    """Whether an answer told all records, those that are destroyed among them.

    Args:
        gone: of each of these the lines that it may have had.
    """
    assert answer.search is not None, "nothing is proven of an answer without one"
    if prod(len(one) for one in gone) > TRIES_MAX:
        return False
    trial = _Trial(answer, answer.search)
    return any(trial.form((*records.lines, *some)) is not None for some in product(*gone))


def destroyed_explained(
    answer: AuditedAnswer,
    records: AuditedRecords,
    gone: Sequence[Sequence[AuditedLine]],
    suspects: Suspects,
) -> tuple[AuditFinding, ...]:
    """What was done to an answer that told other lines; nothing where that cannot be proven.

    Args:
        gone: see `includes_destroyed`.
    """
    assert answer.search is not None, "as above"
    if prod(len(one) for one in gone) > GONE_EDITED_MAX:
        return ()
    for some in product(*gone):
        every = replace(records, lines=(*records.lines, *some))
        if found := _edited(answer, answer.search, every, suspects):
            return found
    return ()


class _Trial:
    """Makes the value of an answer of other lines: what does not change is made once."""

    def __init__(self, answer: AuditedAnswer, search: AuditedSearch) -> None:
        self._answer = answer
        self._keys = [AnswerKeys.of(answer.salt, form) for form in (2, 1)]
        self._subjects = [
            canonical(subject_of(keys, search.identifiers, search.tried)) for keys in self._keys
        ]
        self._digests: dict[AnsweredLine, tuple[bytes, bytes]] = {}

    def form(self, lines: Sequence[AuditedLine], case: UUID | None = None) -> int | None:
        """The form in which these lines give the committed value, as of this case or another."""
        ordered = sorted(lines, key=lambda one: (one.line.first, one.line.line))
        place = (self._answer.ledger, case or self._answer.case, self._answer.as_of)
        for n, (keys, asked) in enumerate(zip(self._keys, self._subjects, strict=True)):
            digests = [(self._digest(one.line)[n], one.withholds) for one in ordered]
            if answer_of(keys, *place, asked, digests) == self._answer.value:
                return keys.form
        return None

    def _digest(self, line: AnsweredLine) -> tuple[bytes, bytes]:
        found = self._digests.get(line)
        if found is None:
            found = self._digests[line] = (line.digest, line.of_form_1.digest)
        return found


def _is_of_other(
    answer: AuditedAnswer,
    search: AuditedSearch,
    lines: Sequence[AuditedLine],
    cases: Iterable[UUID],
) -> bool:
    """Whether it is made for another case, or for another search of its own."""
    asked = [(one.identifiers, one.tried) for one in (search, *answer.searches)]
    for identifiers in dict.fromkeys(who for who, _ in asked):
        for tried in dict.fromkeys(tried for _, tried in asked):
            other = replace(search, identifiers=identifiers, tried=tried)
            if _Trial(answer, other).form(lines) is not None:
                return True
    trial = _Trial(answer, search)
    return any(trial.form(lines, one) is not None for one in cases)


def _edited(
    answer: AuditedAnswer, search: AuditedSearch, records: AuditedRecords, suspects: Suspects
) -> tuple[AuditFinding, ...]:
    """The fewest edits that give the committed value, each as a finding."""
    edits = [*_edits(records.lines, suspects)]
    tried: list[tuple[_Edit, ...]] = [(one,) for one in edits]
    tried += _selections(records.lines)
    small = edits if len(edits) <= PAIRS_MAX else _omissions(records.lines)
    if len(small) <= PAIRS_MAX:
        tried += combinations(small, 2)
    trial = _Trial(answer, search)
    for some in tried:
        without = frozenset[int]().union(*(one.without for one in some))
        lines = [one for n, one in enumerate(records.lines) if n not in without]
        lines += [line for one in some for line in one.added]
        if trial.form(lines) is not None:
            places = {(one.kind, one.record): None for one in some}
            return tuple(AuditFinding(answer.position, *one) for one in places)
    return ()


def _edits(lines: Sequence[AuditedLine], suspects: Suspects) -> Iterator[_Edit]:
    yield from _omissions(lines)
    for n, one in enumerate(lines):
        own, at = frozenset({n}), one.line.first
        flipped = AuditedLine(one.record, one.line, not one.withholds)
        yield _Edit(AuditKind.LEFT_OUT, own, (), at)
        yield _Edit(AuditKind.TWICE, frozenset(), (one,), at)
        yield _Edit(AuditKind.WITHHOLDING, own, (flipped,), at)
        for earlier in suspects.earlier.get(one.line, ()):
            old = AuditedLine(one.record, earlier, one.withholds)
            yield _Edit(AuditKind.OLD_VERSION, own, (old,), at)
            yield _Edit(AuditKind.TWICE, frozenset(), (old,), at)
    for kind, line in suspects.added:
        for withholds in (False, True):
            more = AuditedLine(line.record, line.line, withholds)
            yield _Edit(kind, frozenset(), (more,), line.line.first)


def _omissions(lines: Sequence[AuditedLine]) -> list[_Edit]:
    """Each record left out, with all its lines."""
    numbers: dict[UUID, list[int]] = {}
    for n, one in enumerate(lines):
        numbers.setdefault(one.record, []).append(n)
    return [
        _Edit(AuditKind.LEFT_OUT, frozenset(own), (), lines[own[0]].line.first)
        for own in numbers.values()
    ]


def _selections(lines: Sequence[AuditedLine]) -> Iterator[tuple[_Edit, ...]]:
    """Several records left out; of many, all of them."""
    omissions = _omissions(lines)
    if len(omissions) > SUBSETS_MAX:
        yield tuple(omissions)
        return
    for count in range(2, len(omissions) + 1):
        yield from combinations(omissions, count)


def _destroyed(
    search: AuditedSearch,
    records: AuditedRecords,
    candidates: Sequence[UUID] | None,
    missing: tuple[int, int],
) -> Loss | None:
    """Which destroyed records the search had found; None: none of those that there are."""
    if candidates is None:
        return Loss(LostBy.PERHAPS)
    left = [one for one in candidates if one not in (*records.provided, *records.received)]
    tries = 0
    for provided in combinations(left, missing[0]):
        rest = [one for one in left if one not in provided]
        for received in combinations(rest, missing[1]):
            tries += 1
            if tries > TRIES_MAX:
                return Loss(LostBy.PERHAPS)
            sides = (*records.provided, *provided), (*records.received, *received)
            if records_digest(*sides) == search.digest:
                return Loss(LostBy.RECORDS, (*provided, *received))
    return None


def _digest(records: AuditedRecords) -> bytes:
    return records_digest(records.provided, records.received)
