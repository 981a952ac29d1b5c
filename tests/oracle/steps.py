"""Random ledgers as data: steps that Hypothesis draws, small numbers only, so that they shrink."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

# Four persons at most by scheme and id; spellings that one normal form has stand beside each other.
PEOPLE: tuple[tuple[str, str], ...] = (
    ("member", "P1"),
    ("member", "P2"),
    ("email", "taro@mihon.example"),
    ("account", "A1"),
    ("member", "p1"),
    ("email", "Taro@Mihon.example"),
    ("member", " P2 "),
)
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
class Link:
    a: int
    b: int
    undo: bool


@dataclass(frozen=True, slots=True)
class Direct:
    """A stop, its lifting, or a new name."""

    who: int
    what: str
    kind: int
    day: int
    party: int


@dataclass(frozen=True, slots=True)
class Notice:
    which: int


@dataclass(frozen=True, slots=True)
class Follow:
    """The follower takes its next batch."""


Step = Batch | Correct | Retract | Link | Direct | Notice | Follow

_people = st.lists(
    st.tuples(st.integers(0, len(PEOPLE) - 1), st.integers(0, len(NAMES) - 1)),
    min_size=1,
    max_size=4,
    unique=True,
).map(tuple)
_record = st.builds(
    Record,
    key=st.integers(0, 11),
    again=st.booleans(),
    basis=st.integers(0, len(BASES) - 1),
    party=st.sampled_from((0, 0, 0, 1, 2, 3, 4)),
    items=st.integers(0, len(ITEMS) - 1),
    day=st.integers(0, len(DAYS) - 1),
    people=_people,
    series=st.none() | st.tuples(st.integers(0, 1), st.integers(0, 4)),
    base=st.none() | st.integers(0, 11),
    order_11=st.sampled_from((0, 0, 0, 0, 0, 1)),
)
_batch = st.builds(Batch, st.lists(_record, min_size=1, max_size=4).map(tuple))
_correct = st.builds(
    Correct,
    target=st.integers(0, 11),
    change=st.integers(0, len(CHANGES) - 1),
    people=st.just(()) | _people,
    reclassify=st.booleans(),
)
_someone = st.integers(0, len(PEOPLE) - 1)
_link = st.builds(Link, _someone, _someone, st.sampled_from((False, False, True)))
_direct = st.builds(
    Direct,
    who=_someone,
    what=st.sampled_from(("stop", "stop", "lift", "rename")),
    kind=st.integers(0, 2),
    day=st.integers(0, len(DAYS) + len(LATER_DAYS) - 1),
    party=st.integers(0, 2),
)
_step = st.one_of(
    _batch,
    _batch,
    _correct,
    st.builds(Retract, st.integers(0, 11)),
    _link,
    _direct,
    _direct,
    st.builds(Notice, st.integers(0, 5)),
    st.just(Follow()),
)
ledgers = st.lists(_step, min_size=6, max_size=18)
