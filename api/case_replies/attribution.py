"""Whose the records are that a reply showed, by what is recorded and by what the desk says now.

Only what the reply showed counts, which was settled at its sending, and what was typed since: so
nothing here tells of an exclusion (Order 11).

Source: Act Art. 26.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final
from uuid import UUID

from ledger.cases.events.case import CaseRecordsIdentified
from ledger.crypto.normal_forms import exact_1
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

_OTHER_PERSON: Final = "other_person"


def removed_identifiers(
    earlier: CaseRecordsIdentified,
    search: CaseRecordsIdentified,
    normal: Callable[[PrincipalRef], PrincipalRef],
) -> frozenset[PrincipalRef]:
    """What a later search says is not the person's, each in its normal form.

    It stands under `tried` with words of why it is not the person's. Words that the earlier search
    has too were said while it was the person's: they are of something else. What is recorded under
    it does not count, for it may be excluded.
    """
    reason, before = (exact_1(one.not_the_person or "") for one in (search, earlier))
    return frozenset(map(normal, search.tried if reason not in ("", before) else ()))


def searches_since(
    streams: Streams, case: UUID, position: int
) -> tuple[CaseRecordsIdentified, ...]:
    """The searches of a case beyond a position, oldest first, also those that are void by now."""
    return tuple(
        one.event
        for one in streams.facts([case], None).get(case, ())
        if one.position > position and isinstance(one.event, CaseRecordsIdentified)
    )


def is_a_strangers(
    streams: Streams,
    shown: Collection[UUID],
    search: CaseRecordsIdentified,
    since: Sequence[CaseRecordsIdentified],
) -> bool:
    """Whether a record is another person's, as far as is known now.

    Args:
        shown: the transfers that the reply showed.
        search: the one that the reply is on.
        since: the searches of the case after it, oldest first.
    """
    if not shown:
        return False
    own = _own(streams, search, since)
    return any(
        one.retracted == _OTHER_PERSON
        or not any(streams.normal(line.principal) in own for line in one.lines.values())
        for one in streams.transfer_states(shown).values()
        # What is destroyed is nobody's any more, as far as anybody can tell.
        if one.record is not None
    )


def _own(
    streams: Streams, search: CaseRecordsIdentified, since: Sequence[CaseRecordsIdentified]
) -> frozenset[PrincipalRef]:
    """The person's identifiers now, of a reply on this search, each in its normal form.

    The last word about an identifier counts, and silence is none. What is linked to one that was
    taken away goes with it, but what is linked by now to those that the newest search names is the
    person's whatever is said, as it is when the desk searches (`api.resources.cases.search.scope`).
    """
    own = _linked(streams, search.identifiers)
    away: frozenset[PrincipalRef] = frozenset()
    for one in since:
        named = frozenset(map(streams.normal, one.identifiers))
        away = (away | removed_identifiers(search, one, streams.normal)) - named
    if not away:
        return own
    return own - (_linked(streams, away) - _linked(streams, since[-1].identifiers))


def _linked(streams: Streams, identifiers: Collection[PrincipalRef]) -> frozenset[PrincipalRef]:
    return frozenset(streams.cluster(identifiers, None).refs)
