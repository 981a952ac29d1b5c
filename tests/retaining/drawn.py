"""Random stories of records as data: small numbers only, so that they shrink."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

PEOPLE = ("P1", "P2", "P3")
DAYS_MAX = 1_000
"""Under three years, within which no link and no stop may be forgotten."""
SERIES_KINDS = ("message", "closing")
OPENED = ("open", "supply")
"""Periods that are still open: of a collective record, and of a contract's."""
KEYED = (*OPENED, *SERIES_KINDS)
"""Kinds that have a key of their own, which nothing else dies with."""
BASED = ("single", "contract", "gap", "period", *KEYED)
"""Kinds that may take items from another record."""
KINDS = (*BASED, "log")


# -- stories --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """A transfer. `back`: so many days ago it happened and was written down.

    `base`: number of the record from which it takes items; it may be itself, or one that comes
    later, or never.
    """

    kind: str
    people: tuple[str, ...]
    back: int = 0
    base: int | None = None
    series: int = 0


@dataclass(frozen=True, slots=True)
class Correct:
    """`how`: later, earlier (its `recorded_on`), close (an open period), words.

    `people`: those whose it turns out to be instead.
    """

    target: int
    how: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retract:
    target: int


@dataclass(frozen=True, slots=True)
class Hold:
    """On a transfer; `person` on a person instead."""

    target: int
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    which: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for disclosure arrives; `person` None: it gives a name alone."""

    person: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """It turns out to be of that person, is answered, and closed; or it is withdrawn.

    `who` None: it is withdrawn.
    """

    which: int
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """A case that was answered is opened again."""

    which: int


@dataclass(frozen=True, slots=True)
class Link:
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """Two that are linked turn out to be different persons."""

    which: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The person withdraws a consent today."""

    who: str


Step = Record | Correct | Retract | Hold | Release | Ask | Answer | Reopen | Link | Unlink | Stop
Story = Sequence[tuple[int, Step]]
"""Days that pass, then what happens."""

_index = st.integers(0, 4)
_who = st.sampled_from(PEOPLE)
_people = st.lists(_who, min_size=1, max_size=3, unique=True).map(lambda who: tuple(sorted(who)))
_backs = st.sampled_from((0, 0, 1, 40, 400, 1080))
_records = st.builds(
    Record, st.sampled_from(KINDS), _people, _backs, st.none() | _index, st.integers(0, 1)
)
_hows = st.sampled_from(("later", "later", "earlier", "close", "words"))
_steps = st.one_of(
    _records,
    _records,
    st.builds(Correct, _index, _hows),
    st.builds(Correct, _index, _hows, _people),
    st.builds(Hold, _index, st.none() | _who),
    st.builds(Hold, _index, st.none() | _who),
    st.builds(Release, _index),
    st.builds(Ask, st.none() | _who),
    st.builds(Ask, _who),
    st.builds(Answer, _index, st.none() | _who),
    st.builds(Answer, _index, _who),
    st.builds(Reopen, _index),
    st.builds(Retract, _index),
    st.builds(Link, _who, _who),
    st.builds(Unlink, _index),
    st.builds(Stop, _who),
)
_gaps = st.sampled_from((0, 0, 1, 10, 31, 150, 250))
_begun = st.lists(st.tuples(_gaps, _records), min_size=2, max_size=4)
_later = st.lists(st.tuples(_gaps, _steps), min_size=4, max_size=9)


def _joined(begun: Story, later: Story) -> Story:
    return [*begun, *later]


def _is_short(story: Story) -> bool:
    return sum(gap for gap, _ in story) < DAYS_MAX


stories = st.builds(_joined, _begun, _later).filter(_is_short)
