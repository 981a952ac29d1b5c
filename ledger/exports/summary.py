"""The records of a bag in numbers, as the cover report tells them: by side, basis, party, finding.

Counted of the bag's own files, so the report says nothing that they do not say. It names no
individual, in no bag: a cover is read by more people than what lies under it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, cast

from ledger.exports.rows import DESTROYED, INDIVIDUAL
from ledger.exports.tables import STATUSES, TITLES
from ledger.format.json import parse
from ledger.values import Json

PARTIES_MAX: Final = 100_000
"""Counterparties that are told apart, some 30 megabytes; with more of them none is told."""
MANY: Final = "unspecified_many"
_SIDE, _BASIS, _FINDINGS, _STATUS = map(TITLES.index, ("提供・受領の別", "根拠", "指摘", "状態"))
_BETWEEN: Final = "、"


@dataclass(slots=True)
class CounterpartySummary:
    """A counterparty that is no individual.

    Attributes:
        name: as its newest record in the bag has it; None: it has none.
    """

    name: str | None
    party_id: str | None
    records: int = 0


@dataclass(slots=True)
class Summary:
    """Records of a bag, counted by the words of its table.

    Attributes:
        found: label of a finding → records that have it as they stand; retracted ones have none.
        parties: by `party_id`, or by name where there is none.
        others: kind → records whose counterparty is not told by name: individuals, unspecified
            persons; `destroyed` where the content is gone, and who it was with it.
        has_all_parties: False: there are more than are told apart, and `parties` is empty.
    """

    records: int = 0
    sides: Counter[str] = field(default_factory=Counter[str])
    bases: Counter[str] = field(default_factory=Counter[str])
    statuses: Counter[str] = field(default_factory=Counter[str])
    found: Counter[str] = field(default_factory=Counter[str])
    with_findings: int = 0
    parties: dict[tuple[str, str], CounterpartySummary] = field(
        default_factory=dict[tuple[str, str], CounterpartySummary]
    )
    others: Counter[str] = field(default_factory=Counter[str])
    has_all_parties: bool = True

    def add(self, cells: Sequence[str], line: bytes) -> None:
        """Count a record.

        Args:
            cells: of the table; line: the same record's of the bag.
        """
        self.records += 1
        self.sides[cells[_SIDE]] += 1
        self.bases[cells[_BASIS]] += 1
        self.statuses[cells[_STATUS]] += 1
        if cells[_FINDINGS]:
            self.with_findings += 1
            self.found.update(cells[_FINDINGS].split(_BETWEEN))
        is_gone = cells[_STATUS] == STATUSES[DESTROYED]
        self._party(None if is_gone else newest_party(line))

    def _party(self, party: Mapping[str, Json] | None) -> None:
        kind = DESTROYED if party is None else str(party["kind"])
        if party is None or kind in (INDIVIDUAL, MANY):
            self.others[kind] += 1
            return
        name = cast("str | None", party.get("name"))
        party_id = cast("str | None", party.get("party_id"))
        # Not one text for both: a name may read like somebody else's id.
        key = ("party_id", party_id) if party_id else ("name", name or "")
        if self.has_all_parties and key not in self.parties:
            if len(self.parties) == PARTIES_MAX:
                self.has_all_parties, self.parties = False, {}
                return
            self.parties[key] = CounterpartySummary(name, party_id)
        if self.has_all_parties:
            self.parties[key].name = name
            self.parties[key].records += 1


def newest_party(line: bytes) -> Mapping[str, Json] | None:
    """The counterparty as the newest version of a record has it; None when its content is gone.

    Args:
        line: of the bag; of a statement that is withheld it has the kind alone.
    """
    # Lines and statements are canonical JSON, and a statement is a text in its line: the quotes of
    # its members have one backslash before them, those within its texts three. So a member's name
    # is found where the member stands, and what follows the counterparty ends it.
    statement = line.rfind(_STATEMENT)
    if statement < 0 or not line.startswith(_SHOWN_WHOLE, statement):
        return _parsed_party(line)
    begin = line.index(_PARTY, statement) + len(_PARTY)
    return _party_of(line[begin : line.index(_BEHIND_PARTY, begin) + 1])


_STATEMENT: Final = b'"statement":{'
_SHOWN_WHOLE: Final = _STATEMENT + b'"salt":"'
_PARTY: Final = rb"\"counterparty\":"
_BEHIND_PARTY: Final = rb"},\"d"  # `date_not_recorded` or `direction`, which each statement has


@lru_cache(maxsize=1_024)
def _party_of(text: bytes) -> Mapping[str, Json]:
    """The counterparty as it stands within the text of a statement."""
    return cast("dict[str, Json]", _read(parse(b'"%b"' % text)))


def forget() -> None:
    """Keep no counterparty any longer: some of them are people."""
    _party_of.cache_clear()


def _parsed_party(line: bytes) -> Mapping[str, Json] | None:
    row = cast("dict[str, Json]", parse(line))
    for event in reversed(cast("list[dict[str, Json]]", row["events"])):
        if "statement" in event:
            statement = cast("dict[str, Json]", event["statement"])
            content = statement["shown"] if "withheld" in statement else _read(statement["text"])
            return cast("dict[str, Json]", cast("dict[str, Json]", content)["counterparty"])
    return None


def _read(text: Json) -> Json:
    return parse(str(text).encode())
