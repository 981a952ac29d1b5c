"""Links: one stream a pair, and the newest event says whether it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.errors import AlreadyStandsError, DoesNotStandError, MalformedError
from ledger.format.events import IdentifiersLinked, IdentifiersUnlinked
from ledger.persons import link
from tests.ledger.given import ACTOR, COMMAND, expired, facts, person

A, B = person("P1"), person("A1", "account")
LINK = LinkIdentifiers(COMMAND, ACTOR, A, B, "住民票と契約情報")
UNLINK = UnlinkIdentifiers(COMMAND, ACTOR, A, B, "取り違え")
LINKED = IdentifiersLinked(A, B, "住民票と契約情報")
UNLINKED = IdentifiersUnlinked(A, B, "取り違え")


def test_linking_states_the_evidence() -> None:
    assert link.link(LINK, None) == LINKED


def test_an_identifier_is_not_linked_to_itself() -> None:
    with pytest.raises(MalformedError):
        link.link(LinkIdentifiers(COMMAND, ACTOR, A, person("P1", name="見本"), "同じ"), None)


def test_a_link_that_stands_is_not_made_again() -> None:
    with pytest.raises(AlreadyStandsError):
        link.link(LINK, link.fold(None, facts([LINKED])))


def test_only_a_link_that_stands_is_taken_away() -> None:
    assert link.unlink(UNLINK, link.fold(None, facts([LINKED]))) == UNLINKED
    for state in (None, link.fold(None, facts([LINKED, UNLINKED]))):
        with pytest.raises(DoesNotStandError):
            link.unlink(UNLINK, state)


def test_a_link_may_be_made_again_after_it_was_taken_away() -> None:
    assert link.link(LINK, link.fold(None, facts([LINKED, UNLINKED]))) == LINKED


def test_a_link_whose_key_is_dead_does_not_stand() -> None:
    state = link.fold(None, facts([LINKED, expired("identifiers-unlinked")]))
    assert state is not None
    assert not state.stands
    assert state.version == 2


@given(st.lists(st.sampled_from([LINKED, UNLINKED]), min_size=1, max_size=6))
def test_the_newest_event_alone_says_whether_the_link_stands(
    events: list[IdentifiersLinked | IdentifiersUnlinked],
) -> None:
    state = link.fold(None, facts(events))
    assert state is not None
    assert state.stands == isinstance(events[-1], IdentifiersLinked)
