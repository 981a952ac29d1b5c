"""Makes each letter that went out again, and compares what it says with what was sent.

An answer binds which records a reply tells; this is about the words on paper. Which days emitters
had declared complete is left out: it rests on heartbeats, which are no events.

Source: decision 0130.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, cast

from api.case_replies.replies import Replies
from api.case_replies.values import JSON
from ledger.cases.case import State
from ledger.cases.events.case import CaseReceived
from ledger.errors import ExpiredError
from ledger.format.events import RecordsExpired
from ledger.streams.streams import Streams

_CASES_AT_ONCE: Final = 50
_NO_EVENTS: Final = "coverage"


class LetterOutcome(Enum):
    """What came of a letter: in English, in Japanese."""

    SAME = ("letters are made again byte for byte", "書面を作り直して1バイトも違わない")
    OTHERWISE = (
        "letters say the same and are set otherwise, by another version of the renderer",
        "書面の内容は同じで、体裁が異なる（作成に用いた版が異なる）",
    )
    LOST = (
        "letters can no longer be made again: records are destroyed since",
        "再現できない: その後に記録が廃棄されています",
    )
    DIFFERS = ("letters say something else than the records", "書面の内容が記録と異なる")

    @property
    def text(self) -> str:
        """In English."""
        return self.value[0]

    @property
    def japanese(self) -> str:
        """In Japanese."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """What came of a letter.

    Attributes:
        position: where it went out.
    """

    position: int
    outcome: LetterOutcome

    @property
    def text(self) -> str:
        """A sentence without personal data, of one that differs."""
        return f"the letter sent at position {self.position} says something else than the records"


def letter_checks(replies: Replies, streams: Streams) -> Iterator[LetterCheck]:
    """One for each reply that went out and whose case lives, case by case.

    Raises:
        CorruptRecordError: a document is not the one that its event names.
    """
    position = 0
    received = (CaseReceived.TYPE,)
    while stored := streams.reads.facts_of_topics(received, position, _CASES_AT_ONCE):
        position = stored[-1].position
        for one in stored:
            state = streams.case_state(one.stream)
            if state is not None:
                yield from _of_case(state, replies, streams)


def _of_case(state: State, replies: Replies, streams: Streams) -> Iterator[LetterCheck]:
    for number, reply in enumerate(state.replies, 1):
        stored = replies.stored(state.case, number)
        try:
            made = dict(replies.reproduce(state.case, number).documents)
        except ExpiredError:
            yield LetterCheck(reply.position, LetterOutcome.LOST)
            continue
        outcome = LetterOutcome.SAME
        if made != stored:
            is_same = _content(made) == _content(stored)
            outcome = LetterOutcome.OTHERWISE if is_same else LetterOutcome.DIFFERS
        expired = (RecordsExpired.TYPE,)
        if outcome == LetterOutcome.DIFFERS and streams.reads.facts_of_topics(
            expired, reply.position, 1
        ):
            outcome = LetterOutcome.LOST  # a part of a record may be gone
        yield LetterCheck(reply.position, outcome)


def _content(documents: Mapping[str, bytes]) -> dict[str, Any]:
    found = cast("dict[str, Any]", json.loads(documents[JSON]))
    search = found.get("search")
    if isinstance(search, dict):
        found["search"] = {
            name: one for name, one in cast("dict[str, Any]", search).items() if name != _NO_EVENTS
        }
    return found
