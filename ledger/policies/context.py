"""What a verdict needs besides the transfer itself, and the verdict.

The application reads it from other streams as of one position (`judged_at`) and hands it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ledger.fast_init import fast_init
from ledger.law.readings import law_and_reading
from ledger.values import PrincipalRef, Transfer


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """An announced item category of a joint-use notice with its listed examples."""

    category: str
    listed: tuple[str, ...] = ()
    definition: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoticePurpose:
    """An announced purpose: code, label and listed examples."""

    code: str
    label: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeVersion:
    """One published version of a joint-use notice (Art. 27(5)(iii)); days in Japan."""

    version: str
    in_force_from: date
    published_on: date
    scope: tuple[tuple[str, str], ...]
    """(party_id, name) of each joint user."""
    items: tuple[NoticeItem, ...]
    purposes: tuple[NoticePurpose, ...]
    responsible_name: str
    responsible_address: str
    responsible_representative: str
    recorded_at: datetime | None = None
    users: frozenset[str] = field(init=False, compare=False, repr=False)
    """Ids of the joint users."""
    announced_items: frozenset[str] = field(init=False, compare=False, repr=False)
    """Every string that names an announced item: category or listed example."""
    announced_purposes: frozenset[str] = field(init=False, compare=False, repr=False)
    """Every string that names an announced purpose: code, label or listed example."""

    def __post_init__(self) -> None:
        # Made once a version, read for every joint-use transfer.
        items = (name for item in self.items for name in (item.category, *item.listed))
        purposes = (name for p in self.purposes for name in (p.code, p.label, *p.examples))
        object.__setattr__(self, "users", frozenset(party_id for party_id, _ in self.scope))
        object.__setattr__(self, "announced_items", frozenset(items))
        object.__setattr__(self, "announced_purposes", frozenset(purposes))


@dataclass(frozen=True, slots=True)
class JointUseNotice:
    """A joint-use notice with all versions known at the judging position."""

    notice_id: str
    owner: str
    versions: tuple[NoticeVersion, ...]
    data_kinds: tuple[str, ...] = ("personal_data",)
    title: str = ""
    responsible_changes: tuple[tuple[date, str], ...] = ()
    """(day, field) of each change of the responsible party in the real world."""


@dataclass(frozen=True, slots=True)
class OptOutFiling:
    """An opt-out filing with the Commission (Art. 27(2), Rule 11)."""

    notice_id: str
    available_from: date
    filed_on: date
    start_planned: date
    items: tuple[str, ...]


Notice = JointUseNotice | OptOutFiling


@dataclass(frozen=True, slots=True)
class ActiveStop:
    """A directive of a principal that stands: applies from its day, inclusive."""

    kind: str
    day: date
    counterparty_party_id: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierRecord:
    """An earlier transfer that this one names (`base_record`, `derived_from`)."""

    transfer: Transfer
    retained: bool
    """False when its record was destroyed (or never there) on the day in question."""
    duty: str
    """Under which its record was made, as its own verdict says."""
    own: frozenset[str] | None = None
    """Omitted items that are compared with `transfer`, the others with `shown`. None: all."""
    shown: Transfer | None = None
    """The same as all may know it (Order 11). None: what would be compared counts as the same."""
    unseen: frozenset[PrincipalRef] = frozenset()
    """Persons of the transfer that is judged who are not compared with `shown`."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a verdict reads, as of one position."""

    notices: Mapping[str, Notice] = field(default_factory=dict[str, Notice])
    stops: Mapping[int, tuple[ActiveStop, ...]] = field(
        default_factory=dict[int, tuple[ActiveStop, ...]]
    )
    """Index into `transfer.principals` → the stops of that person (all linked identifiers)."""
    base: EarlierRecord | None = None
    """The base record, None when the transfer names none or it is unknown."""
    derived: tuple[EarlierRecord, ...] = ()


@fast_init
@dataclass(frozen=True, slots=True)
class Verdict:
    """What a transfer is in law. Codes as in `vocabulary.md`."""

    duty: str
    findings: tuple[str, ...]
    """Sorted codes."""
    statutory_items: tuple[str, ...]
    """Ordered; empty without a duty."""
    in_reply: bool
    lawful: bool
    effective_method: str
    retain_through: date | None
    """Last day of the statutory period; None without a duty and where no end is stated.

    Of a message of a series: as far as the message itself says. The history of a person has the end
    of the whole record.
    """
    law: str
    """Version of the Act that was applied, and of its reading: `ledger.law.readings.law_code`."""
    notice_version: str | None = None


def is_same(one: Verdict | None, other: Verdict | None) -> bool:
    """Whether both say the same, under whichever reading of one version of the Act."""
    if one is None or other is None or one.law == other.law:
        return one == other
    if law_and_reading(one.law)[0] != law_and_reading(other.law)[0]:
        return False
    return replace(one, law=other.law) == other


@dataclass(frozen=True, slots=True)
class TransferVerdict:
    """The verdict for the transfer, and for the persons for whom it differs."""

    whole: Verdict
    persons: Mapping[int, Verdict]
    """Index into `transfer.principals` → that person's own verdict; only where it differs."""
