"""What may make an answer wrong although every record of the search is in it.

Each point is answered by whoever decides: it bears on the answer, or it does not, and why. The
answer stands with the decision, and whoever approves reads it.

Source: the published procedure; Act Art. 33(2)(3).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.cases.events.case import CaseDecided, CaseRecordsIdentified, PointAnswered
from ledger.cases.namesakes import is_by_name
from ledger.errors import Defect
from ledger.policies.my_number import my_number_defects

FINDINGS = "findings"
QUARANTINE = "quarantine"
COVERAGE = "coverage"
REASSESSMENT = "reassessment"
BULK = "bulk"
KINDS = (FINDINGS, QUARANTINE, COVERAGE, REASSESSMENT, BULK)
"""Findings on the records; rejected items that may be the person's; days that nobody declared;
transfers that would be judged otherwise now, so that the reply would tell something else; bulk
transfers that were accepted and not yet recorded at the search, so that it found none of them."""
SUBJECTS_KEPT = 100
"""Things of one point that an event lists; its digest is of all of them."""
NOT_EXIST = "not_exist"
"""The outcome of a decision where nothing is found."""

_UNRESOLVED = {
    QUARANTINE: "nothing is said not to exist while a rejected item bears on the answer: have it"
    " repaired or discarded and search once more, or say why it does not bear on it",
    REASSESSMENT: "nothing is said not to exist while a transfer that would be judged otherwise now"
    " bears on the answer: have it judged anew and search once more, or say why it does not bear"
    " on it",
    BULK: "nothing is said not to exist while a bulk transfer that was not yet recorded bears on"
    " the answer: search once more when it is, or say why it does not bear on it",
}
MAY_BE_RECORDS = frozenset(_UNRESOLVED)
"""Kinds of what may be a record of the person: none bears on an answer that says 不存在."""
_POINTS = b"ppl/case-points/1\0"


@dataclass(frozen=True, slots=True)
class CasePoint:
    """One point, with everything that it is about.

    Attributes:
        kind: one of `KINDS`.
        subjects: codes, never typed text, in a fixed order; at least one.
    """

    kind: str
    subjects: tuple[str, ...]
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Compute the digest: SHA-256 of the kind and all subjects."""
        content = json.dumps([self.kind, *self.subjects]).encode()
        object.__setattr__(self, "digest", hashlib.sha256(_POINTS + content).digest())


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """What somebody says to a point.

    Attributes:
        digest: of what they looked at; None: of whatever it is about when they say it.
    """

    influence: bool
    because: str
    digest: bytes | None = None


def answered(
    points: Sequence[CasePoint], answers: Mapping[str, PointAnswer]
) -> tuple[PointAnswered, ...] | None:
    """The answers as the event keeps them; one to a point that there is not is left out."""
    kept = tuple(
        PointAnswered(
            one.kind,
            one.digest,
            len(one.subjects),
            one.subjects[:SUBJECTS_KEPT],
            answers[one.kind].influence,
            answers[one.kind].because,
        )
        for one in points
        if one.kind in answers
    )
    return kept or None


def point_defects(
    points: Sequence[CasePoint], answers: Mapping[str, PointAnswer]
) -> Iterator[Defect]:
    """What is wrong with the answers: each point needs one, about what it is by now.

    Yields:
        `POINT_NOT_ANSWERED`; `POINT_CHANGED`, it is about something else than was looked at;
        `MY_NUMBER_SHOWN`, and `SCHEMA` for a reason that says nothing.
    """
    for kind, answer in answers.items():
        yield from my_number_defects(answer.because, f"/points/{kind}/because")
        if not answer.because.strip():
            yield Defect(f"/points/{kind}/because", "SCHEMA", "say it in words")
    for one in points:
        answer = answers.get(one.kind)
        if answer is None:
            detail = "say whether it bears on the answer, and why"
            yield Defect(f"/points/{one.kind}", "POINT_NOT_ANSWERED", detail)
        elif answer.digest is not None and answer.digest != one.digest:
            detail = "it is about something else by now: look at it again"
            yield Defect(f"/points/{one.kind}/digest", "POINT_CHANGED", detail)


def existence_defects(
    points: Sequence[CasePoint], answers: Mapping[str, PointAnswer]
) -> Iterator[Defect]:
    """What may not be said where nothing is found: that what may be a record bears on the answer.

    A rejected item, or a transfer that would be judged otherwise now, may be a record of the
    person, so nobody says that none exists. Days that nobody declared may stand: nobody here can
    declare them, and the letter names them.

    Yields:
        `POINT_NOT_RESOLVED`.
    """
    for one in points:
        answer = answers.get(one.kind)
        detail = _UNRESOLVED.get(one.kind)
        if detail is not None and answer is not None and answer.influence:
            yield Defect(f"/points/{one.kind}/influence", "POINT_NOT_RESOLVED", detail)


def is_contradicted(decision: CaseDecided) -> bool:
    """Whether a decision of before says that nothing exists, beside what may be a record."""
    return decision.outcome == NOT_EXIST and any(
        one.point in MAY_BE_RECORDS and one.influence for one in decision.points or ()
    )


def is_unsearched(decision: CaseDecided, search: CaseRecordsIdentified) -> bool:
    """Whether a decision of before says that nothing exists, and nobody searched by a name."""
    return decision.outcome == NOT_EXIST and not is_by_name(search)


def are_answered(points: Sequence[CasePoint], kept: Sequence[PointAnswered] | None) -> bool:
    """Whether a decision has an answer to each point as it is by now."""
    known = {(one.point, one.digest) for one in kept or ()}
    return all((one.kind, one.digest) in known for one in points)
