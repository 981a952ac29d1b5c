"""The deletion certificate (個人データ消去証明書) of one plan: a pure function of the log.

It says what the events say: which keys died, where that is recorded, by which rules keys die. Which
class and day a key had stood in the key ring alone and is gone with it, so no certificate can tell.
It holds no personal data. It is not signed: the signature of a checkpoint comes with the log.

Source: `docs/reference/event-format.md`, sections 1 and 5; Act Art. 22, 29(2), 30(4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from ledger import lifetimes
from ledger.clock import day_in_japan
from ledger.errors import CorruptRecordError, ExpiredError
from ledger.format.events import ExpiredEvent, ExpiryEvent, ExpiryPlanned, Fact, RecordsExpired
from ledger.format.header import instant_text
from ledger.format.json import canonical
from ledger.law.act import law_on
from ledger.law.erasure import ERASURE
from ledger.merkle.hashes import HASH_BYTES
from ledger.values import Json

VERSION = 2
CERTIFIED = ("events", "keys", "lookups")
CERTIFIED_TO_ALL = ("keys",)
"""To whoever may not exclude, who is not told what the plan named either, and what of it lives:
beside an export, how many events or keys there are tells how many records are hidden."""
"""Not how many holds and cases kept something: that would tell of hidden records (Order 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPeriods:
    """The settings that a certificate cites, as they stand when it is made."""

    no_duty_years: int = lifetimes.NO_DUTY_YEARS
    no_record_years: int = 3
    exclusion_years: int = lifetimes.EXCLUSION_YEARS
    case_years: int = lifetimes.CASE_YEARS
    access_years: int = lifetimes.ACCESS_YEARS
    register_years: int = lifetimes.REGISTER_YEARS
    quarantine_days: int = lifetimes.QUARANTINE_DAYS
    staging_days: int = lifetimes.STAGING_DAYS
    draft_days: int = lifetimes.DRAFT_DAYS
    backup_days: int | None = 7 + 35
    """Days after which no backup opens any more: one epoch and the horizon. None: the epoch master
    never changes, so an old backup opens for ever."""


DEFAULT_PERIODS = RetentionPeriods()


@dataclass(frozen=True, slots=True)
class LogTree:
    """The log over its first `size` events (RFC 6962, section 2.1; leaves: event hashes).

    Attributes:
        root: 32 bytes.
    """

    size: int
    root: bytes

    def __post_init__(self) -> None:
        if len(self.root) != HASH_BYTES:
            raise ValueError("a root has 32 bytes")


@dataclass(frozen=True, slots=True)
class PrintedPlan:
    """The plan, as it was written.

    Attributes:
        through: it names every key whose day of death is this day or earlier.
        keys: how many it names.
        counts: when it was made, by the names that the certificate tells.
        confirmed: a person vouched for the clock.
    """

    position: int
    at: datetime
    through: date
    keys: int
    counts: Mapping[str, int]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Erasure:
    """One `records-expired` event: keys that died together.

    Attributes:
        keys: their ids, sorted.
        counts: by the names that the certificate tells.
    """

    position: int
    version: int
    at: datetime
    keys: tuple[bytes, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that is cited.

    Attributes:
        key_class: of the keys that it lets die.
        period: with the numbers of the settings.
    """

    key_class: str
    label: str
    articles: str
    period: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is certified.

    Attributes:
        ledger: its name; one ledger is one business operator.
        plan: the stream of the plan.
        erasures: by position; none while nothing died under the plan.
        unplanned: keys that died under the plan without being named in it; 0 unless the log is
            broken or was repaired.
        law: version of the Act that was in force when the last event was recorded.
        backup_days: days after which no backup opens any more; None: it opens for ever.
    """

    ledger: str
    plan: UUID
    planned: PrintedPlan
    erasures: tuple[Erasure, ...]
    unplanned: int
    law: str
    rules: tuple[Rule, ...]
    backup_days: int | None
    tree: LogTree

    @property
    def at(self) -> datetime:
        """The instant of the last event that is certified: the certificate's own date."""
        return self.erasures[-1].at if self.erasures else self.planned.at

    @property
    def keys(self) -> int:
        """How many keys died under the plan."""
        return sum(len(one.keys) for one in self.erasures)

    @property
    def remaining(self) -> int:
        """How many keys the plan names that did not die under it.

        Their day has not come, they are held back, or they died under another plan that names
        them too.
        """
        return self.planned.keys - (self.keys - self.unplanned)

    @property
    def counted(self) -> list[str]:
        """Which counts it tells beside that of keys: `events` and `lookups`, or none."""
        return [name for name in self.planned.counts if name not in CERTIFIED_TO_ALL]

    def total(self, name: str) -> int:
        """Sum over the erasures of one count of `counted`."""
        return sum(one.counts[name] for one in self.erasures)


def certificate_of(
    facts: Sequence[Fact[ExpiryEvent | ExpiredEvent]],
    *,
    ledger: str,
    tree: LogTree,
    periods: RetentionPeriods = DEFAULT_PERIODS,
    counted: Sequence[str] = CERTIFIED,
) -> Certificate:
    """The certificate of the plan whose stream `facts` is, from version 1 on.

    Args:
        tree: over all events up to the last of `facts`, or further.
        counted: which counts it tells, `CERTIFIED` or `CERTIFIED_TO_ALL`.

    Raises:
        ExpiredError: the plan's own key is dead (ten years after its year, by default).
        CorruptRecordError: the facts are no plan's stream.
        ValueError: the tree does not reach to the last fact.
    """
    _check_order(facts)
    first, *others = facts
    plan = first.event
    if isinstance(plan, ExpiredEvent):
        raise ExpiredError(first.position)
    if not isinstance(plan, ExpiryPlanned):
        raise CorruptRecordError("a plan's stream begins with another event", first.position)
    erasures = tuple(_erasure(fact, counted) for fact in others)
    destroyed_keys = [key for one in erasures for key in one.keys]
    if len(set(destroyed_keys)) != len(destroyed_keys):
        raise CorruptRecordError("a key died twice", facts[-1].position)
    if tree.size < facts[-1].position:
        raise ValueError("the tree ends before the last event of the plan")
    numbers = asdict(periods)
    return Certificate(
        ledger=ledger,
        plan=first.stream,
        planned=PrintedPlan(
            position=first.position,
            at=first.at,
            through=plan.through,
            keys=len(set(plan.keys)),
            counts=_counts(plan.counts, counted),
            confirmed=plan.confirmed,
        ),
        erasures=erasures,
        unplanned=len(set(destroyed_keys) - set(plan.keys)),
        law=law_on(day_in_japan(facts[-1].at)).version,
        rules=tuple(
            Rule(key_class, rule.label, rule.articles, rule.period.format(**numbers))
            for key_class, rule in ERASURE.items()
        ),
        backup_days=periods.backup_days,
        tree=tree,
    )


def content(certificate: Certificate) -> bytes:
    """The certificate as canonical JSON, one encoding for one certificate.

    Days are days in Japan, instants UTC, ids and hashes hex in lower case.
    """
    planned = certificate.planned
    members: dict[str, Json] = {
        "type": "deletion-certificate",
        "v": VERSION,
        "ledger": certificate.ledger,
        "plan": {
            "stream": str(certificate.plan),
            "position": planned.position,
            "at": instant_text(planned.at),
            "on": day_in_japan(planned.at).isoformat(),
            "through": planned.through.isoformat(),
            "confirmed": planned.confirmed,
            **(
                {"keys": planned.keys, "counts": dict(planned.counts)}
                if certificate.counted
                else {}
            ),
        },
        "erasures": [
            {
                "position": one.position,
                "version": one.version,
                "at": instant_text(one.at),
                "on": day_in_japan(one.at).isoformat(),
                "keys": [key.hex() for key in one.keys],
                "counts": dict(one.counts),
            }
            for one in certificate.erasures
        ],
        "totals": {
            "keys": certificate.keys,
            **{name: certificate.total(name) for name in certificate.counted},
            **({"remaining": certificate.remaining} if certificate.counted else {}),
            "unplanned": certificate.unplanned,
        },
        "law": certificate.law,
        "rules": [
            {
                "class": rule.key_class,
                "label": rule.label,
                "articles": rule.articles,
                "period": rule.period,
            }
            for rule in certificate.rules
        ],
        "tree": {"size": certificate.tree.size, "root": certificate.tree.root.hex()},
    }
    if certificate.backup_days is not None:
        members["backup_days"] = certificate.backup_days
    return canonical(members)


def _erasure(fact: Fact[ExpiryEvent | ExpiredEvent], counted: Sequence[str]) -> Erasure:
    event = fact.event
    if not isinstance(event, RecordsExpired):
        raise CorruptRecordError("a plan's stream holds another event", fact.position)
    return Erasure(
        position=fact.position,
        version=fact.version,
        at=fact.at,
        keys=tuple(sorted(event.keys)),
        counts=_counts(event.counts, counted),
    )


def _counts(counts: Mapping[str, int], counted: Sequence[str]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in counted}  # facts are optional members


def _check_order(facts: Sequence[Fact[ExpiryEvent | ExpiredEvent]]) -> None:
    if not facts:
        raise CorruptRecordError("a plan without events")
    if [fact.version for fact in facts] != list(range(1, len(facts) + 1)):
        raise CorruptRecordError("the versions of a plan are not dense", facts[-1].position)
    for before, after in pairwise(facts):
        if after.stream != before.stream or after.position <= before.position:
            raise CorruptRecordError("the facts are not one stream in order", after.position)
