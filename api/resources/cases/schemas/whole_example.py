"""A case as a whole, as an example. Invented people only."""

from typing import Final, cast

from api.resources.cases.schemas.examples import ACTOR, CASE, EXAMINATION, REQUEST, SIMILAR_EXAMPLE
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
