"""Whom the names of an application find besides the person's identifiers (Act Art. 33(3)(5)).

All is told by what is left after exclusion.
"""

from collections.abc import Sequence

from api.resources.cases.search.scope import PersonSearch
from ledger.cases.events.case import LeftOut
from ledger.cases.namesakes import NAMESAKES_MAX, LeftOutSaid, NamesSearched
from ledger.values import PrincipalRef


def bearing(
    search: PersonSearch, names: Sequence[str], known: Sequence[PrincipalRef]
) -> tuple[dict[PrincipalRef, str], bool]:
    """At most `NAMESAKES_MAX` persons → the name that found each; and whether there are others.

    Args:
        known: identifiers of persons who are passed over.

    Raises:
        NamesOutdatedError: the read side has no names, or of another version.
    """
    found: dict[PrincipalRef, str] = {}
    more = False
    for name in names:
        left = NAMESAKES_MAX - len(found)
        called = search.bearers.called(name, search.as_of, left, (*known, *found))
        found |= dict.fromkeys(called.identifiers, name)
        more = more or called.more
    return found, more


def by_names(
    search: PersonSearch,
    names: tuple[str, ...],
    known: Sequence[PrincipalRef],
    said: tuple[LeftOutSaid, ...],
    others: str | None,
) -> NamesSearched:
    """What the search by these names comes to, and what somebody says to it.

    Args:
        known: the person's identifiers, and those that were tried: they are decided on already.
        said: why a person is somebody else, by any of that person's identifiers.

    Raises:
        NamesOutdatedError: see `bearing`.
    """
    found, more = bearing(search, names, known)
    streams = search.ledger.streams
    reasons = {streams.normal(one.identifier): one.because for one in reversed(said)}
    left_out: list[LeftOut] = []
    is_undecided = False
    for ref, name in found.items():
        person = streams.cluster([ref], search.as_of).refs
        because = next((reasons[one] for one in (ref, *person) if one in reasons), None)
        if because is not None:
            left_out.append(LeftOut(ref, name, because))
        elif not is_undecided:
            is_undecided = bool(search.records([ref]).entries)
    return NamesSearched(names, said, tuple(left_out), is_undecided, more, others)
