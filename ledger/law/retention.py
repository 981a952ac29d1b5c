"""How long a record is kept, by the method it was made with (Rules 21, 25, 29)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """A period.

    Attributes:
        months: its length.
        from_record: True when it runs from the day the record was made, that day not counted
            (Act Art. 29(2), 30(4)); else from the last transfer, that day counted (起算して).
        article: of the Rules.
    """

    months: int
    from_record: bool
    article: str


RETENTION: Mapping[str, RetentionRule] = MappingProxyType(
    {
        "individual": RetentionRule(36, from_record=True, article="R21(iii), 25(iii), 29(iii)"),
        "collective": RetentionRule(36, from_record=False, article="R21(ii), 25(ii), 29(ii)"),
        "contract": RetentionRule(12, from_record=False, article="R21(i), 25(i), 29(i)"),
    }
)
