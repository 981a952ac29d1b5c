"""What has to be said of an identifier whose records name somebody else than the form does.

The commonest cause is a wrong digit, or a number that somebody else has had before, and then a
stranger's history would go out. All is told by what is left after exclusion alone.

Source: Act Art. 23, 26; the published procedure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.cases.events.name_difference import NameDiffers
from ledger.errors import Defect
from ledger.policies.my_number import my_number_defects
from ledger.policies.name_comparison import DIFFERS, MIXED
from ledger.values import PrincipalRef

_DIFFERS = (
    "its records, or those of an identifier linked to it, bear another name than the form:"
    " compare it with the form digit by digit; if they are the person's all the same, say why"
    " the name differs"
)
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class NameExplained:
    """Somebody says why an identifier is the person's although its records bear another name."""

    identifier: PrincipalRef
    because: str


@dataclass(frozen=True, slots=True)
class NamesCompared:
    """What the records say of the identifiers of a step, and what somebody says to that.

    Attributes:
        checks: of each identifier in their order, a code of `ledger.policies.name_comparison`.
    """

    checks: tuple[str, ...] = ()
    explained: tuple[NameExplained, ...] = ()


NOTHING_COMPARED = NamesCompared()


def names_differ(
    identifiers: Sequence[PrincipalRef], names: NamesCompared
) -> tuple[NameDiffers, ...] | None:
    """The reasons as the event keeps them; None where no name differs."""
    owed = _owed(identifiers, names)
    kept = tuple(
        NameDiffers(one.identifier, one.because, owed[_pair(one.identifier)])
        for one in names.explained
    )
    return kept or None


def name_checks(names: NamesCompared) -> tuple[str, ...] | None:
    """The outcomes as the event keeps them; None of nobody."""
    return names.checks or None


def name_defects(identifiers: Sequence[PrincipalRef], names: NamesCompared) -> Iterator[Defect]:
    """What is wrong with the reasons: each identifier that differs needs one of its own.

    A reason without a difference belongs to another identifier or another case; it would stand in
    the file as if somebody had compared.

    Yields:
        `NAME_DIFFERS`, nobody says why; of a reason `IDENTIFIER_NOT_NAMED`, `IDENTIFIER_TWICE`,
        `NOTHING_DIFFERS`, `MY_NUMBER_SHOWN`, and `SCHEMA` for one that says nothing.
    """
    owed, named = _owed(identifiers, names), {_pair(one) for one in identifiers}
    explained_pairs = set[_Pair]()
    for n, one in enumerate(names.explained):
        place, pair = f"/names_differ/{n}", _pair(one.identifier)
        yield from my_number_defects(one.because, f"{place}/because")
        if not one.because.strip():
            yield Defect(f"{place}/because", "SCHEMA", "say it in words")
        if pair not in named:
            detail = "it is none of the identifiers that are named as the person's"
            yield Defect(f"{place}/identifier", "IDENTIFIER_NOT_NAMED", detail)
        elif pair in explained_pairs:
            yield Defect(f"{place}/identifier", "IDENTIFIER_TWICE", "give one reason for each")
        elif pair not in owed:
            detail = "no record found under it bears another name than the form: leave it out"
            yield Defect(place, "NOTHING_DIFFERS", detail)
        explained_pairs.add(pair)
    for n, one in enumerate(identifiers):
        if _pair(one) in owed.keys() - explained_pairs:
            yield Defect(f"/identifiers/{n}", "NAME_DIFFERS", _DIFFERS)


def _owed(identifiers: Sequence[PrincipalRef], names: NamesCompared) -> Mapping[_Pair, str]:
    """Each identifier that needs a reason, with what its records say of the name."""
    compared = zip(identifiers, names.checks, strict=False)
    return {_pair(one): check for one, check in compared if check in (DIFFERS, MIXED)}


def _pair(one: PrincipalRef) -> _Pair:
    return one.scheme, one.id
