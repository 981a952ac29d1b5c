"""Stories of records with names: each one was wrong once, or would be with one fault more.

A random story that fails is printed with its failure; its cause is told here in as few steps.
"""

from datetime import date

from tests.retaining.drawn import (
    Answer,
    Ask,
    Correct,
    Hold,
    Link,
    Record,
    Release,
    Reopen,
    Retract,
    Stop,
    Story,
    Unlink,
)

BEGIN = date(2024, 2, 28)
"""On which each of these stories begins."""

_LONG_AGO = 1080
"""Days: what was written down so long ago dies a month after it is recorded here."""


def _single(*people: str, base: int | None = None) -> tuple[int, Record]:
    return (0, Record("single", people, _LONG_AGO, base))


STORIES: dict[str, Story] = {
    "a base lives by a dependant that only a hold keeps, and no longer": [
        (0, Record("single", ("P1",))),
        (1, Record("single", ("P1",), base=0)),
        (1, Hold(1)),
    ],
    "a base lives for the persons of its dependant": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (1, Link("P2", "P3")),
        (31, Record("single", ("P2",), base=0)),
    ],
    "a chain of dependants": [
        (0, Record("contract", ("P1", "P2"))),
        (150, Record("contract", ("P2",), base=0)),
        (150, Record("single", ("P2",), base=1)),
        (31, Retract(1)),
    ],
    "a chain of dependants of different persons": [
        (0, Record("message", ("P1", "P3"), 1080)),
        (0, Record("contract", ("P1", "P3"), 400)),
        (10, Record("single", ("P2",), 40, base=0)),
        (0, Record("single", ("P2",), 40, base=1)),
        (150, Record("single", ("P1",), base=2)),
        (0, Record("single", ("P1",), base=3)),
        (10, Retract(0)),
    ],
    "a link stands while a hold keeps a record that it leads to": [
        (0, Record("single", ("P1",))),
        (0, Link("P1", "P2")),
        (0, Hold(0)),
    ],
    "a link stands while the next one leads on to a record": [
        (0, Record("single", ("P1",))),
        (0, Link("P1", "P2")),
        (0, Link("P2", "P3")),
        (250, Record("single", ("P3",))),
    ],
    "a hold on a person, and on those linked to it later": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (0, Hold(0, "P1")),
        (31, Link("P1", "P2")),
        (250, Correct(0, "words")),
        (250, Release(0)),
    ],
    "a hold on a person, and on those linked to it until they are unlinked": [
        (0, Record("contract", ("P1", "P2", "P3"), _LONG_AGO)),
        _single("P2"),
        (0, Link("P1", "P2")),
        (0, Hold(0, "P1")),
        (5, Hold(0, "P3")),
        (40, Unlink(0)),
        (31, Link("P1", "P3")),
        (31, Release(1)),
        (31, Unlink(0)),
    ],
    "a hold keeps nothing that was corrected to somebody else": [
        _single("P1"),
        (0, Record("contract", ("P1", "P3"), _LONG_AGO)),
        (0, Hold(0, "P1")),
        (0, Ask("P1")),
        (5, Link("P3", "P2")),
        (5, Correct(0, "words", ("P2",))),
        (40, Correct(1, "words", ("P3",))),
    ],
    "a case that was answered and opened again keeps what its reply showed to the person": [
        _single("P1"),
        _single("P1", base=0),
        (0, Record("log", ("P1",), _LONG_AGO)),
        (0, Ask("P1")),
        (5, Answer(0, "P1")),
        (5, Reopen(0)),
        (0, Correct(0, "words", ("P2",))),
        (0, Correct(1, "words", ("P2",))),
        (0, Correct(2, "words", ("P2",))),
        (60, Answer(0)),
    ],
    "a case keeps whom it names until they are unlinked, and their bases": [
        (0, Record("contract", ("P2", "P3"), _LONG_AGO)),
        _single("P2", base=0),
        _single("P1", "P2"),
        (0, Link("P1", "P2")),
        (0, Link("P2", "P3")),
        (0, Ask("P1")),
        (5, Ask("P3")),
        (40, Unlink(0)),
        (31, Answer(1)),
        (31, Link("P2", "P1")),
    ],
    "a case keeps whom it names, and whom it finds, also when it is opened again": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (0, Ask("P1")),
        (250, Answer(0, "P2")),
        (0, Reopen(0)),
        (150, Record("single", ("P2",), base=0)),
    ],
    "a case is opened again when what it kept is gone": [
        (0, Record("contract", ("P1", "P2"))),
        (0, Record("single", ("P1",))),
        (0, Ask("P1")),
        (250, Ask(None)),
        (250, Answer(0, "P1")),
        (1, Reopen(0)),
        (31, Link("P1", "P2")),
    ],
    "a case and a hold on one record, and a request by name": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (0, Ask("P1")),
        (0, Ask(None)),
        (0, Hold(0, "P1")),
        (250, Answer(0)),
        (250, Release(0)),
        (0, Answer(1, "P3")),
    ],
    "a series and a link live as long as a case": [
        (0, Record("message", ("P1", "P2"))),
        (0, Link("P1", "P3")),
        (1, Record("closing", ("P1",))),
        (150, Ask("P3")),
        (0, Stop("P1")),
    ],
    "two holds, of which one is released": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (0, Hold(0, "P1")),
        (0, Hold(0, "P2")),
        (250, Correct(0, "later")),
        (250, Release(0)),
    ],
    "an open period ends when it is closed": [
        (0, Record("open", ("P1",), 400)),
        (250, Correct(0, "close")),
        (31, Correct(0, "words")),
    ],
    "an open period that was retracted ends": [(0, Record("open", ("P1",))), (31, Retract(0))],
    "a wrong day corrected, and one that prolongs": [
        (0, Record("single", ("P1", "P2"))),
        (1, Correct(0, "earlier")),
        (0, Record("contract", ("P1", "P2"))),
        (250, Correct(1, "words")),
        (10, Correct(0, "later")),
    ],
    "a consent that was withdrawn makes a contract's record an ordinary one": [
        (0, Stop("P2")),
        (0, Link("P2", "P3")),
        (1, Record("contract", ("P1", "P3"))),
        (1, Record("contract", ("P1",))),
    ],
    "a record of long ago is kept for a month": [
        (0, Record("single", ("P1",), 1080)),
        (10, Record("contract", ("P1",), 1080)),
        (10, Correct(1, "words")),
        (1, Record("log", ("P1",), 1080)),
        (1, Retract(0)),
    ],
    "a series that was closed, opened and closed again": [
        (0, Record("message", ("P1", "P2"))),
        (31, Record("closing", ("P2",))),
        (31, Record("message", ("P3",), 40)),
        (10, Retract(1)),
        (150, Record("closing", ("P1",))),
        (31, Hold(0, "P2")),
    ],
    "a series that nobody closes lives on": [
        (0, Record("message", ("P1", "P2"))),
        (250, Record("message", ("P1",))),
        (250, Correct(0, "words")),
        (0, Record("single", ("P3",))),
    ],
    "a period that a correction shortens dies on the day of the original": [
        (31, Record("single", ("P1",))),
        (10, Record("contract", ("P2",))),
        (0, Correct(0, "earlier")),
        (0, Correct(1, "earlier")),
        (0, Correct(0, "words")),
    ],
    "a base in a series": [
        (0, Record("closing", ("P1", "P2"))),
        (250, Record("single", ("P1",), base=0)),
        (0, Hold(1)),
    ],
    "a series that was written down late ends with its last transfer": [
        (0, Record("message", ("P1", "P2"), 400)),
        (250, Correct(0, "later")),
        (1, Record("closing", ("P1",), 400)),
    ],
    "a series of which nothing stands is kept as if each had been recorded by itself": [
        (0, Record("message", ("P1", "P3"), 40)),
        (10, Record("closing", ("P2",))),
        (10, Correct(0, "later")),
        (31, Retract(1)),
        (1, Retract(0)),
    ],
    "a series whose messages name one person by two identifiers": [
        (0, Record("message", ("P2", "P3"))),
        (1, Record("message", ("P1",))),
        (0, Link("P1", "P3")),
        (31, Record("closing", ("P1", "P2"))),
    ],
    "a contract's record that was open is kept for a year from its end": [
        (0, Record("supply", ("P1", "P2"))),
        (31, Correct(0, "close")),
        (0, Record("supply", ("P1",))),
        (10, Retract(1)),
    ],
    "a consent that was withdrawn prolongs a contract's record that was open": [
        (0, Stop("P2")),
        (0, Record("supply", ("P1", "P2"))),
        (31, Correct(0, "later")),
        (10, Correct(0, "close")),
        (1, Correct(0, "earlier")),
    ],
}

KEPT: dict[str, Story] = {
    "a retracted dependant keeps nothing": [
        (0, Record("single", ("P1",))),
        (250, Record("single", ("P1",), base=0)),
        (0, Retract(1)),
    ],
    "what is held twice in a row is copied from the copy": [
        _single("P1", "P2"),
        (0, Hold(0, "P1")),
        (40, Hold(0, "P1")),
        (0, Release(0)),
    ],
    "what another hold names stays until that one ends": [
        _single("P2"),
        (0, Link("P1", "P2")),
        (0, Hold(0, "P1")),
        (0, Hold(0, "P2")),
        (40, Unlink(0)),
        (31, Release(1)),
    ],
    "what a hold on the transfer names stays whole": [
        _single("P2", "P3"),
        (0, Link("P1", "P2")),
        (0, Hold(0, "P1")),
        (0, Hold(0)),
        (40, Unlink(0)),
    ],
    "the base of a record goes with it when only a hold kept both": [
        _single("P3"),
        _single("P2", base=0),
        _single("P1"),
        (0, Link("P1", "P2")),
        (0, Hold(0, "P1")),
        (40, Unlink(0)),
        (10, Release(0)),
    ],
    "a base that nothing needs any more goes although the hold stands": [
        _single("P3"),
        _single("P1", base=0),
        (0, Hold(0, "P1")),
        (40, Retract(1)),
        (40, Release(0)),
    ],
    "what a later record relies on is copied out to its day": [
        _single("P2"),
        (0, Link("P1", "P2")),
        (0, Hold(0, "P1")),
        (40, Record("single", ("P2",), base=0)),
        (0, Unlink(0)),
    ],
    "a record stays while one who is named stands in it": [
        _single("P1", "P2", "P3"),
        (0, Link("P1", "P2")),
        (0, Hold(0, "P1")),
        (40, Correct(0, "words", ("P2",))),
        (40, Release(0)),
    ],
    "a record that is corrected back before the run stays": [
        _single("P1"),
        (0, Ask("P1")),
        (40, Correct(0, "words", ("P2",))),
        (0, Correct(0, "words", ("P1",))),
        (40, Answer(0)),
    ],
    "a hold on the transfer itself keeps it whoever stands in it": [
        _single("P1"),
        (0, Hold(0)),
        (0, Hold(0, "P1")),
        (40, Correct(0, "words", ("P2",))),
        (40, Release(1)),
    ],
    "who holds the other person keeps it and not the first": [
        _single("P1"),
        (0, Hold(0, "P1")),
        (0, Hold(0, "P2")),
        (40, Correct(0, "words", ("P2",))),
        (40, Release(1)),
    ],
    "a period that is still open and a base go with what is corrected away": [
        _single("P3"),
        _single("P1", base=0),
        (0, Record("open", ("P1",), _LONG_AGO)),
        (0, Hold(0, "P1")),
        (40, Correct(1, "words", ("P2",))),
        (0, Correct(2, "close", ("P2",))),
        (40, Release(0)),
    ],
    "what was linked after the reply was not shown by it": [
        _single("P1"),
        _single("P2"),
        (0, Ask("P1")),
        (0, Answer(0, "P1")),
        (0, Reopen(0)),
        (0, Link("P1", "P2")),
        (40, Correct(1, "words", ("P3",))),
        (40, Answer(0)),
    ],
    "two cases of two persons in one record each keep their own": [
        _single("P1", "P2", "P3"),
        (0, Ask("P1")),
        (0, Ask("P2")),
        (40, Answer(0)),
        (10, Answer(1)),
    ],
    "a base and its dependant of one day are both kept for a third": [
        _single("P1"),
        _single("P1", base=0),
        _single("P1"),
        (10, Record("single", ("P1",), 400, base=1)),
    ],
}
"""The same of what holds, cases and dependants keep beyond its day, in as few days as can be."""
