"""What the end point of coverage says."""

from datetime import date, datetime
from typing import Final

from api.resources.emitters.schemas import PERIOD, PERIODS, render_period
from api.web.coverage import CoverageView, days_of
from api.web.schemas import Schema, closed
from ledger.cases.letters.coverage import letter_sentences, officer_lines
from ledger.format.header import instant_text
from ledger.values import Json

DAYS_SHOWN_MAX: Final = 62
"""Days of each emitter that the answer tells one by one: two months."""
_GAPS: Final[list[Json]] = [{"from": "2026-11-22", "to": "2026-11-24"}]
COVERAGE_EXAMPLE: Final[dict[str, Json]] = {
    "from": "2026-11-01",
    "to": "2026-11-24",
    "position": 2_110,
    "total": 12,
    "complete": 11,
    "is_complete": False,
    "lines": [
        "送信元の網羅：11/12（対象期間）",
        "広告配信基盤：2026年11月22日から2026年11月24日までの申告なし",
    ],
    "letter": [
        (
            "この回答は、2026年11月1日から2026年11月24日までについて、"
            "その時点までに送信を受けた記録に基づくものです。"
        ),
        "記録を送信する12システムのうち11システムから、全期間の送信完了の申告を受けています。",
        (
            "一部のシステムの送信完了の申告を受けていない期間は、"
            "2026年11月22日から2026年11月24日までです。"
        ),
    ],
    "emitters": [
        {
            "emitter": "ads",
            "name": "広告配信基盤",
            "period": {"from": "2026-11-01", "to": "2026-11-24"},
            "gaps": _GAPS,
            "heartbeat_at": "2026-11-23T09:00:00.000Z",
            "accepted_at": "2026-11-22T18:12:09.480Z",
            "late": True,
            "days": [
                {"day": "2026-11-23", "state": "gap", "lost": 1},
                {"day": "2026-11-22", "state": "overdue", "lost": 0},
            ],
        }
    ],
    "late": 1,
    "unregistered": [
        {
            "source": "https://new.example.jp/export",
            "first_at": "2026-11-24T01:00:00.000Z",
            "last_at": "2026-11-24T01:05:00.000Z",
        }
    ],
    "quarantine": 3,
}

_STRING: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_DAY_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_STATE: Final[Schema] = {
    "enum": ["match", "gap", "differs", "surplus", "late", "declared", "open", "overdue"]
}
_TEXTS: Final[Schema] = {"type": "array", "items": _STRING}
COVERAGE: Final[Schema] = closed(
    {
        "from": {**_DAY_OR_NULL, "description": "null: from each emitter's first day"},
        "to": _DAY,
        "position": {
            "type": "integer",
            "minimum": 0,
            "description": "as of which the statement is made; the rest is as of now",
        },
        "total": {**_COUNT, "description": "emitters that the period concerns"},
        "complete": {**_COUNT, "description": "those that declared every day of it"},
        "is_complete": {
            "type": "boolean",
            "description": "whether all declared every day, and nobody else sends",
        },
        "lines": {**_TEXTS, "description": "in Japanese, for officers: emitters by name"},
        "letter": {**_TEXTS, "description": "in Japanese, as a letter says it: no names"},
        "emitters": {
            "type": "array",
            "items": closed(
                {
                    "emitter": _STRING,
                    "name": _STRING,
                    "period": {
                        "anyOf": [PERIOD, {"type": "null"}],
                        "description": "the days that concern it; null: none, but it stands today",
                    },
                    "gaps": PERIODS,
                    "heartbeat_at": _INSTANT_OR_NULL,
                    "accepted_at": {**_INSTANT_OR_NULL, "description": "to the minute"},
                    "late": {"type": "boolean"},
                    "days": {
                        "type": "array",
                        "items": closed({"day": _DAY, "state": _STATE, "lost": _COUNT}),
                        "description": "how its days stand as of now, the newest of the period "
                        f"first, at most {DAYS_SHOWN_MAX}: closed and all there (`match`), closed "
                        "with some missing (`gap`: `lost` of them), with an unexplained difference "
                        "(`differs`), with more than was said (`surplus`) or with more that came "
                        "in since (`late`; these two for those alone who may mark records under "
                        "Order 11, `match` for others), not closed but declared complete "
                        "(`declared`), neither but over since yesterday alone (`open`), neither "
                        "for longer (`overdue`)",
                    },
                }
            ),
        },
        "late": {**_COUNT, "description": "emitters not heard of in time"},
        "unregistered": {
            "type": "array",
            "items": closed({"source": _STRING, "first_at": _INSTANT, "last_at": _INSTANT}),
            "description": "source prefixes of keys from which transfers were accepted though no "
            "emitter stood for them: no declaration speaks of these; none for who may neither mark "
            "records under Order 11 nor operate (`is_complete` and `lines` say so)",
        },
        "quarantine": {**_COUNT, "description": "rejected items that wait for somebody"},
    }
)


def render_coverage(coverage: CoverageView, today: date, *, has_senders: bool) -> dict[str, Json]:
    """The answer about a period; `today` in Japan.

    Args:
        has_senders: with the sources that send unregistered.
    """
    last = coverage.statement.last_day
    # In numbers of days: before the calendar's first one there is none.
    oldest = date.fromordinal(max(last.toordinal() - DAYS_SHOWN_MAX + 1, 1))
    first = max(coverage.statement.first_day or oldest, oldest)
    statement = coverage.statement
    shares = {share.emitter: share for share in statement.shares}
    emitters: list[Json] = []
    for state, contact in coverage.contacts:
        share = shares.get(state.id)
        emitters.append(
            {
                "emitter": state.id,
                "name": state.registration.name,
                "period": None if share is None else render_period(share.period),
                "gaps": [] if share is None else [render_period(one) for one in share.gaps],
                "heartbeat_at": _instant(contact.beat_at),
                "accepted_at": _instant(contact.accepted_at),
                "late": contact.late,
                "days": [
                    {"day": one.day.isoformat(), "state": one.state, "lost": one.lost}
                    for one in days_of(state, coverage, first, last, today)
                ],
            }
        )
    return {
        "from": None if statement.first_day is None else statement.first_day.isoformat(),
        "to": statement.last_day.isoformat(),
        "position": coverage.position,
        "total": statement.total,
        "complete": statement.complete,
        "is_complete": statement.is_complete and not coverage.strangers,
        "lines": list(officer_lines(statement)),
        "letter": list(letter_sentences(statement)),
        "emitters": emitters,
        "late": sum(1 for _, contact in coverage.contacts if contact.late),
        "unregistered": [
            {
                "source": one.source,
                "first_at": instant_text(one.first_at),
                "last_at": instant_text(one.last_at),
            }
            for one in coverage.strangers
            if has_senders
        ],
        "quarantine": coverage.quarantine,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
