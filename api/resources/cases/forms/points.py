"""What is to be answered with a decision, as the pages show it, and the answers of their form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.case_replies import ReplyRecords
from api.case_replies.points import ToAnswer
from api.resources.cases.forms.approval import entry_words
from api.web.pages.forms import Form
from api.web.pages.words import INFLUENCE, POINTS
from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided, PointAnswered
from ledger.cases.points import FINDINGS, KINDS
from ledger.values import Json

_SOME, _NONE = "some", "none"
assert {_SOME, _NONE} == set(INFLUENCE), "what may be chosen is what is read"
LABELS: Final[Mapping[str, str]] = {
    name: label
    for kind in KINDS
    for name, label in (
        (f"point_{kind}", POINTS[kind]),
        (f"point_{kind}_because", f"理由（{POINTS[kind]}）"),
    )
}
"""Field of the page → what it is called there."""
PLACES: Final[Mapping[str, str]] = {
    pointer: name
    for kind in KINDS
    for pointer, name in (
        (f"points/{kind}", f"point_{kind}"),
        (f"points/{kind}/because", f"point_{kind}_because"),
    )
}
"""Pointer → field of what is wrong with an answer."""
DIGESTS: Final = tuple(f"point_{kind}_digest" for kind in KINDS)
"""Fields that hold what the page showed."""


@dataclass(frozen=True, slots=True)
class PointView:
    """One point.

    Attributes:
        count: how many things it is about; lines: the first of them; more: how many others.
        digest: of all of them, in hex.
        answer: what was said to exactly this; None: nothing yet.
    """

    kind: str
    count: int
    lines: tuple[str, ...]
    more: int
    digest: str
    answer: PointAnswered | None


def build_point_views(
    found: Sequence[ToAnswer], records: ReplyRecords, state: State
) -> tuple[PointView, ...]:
    """The points of a case; a finding beside its record, of those that were found."""
    decision = state.decision
    point_answers = (decision.points if isinstance(decision, CaseDecided) else None) or ()
    answers = {(one.point, one.digest): one for one in point_answers}
    entries = {str(one.transfer): one for one in records.entries}
    made: list[PointView] = []
    for one in found:
        point, lines = one.point, one.labels
        if point.kind == FINDINGS:
            named = (entries.get(subject.partition(" ")[0]) for subject in point.subjects)
            lines = tuple(
                label if entry is None else f"{entry_words(entry)}：{label}"
                for entry, label in zip(named, lines, strict=False)
            )
        count = len(point.subjects)
        answer = answers.get((point.kind, point.digest))
        made.append(
            PointView(point.kind, count, lines, count - len(lines), point.digest.hex(), answer)
        )
    return tuple(made)


def body(form: Form) -> dict[str, Json]:
    """The answers as the API's endpoint takes them; one that says nothing is none."""
    answers: dict[str, Json] = {}
    for kind in KINDS:
        influence, because = form.text(f"point_{kind}"), form.text(f"point_{kind}_because")
        if influence not in INFLUENCE or not because:
            continue
        answer: dict[str, Json] = {"influence": influence == _SOME, "because": because}
        if digest := form.text(f"point_{kind}_digest"):
            answer["digest"] = digest
        answers[kind] = answer
    return answers


def fields_of(point_answers: Iterable[PointAnswered]) -> dict[str, tuple[str, ...]]:
    """The answers of a decision as fields of the form."""
    return {
        name: (text,)
        for one in point_answers
        for name, text in (
            (f"point_{one.point}", _SOME if one.influence else _NONE),
            (f"point_{one.point}_because", one.because),
            (f"point_{one.point}_digest", one.digest.hex()),
        )
    }


def has_same_answers(form: Form, point_answers: Sequence[PointAnswered]) -> bool:
    """Whether the form answers what it shows as a decision did."""
    shown_ones = {kind for kind in KINDS if form.text(f"point_{kind}_digest")}
    decided = {one.point: one for one in point_answers}
    kept = body(Form(fields_of(point_answers)))
    return shown_ones == decided.keys() and body(form) == kept
