"""A case as a whole: the form, the papers and what they prove, the clocks, the replies."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from api.auth import Caller
from api.case_replies.points import ToAnswer
from api.resources.cases.schemas.case_view import render_due
from api.resources.cases.schemas.examples import ACTOR, CASE, EXAMINATION, REQUEST, SIMILAR_EXAMPLE
from api.resources.cases.step_endpoints import open_endpoints
from ledger.cases import case
from ledger.cases.case import State
from ledger.cases.clocks import all_clocks
from ledger.cases.events.case import CaseDecided, CaseRefused, PointAnswered
from ledger.cases.events.intake import Examination
from ledger.cases.events.substitute import Substitute
from ledger.cases.identification import warnings
from ledger.cases.papers import identity_request, judged_request
from ledger.cases.points import CasePoint
from ledger.cases.service import CaseFact
from ledger.clock import day_in_japan
from ledger.format.events import ExpiredEvent
from ledger.format.header import instant_text
from ledger.law.procedure import codes
from ledger.law.procedure.reasons import REASONS
from ledger.law.procedure.version import Procedure
from ledger.policies.addresses.comparison import Comparison, ThreeAddresses, compare_three
from ledger.policies.deadlines import adult_from, valid_through
from ledger.policies.identity.papers import reference_day
from ledger.policies.identity.verdict import decide_identity
from ledger.policies.substitutes import code_points
from ledger.values import Json

_PAPERS = cast("list[dict[str, Json]]", EXAMINATION["papers"])
_FORM = "東京都千代田区永田町2-11-1"
_ON_PAPERS = "東京都千代田区永田町二丁目11番1号"
_REGISTERED = "東京都千代田区永田町2丁目11-1"
_SPELLING: Final[Json] = {"proposal": "spelling", "differences": []}

WHOLE_EXAMPLE: Final[dict[str, Json]] = {
    "case": CASE,
    "number": "2026-001841",
    "position": 1841,
    "version": 4,
    "status": "review",
    "procedure": "2022-10-01",
    "received_at": "2026-11-24T01:12:09.480Z",
    "ended_at": None,
    "application": {
        "kind": "provision_records",
        "channel": "post",
        "about_other_person": False,
        "provided": True,
        "received": True,
        **REQUEST,
    },
    "examination": {
        "papers": [
            {**one, "valid_through": "2027-01-01", "looked_at_as_of": "2026-11-24"}
            for one in _PAPERS
        ],
        "addresses": {
            "has_registered": True,
            "form_is_registered": True,
            "identity_is_form": True,
        },
        "seal_registered": {},
        "form_missing": [],
        "form_checked": True,
        "identity_address": _ON_PAPERS,
        "registered_address": _REGISTERED,
    },
    "check": {
        "outcome": "verified",
        "ground": None,
        "reasons": [],
        "shortcomings": [],
        "open": [],
    },
    "addresses": {
        "form": _FORM,
        "on_papers": _ON_PAPERS,
        "registered": _REGISTERED,
        "form_registered": _SPELLING,
        "identity_form": _SPELLING,
        "identity_registered": _SPELLING,
    },
    "correction": None,
    "reply_to": {"person": "principal", "address": "registered"},
    "search": {
        "as_of": 1850,
        "identifiers": REQUEST["identifiers"],
        "tried": [],
        "evidence": "会員番号と氏名が一致",
        "name_checks": ["matches"],
        "names_searched": ["見本 花子"],
        "provided": 12,
        "received": 3,
        "digest": "e00add0fb8ea7d3a76d6793297fdf204a288b88f96c1de6a138328b27c263b01",
    },
    "person": None,
    "decision": None,
    "substitutes": [],
    "submission": None,
    "points": [
        {
            "point": "coverage",
            "digest": "5c1a3b0f0a9c6f0e3a7f1bb1f2f4a7d0d0f6f2a19fd1c9b64d1b8a6e7c3f9b20",
            "count": 1,
            "subjects": [
                {
                    "subject": "2026-11-23/2026-11-23",
                    "label": "2026年11月23日：送信完了の申告のない送信元があります。",
                }
            ],
            "answer": None,
        }
    ],
    "replies": [],
    "flags": [],
    "warnings": [],
    "clocks": {
        "two_weeks_end": {"on": "2026-12-08", "runs": True},
        "suit_possible_from": {"on": "2026-12-09", "runs": False},
        "decision": {"on": "2026-12-07", "runs": True},
    },
    "due": {"clock": "decision", "on": "2026-12-07"},
    "next": [
        "documents",
        "resubmission",
        "principal",
        "decisions",
        "withdrawal",
        "death",
        "entry-mistake",
        "print-as",
    ],
    "events": [
        {
            "position": 1841,
            "version": 1,
            "type": "case-received",
            "at": "2026-11-24T01:12:09.480Z",
            "actor": ACTOR,
        },
        {
            "position": 1851,
            "version": 4,
            "type": "case-records-identified",
            "at": "2026-11-24T02:40:31.007Z",
            "actor": ACTOR,
        },
    ],
    "mistake": None,
    "replaced_by": None,
    "replaces": [],
    "envelope": [],
    **SIMILAR_EXAMPLE,
    "viewed_at_position": 1860,
}


def render_whole_case(
    case_with_facts: tuple[State, Sequence[CaseFact]],
    procedure: Procedure,
    caller: Caller,
    at: datetime,
) -> dict[str, Json]:
    """Everything of a case, for the people of the desk."""
    state, facts = case_with_facts
    return {
        "case": str(state.case),
        "number": state.number,
        "position": state.position,
        "version": state.version,
        "status": state.status.value,
        "procedure": state.procedure,
        "received_at": instant_text(state.received_at),
        "ended_at": None if state.ended_at is None else instant_text(state.ended_at),
        "application": plain(state.application),
        "examination": _examination(state, procedure),
        "check": _check(state, procedure, day_in_japan(at)),
        "addresses": _addresses(state),
        "correction": plain(state.correction),
        "reply_to": plain(state.reply_to),
        "search": plain(state.search),
        "person": plain(state.person),
        "decision": _decision(state),
        "substitutes": [_substitute(one) for one in state.substitutes],
        "submission": _submission(state, procedure),
        "warnings": [*warnings(state)],
        "replies": [_reply(one) for one in state.replies],
        "clocks": _clocks(state, procedure),
        "due": render_due(state, procedure),
        "next": open_endpoints(state, procedure, caller),
        "events": [_event(one) for one in facts],
    }


def plain(value: object) -> Json:
    """A value of the domain as JSON: days and instants as text, bytes as hex.

    A member that is None is absent: it was not stated, or not looked at.
    """
    if is_dataclass(value) and not isinstance(value, type):
        stated = {one.name: getattr(value, one.name) for one in fields(cast("Any", value))}
        return {name: plain(one) for name, one in stated.items() if one is not None}
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {str(name): plain(one) for name, one in members.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in cast("Sequence[object]", value)]
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else cast("Json", value)


def _examination(state: State, procedure: Procedure) -> Json:
    """The newest look, each paper with the last day of its validity; None when there is none."""
    if state.check is None:
        return None
    examination = state.check.examination
    shown = cast("dict[str, Json]", plain(examination))
    papers = cast("list[dict[str, Json]]", shown["papers"])
    for n, paper in enumerate(papers):
        last = _valid_through(n, examination, state, procedure)
        paper["valid_through"] = None if last is None else last.isoformat()
        request = identity_request(state, state.application.arrived_on)
        paper["looked_at_as_of"] = reference_day(
            examination.papers[n], request, procedure
        ).isoformat()
    return shown


def _valid_through(
    n: int, examination: Examination, state: State, procedure: Procedure
) -> date | None:
    paper = examination.papers[n]
    if paper.valid_until is not None:
        return paper.valid_until
    document = procedure.document(paper.kind, state.application.arrived_on)
    if document is None or paper.issued_on is None:
        return None
    if document.max_age_months is None and not document.shows:
        return None
    usual = procedure.validity_on(state.application.arrived_on).months
    return valid_through(paper.issued_on, document.max_age_months or usual)


def _check(state: State, procedure: Procedure, today: date) -> Json:
    """The verdict over the papers as of today: it also knows whether a correction is overdue."""
    verdict = decide_identity(judged_request(state, procedure, today), procedure)
    return {
        "outcome": verdict.outcome,
        "ground": verdict.ground,
        "reasons": list(verdict.reasons),
        "shortcomings": [
            {
                **cast("dict[str, Json]", plain(one)),
                "label": REASONS[one.code].label,
                "cure": REASONS[one.code].cure,
            }
            for one in verdict.shortcomings
        ],
        "open": [plain(one) for one in verdict.open],
    }


def _addresses(state: State) -> Json:
    """The three addresses and what the comparison proposes; the officer decides."""
    examination = state.check.examination if state.check is not None else None
    form = state.application.form.get("address")
    on_papers = examination.identity_address if examination is not None else None
    registered = examination.registered_address if examination is not None else None
    found = ThreeAddresses(None, None, None)
    if form is not None:
        found = compare_three(form, on_papers, registered)
    return {
        "form": form,
        "on_papers": on_papers,
        "registered": registered,
        "form_registered": _comparison(found.form_registered),
        "identity_form": _comparison(found.identity_form),
        "identity_registered": _comparison(found.identity_registered),
    }


def _comparison(found: Comparison | None) -> Json:
    if found is None:
        return None
    differences = [plain(one) for one in found.differences]
    return {"proposal": found.proposal.value, "differences": differences}


def _decision(state: State) -> Json:
    decision = state.decision
    if isinstance(decision, CaseRefused):
        return {"outcome": "procedural_refusal", **cast("dict[str, Json]", plain(decision))}
    return plain(decision)


def _substitute(one: Substitute) -> Json:
    """A printed form, with what was written by its code points: a screen may lack it, too."""
    shown = cast("dict[str, Json]", plain(one))
    return {**shown, "code_points": code_points(one.written)}


def _submission(state: State, procedure: Procedure) -> Json:
    """What waits for an approval, or has it: never the code by which a letter is verified."""
    if state.submission is None:
        return None
    found = state.search or state.person
    return {
        "content": state.submission.content.hex(),
        "preparers": [*sorted(state.step_actors.preparers(procedure.readings.preparers))],
        "approved_on": None if state.approved_on is None else state.approved_on.isoformat(),
        "approver": state.approver,
        "already_posted_only": state.revived is not None,
        "names_differ": plain((found and found.names_differ) or ()),
        "left_out": plain((state.search and state.search.left_out) or ()),
        "others_left_out": None if state.search is None else state.search.others_left_out,
    }


def render_points(state: State, points: Sequence[ToAnswer]) -> list[Json]:
    """What is to be answered before the decision, as it is by now, and what was answered to it."""
    decision = state.decision
    point_answers = (decision.points if isinstance(decision, CaseDecided) else None) or ()
    return [
        {
            "point": one.point.kind,
            "digest": one.point.digest.hex(),
            "count": len(one.point.subjects),
            "subjects": [
                {"subject": subject, "label": label}
                for subject, label in zip(one.point.subjects, one.labels, strict=False)
            ],
            "answer": _answer_to(one.point, point_answers, state),
        }
        for one in points
    ]


def _answer_to(point: CasePoint, point_answers: Sequence[PointAnswered], state: State) -> Json:
    for one in point_answers:
        if one.point == point.kind and one.digest == point.digest:
            by = state.step_actors.decided
            return {"influence": one.influence, "because": one.because, "by": by}
    return None


def _reply(one: case.Reply) -> Json:
    decision = one.decision
    outcome = None if isinstance(decision, CaseRefused) else decision.outcome
    return {
        "position": one.position,
        "outcome": outcome or "procedural_refusal",
        "dispatched_on": one.dispatched_on.isoformat(),
        "item_number": one.item_number,
        "password_letter": plain(one.password_letter),
        "content": one.content.hex(),
        "supplementary": one.supplementary,
        "superseded": one.superseded,
        "delivered_on": None if one.delivered_on is None else one.delivered_on.isoformat(),
        "returned": one.returned,
    }


def _clocks(state: State, procedure: Procedure) -> Json:
    """Every clock that has started, and which of them still run."""
    pending = case.running(state, procedure)
    days = dict(all_clocks(state, procedure))
    if state.application.birth_date is not None:
        days["adult_from"] = adult_from(state.application.birth_date)
    is_minors = state.application.representation in codes.OF_MINORS
    return {
        name: {
            "on": day.isoformat(),
            "runs": name in pending or (name == "adult_from" and is_minors and state.is_open),
        }
        for name, day in days.items()
    }


def _event(fact: CaseFact) -> Json:
    assert not isinstance(fact.event, ExpiredEvent), "a case whose key is dead is not shown"
    return {
        "position": fact.position,
        "version": fact.version,
        "type": fact.event.TYPE,
        "at": instant_text(fact.at),
        "actor": fact.actor,
    }
