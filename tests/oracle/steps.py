"""Random ledgers as data: steps that Hypothesis draws, small numbers only, so that they shrink."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from hypothesis import strategies as st

PEOPLE: tuple[tuple[str, str], ...] = (
    ("member", "P1"),
    ("member", "P2"),
    ("email", "taro@mihon.example"),
    ("account", "A1"),
    ("member", "p1"),
    ("email", "Taro@Mihon.example"),
    ("member", " P2 "),
)
PERSONS = 5
"""As many of them have different normal forms; the others are spellings of those."""
NAMES = ("見本 太郎", "見本 花子", None)
DAYS = tuple(date(2026, month, day) for month in (3, 4, 5) for day in (1, 15))
LATER_DAYS = (date(2026, 6, 20), date(2027, 1, 1))
PARTIES: tuple[dict[str, Any], ...] = (
    {
        "party_id": "docomo",
        "kind": "corporation",
        "name": "株式会社NTTドコモ",
        "address": "東京都千代田区永田町2-11-1",
        "representative": "代表取締役 試験太郎",
    },
    {
        "party_id": "x",
        "kind": "corporation",
        "name": "X株式会社",
        "address": "東京都港区芝1-1-1",
        "representative": None,
    },
    {"kind": "individual", "name": "見本 次郎", "address": "大阪府大阪市北区1-1"},
    {"kind": "public_body", "name": "見本市", "address": "見本県見本市1-1", "party_id": "city"},
    {
        "party_id": "far",
        "kind": "corporation",
        "name": "Far Inc.",
        "address": "1 Far Street",
        "representative": "A. Far",
        "country": "US",
    },
)
ITEMS = (["氏名"], ["氏名", "ご利用履歴"], ["利用情報"], ["年収"])
BASES: tuple[dict[str, Any], ...] = (
    {"direction": "provided", "basis": "consent_27_1", "consent": {"obtained": True}},
    {
        "direction": "provided",
        "basis": "consent_27_1",
        "consent": {"obtained": True, "at": "2026-03-20T09:00:00+09:00", "evidence": "log-7"},
        "method": "contract",
        "contract_reference": "契約第1号",
    },
    {
        "direction": "received",
        "basis": "consent_27_1",
        "consent": {"obtained": True},
        "acquisition": "本人から書面で取得",
    },
    {
        "direction": "received",
        "basis": "consent_27_1",
        "consent": {"obtained": True},
        "acquisition": None,
    },
    {"direction": "provided", "basis": "opt_out_27_2", "notice_id": "OPT-OUT"},
    {
        "direction": "provided",
        "basis": "joint_use_27_5_iii",
        "notice_id": "JOINT-USE",
        "purpose": "④",
    },
    {
        "direction": "provided",
        "basis": "joint_use_27_5_iii",
        "notice_id": "JOINT-USE",
        "purpose": "新しい目的",
    },
    {"direction": "provided", "basis": "exempt_27_1_i", "purpose": "捜査照会への回答"},
    {"direction": "provided", "basis": "entrustment_27_5_i", "use_beyond_entrustment": True},
    {"direction": "received", "basis": "non_operator_source", "acquisition": "来店時に申告"},
    {
        "direction": "provided",
        "basis": "personally_referable_31_1",
        "data_kind": "personally_referable",
        "consent": {"obtained": True},
    },
    {
        "direction": "received",
        "basis": "personally_referable_31_1",
        "data_kind": "personally_referable",
        "consent": {"obtained": False},
    },
    {
        "direction": "provided",
        "basis": "consent_27_1",
        "data_kind": "pseudonymously_processed",
        "consent": {"obtained": True},
    },
    {"direction": "provided", "basis": "none"},
)
CHANGES: tuple[dict[str, Any], ...] = (
    {"items": ["氏名"]},
    {"items": ["利用情報", "氏名"]},
    {"counterparty": PARTIES[0]},
    {"transferred_on": "2026-03-02"},
    {"consent": {"obtained": False}},
    {"purpose": None},
    {"recorded_on": "2026-04-20"},
    {"acquisition": None},
    {"notice_id": None},
    {"basis": "none"},
    {},
)


@dataclass(frozen=True, slots=True)
class Record:
    """One item to record. `series`: None, or (which series, how its day is stated)."""

    key: int
    again: bool
    basis: int
    party: int
    items: int
    day: int
    people: tuple[tuple[int, int], ...]
    series: tuple[int, int] | None
    base: int | None
    order_11: int


@dataclass(frozen=True, slots=True)
class Batch:
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Correct:
    """`people` stands in place of a change, when it is not empty."""

    target: int
    change: int
    people: tuple[tuple[int, int], ...]
    reclassify: bool


@dataclass(frozen=True, slots=True)
class Retract:
    target: int


@dataclass(frozen=True, slots=True)
class Settle:
    """`is_blind`: whoever settles has not seen all that stands."""

    target: int
    action: int
    is_blind: bool


@dataclass(frozen=True, slots=True)
class Link:
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Unlink:
    """Takes away one of the links there are."""

    which: int


@dataclass(frozen=True, slots=True)
class Stop:
    who: int
    kind: int
    day: int
    party: int


@dataclass(frozen=True, slots=True)
class Lift:
    """Lifts one of the stops there are."""

    which: int
    day: int


@dataclass(frozen=True, slots=True)
class Rename:
    who: int
    name: int


@dataclass(frozen=True, slots=True)
class Notice:
    which: int


@dataclass(frozen=True, slots=True)
class Follow:
    """The follower takes its next batch."""


Step = Batch | Correct | Retract | Settle | Link | Unlink | Stop | Lift | Rename | Notice | Follow

# Weighted so that the same persons, parties and series meet again: what never meets tests nothing.
# Hypothesis draws the seed and which steps stay; drawn by itself, most ledgers are too plain.
_WHO = (0, 0, 0, 1, 1, 2, 3, 4, 5, 6)
_CONSENT = (0, 0, 0, 0, 1, 2)
STEPS_MAX = 36


def _people(random: Random) -> tuple[tuple[int, int], ...]:
    drawn = [
        (random.choice(_WHO), random.randrange(len(NAMES))) for _ in range(random.randint(1, 4))
    ]
    return tuple(dict.fromkeys(drawn))


def _record(random: Random) -> Record:
    return Record(
        key=random.randrange(24),
        again=random.random() < 0.5,
        basis=random.choice((*_CONSENT, *range(len(BASES)))),
        party=random.choice((0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4)),
        items=random.choice((0, 0, 1, 1, 2, 3)),
        day=random.randrange(len(DAYS)),
        people=_people(random),
        series=random.choice(
            (*(None,) * 7, (0, 0), (0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 0))
        ),
        base=random.choice((*(None,) * 8, 0, 1, 2)),
        order_11=random.choice((*(0,) * 9, 1)),
    )


def _single(random: Random) -> Step:
    days = len(DAYS) + len(LATER_DAYS)
    match random.choice("ccccrlluusssssttennffff.."):
        case "c":
            people = _people(random) if random.random() < 0.5 else ()
            change = random.randrange(len(CHANGES))
            return Correct(random.randrange(12), change, people, random.random() < 0.3)
        case "r":
            return Retract(random.randrange(12))
        case "f":
            return Settle(random.randrange(12), random.randrange(4), random.random() < 0.1)
        case "l":
            return Link(random.choice(_WHO), random.randint(1, 4))
        case "u":
            return Unlink(random.randrange(12))
        case "s":
            kind, party = random.choice((0, 0, 1, 1, 2)), random.choice((0, 0, 0, 1, 2))
            return Stop(random.choice(_WHO), kind, random.randrange(days), party)
        case "t":
            return Lift(random.randrange(12), random.randrange(days))
        case "e":
            return Rename(random.choice(_WHO), random.randrange(3))
        case "n":
            return Notice(random.randrange(6))
        case _:
            return Follow()


def _batch(random: Random) -> Batch:
    return Batch(tuple(_record(random) for _ in range(random.randint(1, 4))))


def _drawn(seed: int, kept: list[bool]) -> list[Step]:
    random = Random(seed)  # noqa: S311 -- nothing here is a secret
    steps = [_batch(random) if random.random() < 0.4 else _single(random) for _ in kept]
    steps[random.randrange(4) :: 12] = [Notice(random.choice((0, 2))) for _ in steps[::12]]
    return [step for step, stays in zip(steps, kept, strict=True) if stays]


ledgers = st.builds(
    _drawn,
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from((True, True, True, False)), min_size=STEPS_MAX, max_size=STEPS_MAX),
)
