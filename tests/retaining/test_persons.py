"""Many persons at once are the same persons as one by one."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.commands import LinkIdentifiers, ReceiveDirective, UnlinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyActiveError, BrokenWorldError
from ledger.retention import persons
from ledger.retention.persons import LinkedPersons
from ledger.streams.streams import PERSON_KINDS
from ledger.values import PrincipalRef
from tests.database import Server, cloned_database
from tests.ledger.given import ACTOR, person
from tests.oracle.test_random_ledgers import bounded
from tests.retaining.keeper import Keeper, keeper
from tests.rounds import rounds

COUNT = 8
_index = st.integers(0, COUNT - 1)
_pairs = st.lists(
    st.tuples(_index, _index, st.sampled_from((True, True, True, False))), max_size=14
)


def _linked(kept: Keeper, a: int, b: int) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, _who(a), _who(b), "会員台帳")
    kept.inside.ledger.link(command, kept.inside.now)


def _who(number: int) -> PrincipalRef:
    return person(f"M{number}")


def _told(kept: Keeper, pairs: Sequence[tuple[int, int, bool]]) -> None:
    """Link each pair that is not linked; take back at once what does not stand."""
    for a, b, stands in pairs:
        if a == b:
            continue
        try:
            _linked(kept, a, b)
        except AlreadyActiveError:
            continue
        if not stands:
            taken = UnlinkIdentifiers(random_uuid(), ACTOR, _who(a), _who(b), "誤り")
            kept.inside.ledger.link(taken, kept.inside.now)


@settings(bounded, max_examples=rounds(8))
@given(pairs=_pairs, asked=st.lists(_index, unique=True, min_size=1))
def test_many_persons_followed_at_once_are_those_that_are_followed_one_by_one(
    server: Server, pairs: Sequence[tuple[int, int, bool]], asked: list[int]
) -> None:
    with cloned_database(server) as database, keeper(database) as kept:
        _told(kept, pairs)
        stop = ReceiveDirective(random_uuid(), ACTOR, _who(0), "consent_withdrawn", kept.today)
        kept.inside.ledger.direct(stop, kept.inside.now)
        streams = kept.inside.house.streams
        found = LinkedPersons(streams, [_who(one) for one in asked])
        everybody: set[bytes] = set()
        for one in asked:
            alone = streams.cluster([_who(one)], None)
            assert found.of([_who(one)]) == set(alone.keys)
            everybody |= set(alone.keys)
        assert set(found.keys()) == everybody
        for key in everybody:
            rows = streams.reads.lookups([key], PERSON_KINDS)
            assert set(found.spoken(key)) == {row.stream for row in rows}


def test_a_person_with_far_too_many_identifiers_is_a_broken_world(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(COUNT - 1):
        _linked(kept, number, number + 1)
    streams = kept.inside.house.streams
    assert len(LinkedPersons(streams, [_who(0)]).of([_who(0)])) == COUNT
    monkeypatch.setattr(persons, "CLUSTER_MAX", 2)
    with pytest.raises(BrokenWorldError):
        LinkedPersons(streams, [_who(0)])
    everybody = LinkedPersons(streams, [_who(number) for number in range(COUNT)])
    with pytest.raises(BrokenWorldError):
        everybody.of([_who(0)])
