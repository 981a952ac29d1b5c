"""What differs between what stands in a case and what somebody typed, for whoever comes second.

A step says each side as a mapping, field of the page → what it says, in the words of the page;
what `differing` makes of both, told by the step under that name as `Differences`, is shown by its
frame (`parts/differing.html`).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that is not the same on both sides.

    Attributes:
        label: what the page calls it.
        stands: what the case holds; typed: what the form says; empty for nothing.
    """

    label: str
    stands: str
    typed: str


@dataclass(frozen=True, slots=True)
class Differences:
    """In what a form differs from what others put down meanwhile.

    Attributes:
        is_sendable: the step is open, so that the form may be sent once more.
        is_replaced: what is sent then takes the place of what stands.
        is_whole: everything was compared; else the records are not shown at the moment, and nothing
            is told of them.
    """

    rows: tuple[FieldDifference, ...]
    is_sendable: bool
    is_replaced: bool = True
    is_whole: bool = True


def differing(
    labels: Mapping[str, str], stands: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[FieldDifference, ...]:
    """The fields that differ, in the order of their labels.

    Args:
        labels: field → what the page calls it; a field without a label is not compared.
        stands: field → what the case holds, in words; a field that is not there says nothing.
        typed: the same of the form.
    """
    both = ((label, stands.get(name, ""), typed.get(name, "")) for name, label in labels.items())
    return tuple(FieldDifference(*one) for one in both if one[1] != one[2])
