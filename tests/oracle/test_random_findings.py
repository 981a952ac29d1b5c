"""The work list of findings on random ledgers, against a full scan of all transfers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import Exclude
from ledger.law.findings import FINDINGS, NOT_LAWFUL
from projections.finding_list import FindingFilter, FindingList, TransferWithFindings
from projections.rebuild import rebuild
from tests.database import Server
from tests.ledger.carrying import let_die
from tests.oracle import steps
from tests.oracle.fold import HARMLESS, person_with
from tests.oracle.order11 import Order11, Whom
from tests.oracle.test_carried import carry_some, differing, dying_keys
from tests.oracle.test_random_ledgers import bounded, world_of
from tests.oracle.transfers import Transfer, person_of, transfers_at
from tests.oracle.world import ACTOR, SOURCES, World
from tests.rounds import rounds

STATES = ("open", "settled", None)
CODES = (None, "CONSENT_NOT_OBTAINED", "CONSENT_WITHDRAWN", "COUNTERPARTY_INCOMPLETE")
PREFIXES = ("https:", SOURCES[0], SOURCES[1], "https://one.exampl", "https://t")
QUESTIONS = (
    *product(CODES, (None,)),
    *product((None, CODES[2]), PREFIXES[:2]),
    *product((None,), PREFIXES[2:]),
)
"""Every code, every source, and some of both."""


def open_codes(one: Transfer) -> set[str]:
    return {code for _, code in one.stands() - one.settled}


def codes_of(one: Transfer) -> set[str]:
    return {code for _, code in one.stands()}


def is_unlawful(one: Transfer) -> bool:
    """Unlawful for anybody in it (vocabulary 4)."""
    return not HARMLESS.issuperset(codes_of(one))


def is_asked(one: Transfer, asked: FindingFilter) -> bool:
    """Whether the transfer belongs to what was asked for, said as plainly as can be."""
    codes, left = codes_of(one), open_codes(one)
    if not codes or (asked.unlawful and not is_unlawful(one)):
        return False
    if asked.state == "open" and not left:
        return False
    if asked.state == "settled" and left:
        return False
    if asked.code is not None and asked.code not in (left if asked.state == "open" else codes):
        return False
    # The sources here have a host alone, so only they and what ends before it are boundaries.
    return asked.source is None or asked.source in (one.source, "https:")


def listed(world: World, asked: FindingFilter, *, sees_all: bool) -> list[TransferWithFindings]:
    """All pages, one after the other."""
    flagged = reader(world)
    found: list[TransferWithFindings] = []
    before: int | None = None
    while True:
        page = flagged.page(replace(asked, before=before), includes_hidden=sees_all)
        assert len(page.found) <= asked.limit
        found += page.found
        before = page.following
        if before is None:
            return found


def reader(world: World) -> FindingList:
    house = world.house
    return FindingList(house.reader, house.streams, house.histories)


def wanted(transfers: Sequence[Transfer], asked: FindingFilter) -> list[Transfer]:
    return sorted((one for one in transfers if is_asked(one, asked)), key=lambda one: -one.position)


def compared(world: World, excluded: Order11) -> None:
    """Every question, for who may see all and for who may not."""
    events = world.events()
    stand = transfers_at(events, world.house.reads.head()).values()
    everything = [one for one in stand if not one.is_gone and one.retracted is None]
    person = person_with(events)
    seen = [left for one in everything if (left := excluded.seen(one, person)) is not None]
    for state, (code, source) in product(STATES, QUESTIONS):
        asked = FindingFilter(limit=3, state=state, code=code, source=source)
        for unlawful, sees_all in product((False, True), repeat=2):
            question = replace(asked, unlawful=unlawful)
            found = listed(world, question, sees_all=sees_all)
            expected = wanted(everything if sees_all else seen, question)
            assert [one.position for one in found] == [one.position for one in expected], question
            for told, one in zip(found, expected, strict=True):
                assert (str(told.transfer), told.source) == (one.id, one.source)
                assert told.findings == tuple(sorted(codes_of(one)))
                assert told.open == tuple(sorted(open_codes(one)))
                assert told.is_lawful == (not is_unlawful(one))
                assert told.is_settled == (not open_codes(one))
    for sees_all in (False, True):
        counts = reader(world).counts(includes_hidden=sees_all)
        left = [one for one in (everything if sees_all else seen) if open_codes(one)]
        assert counts.transfers == len(left)
        assert counts.unlawful == sum(map(is_unlawful, left))
        assert counts.by_code == Counter(code for one in left for code in open_codes(one))
        assert counts.is_whole


def excluded_in(world: World, random: Random) -> Order11:
    """Some transfers that an officer excluded, for one of their persons or for all of them."""
    stand = transfers_at(world.events(), world.house.reads.head()).values()
    chosen = sorted((one for one in stand if random.random() < 0.3), key=lambda one: one.position)
    exclusions, order11 = world.house.exclusions(), Order11()
    for one in chosen:
        spans, keys = ((one.position, one.position),), None
        persons = sorted({person_of(line) for line in one.lines.values()})
        whom: Whom = random.choice([*persons, None])
        if whom is not None:
            keys = ((world.house.secret.principal_key(*whom),),)
        command = Exclude(random_uuid(), ACTOR, spans, "iv", "捜査", keys)
        exclusions.change(command, world.now)
        order11.exclude(one, (whom,))
    return order11


@settings(parent=bounded, max_examples=rounds(8))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_the_list_is_what_a_full_scan_finds(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        world.follower.batch_max = random.choice((1, 3, 2_000))
        excluded = excluded_in(world, random)
        world.catch_up()
        compared(world, excluded)
        assert differing(world) == []
        rebuild(world.house.follower(), world.connection)
        assert differing(world) == []
        compared(world, excluded)


@settings(parent=bounded, max_examples=rounds(5))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_what_dies_leaves_the_list_and_what_was_carried_stays_in_it(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        world.catch_up()
        for year in (2040, 2041):
            dying = dying_keys(world)
            carry_some(world, random, year)
            world.catch_up()
            let_die(world.house, world.database, dying)
            compared(world, Order11())
            assert differing(world) == []
            rebuild(world.house.follower(), world.connection)
            assert differing(world) == []
            compared(world, Order11())


def test_the_findings_that_leave_a_transfer_lawful_here_are_those_of_the_law() -> None:
    assert set(FINDINGS) - NOT_LAWFUL == HARMLESS
