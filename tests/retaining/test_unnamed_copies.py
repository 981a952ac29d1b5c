"""What a hold or a case names no more goes with the next run; what it names stays as it was.

What lives how long is in the stories (`stories`); here is by which keys.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from projections.verification import differences
from tests.ledger.given import ACTOR, person
from tests.projections.log import log_of
from tests.retaining.desk import held_keys, received, withdrawn
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import content_of, told

DAY: Final = "2024-04-01"
AFTER: Final = date(2027, 4, 2)
LATER: Final = date(2027, 6, 1)


def link(kept: Keeper, a: str, b: str) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "会員台帳")
    kept.inside.ledger.link(command, kept.inside.now)


def unlink(kept: Keeper, a: str, b: str) -> None:
    command = UnlinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "別人と判明")
    kept.inside.ledger.link(command, kept.inside.now)


def hold_on(kept: Keeper, *who: str) -> UUID:
    return kept.hold("訴訟", *who)


KEEPERS: Final[dict[str, tuple[Callable[..., UUID], Callable[[Keeper, UUID], None]]]] = {
    "a hold": (hold_on, Keeper.release),
    "a case": (received, withdrawn),
}


def expired_keys(kept: Keeper) -> set[bytes]:
    """The keys that `records-expired` say are gone."""
    with psycopg.connect(kept.inside.database.admin) as admin:
        rows = admin.execute("""
            SELECT jsonb_array_elements_text(convert_from(state, 'UTF8')::jsonb -> 'keys')
              FROM ledger.events WHERE topic = 'records-expired'
        """)
        return {bytes.fromhex(row[0]) for row in rows}


def keys_of(kept: Keeper, name: str) -> set[bytes]:
    """The keys under which parts of that transfer stand."""
    parts = kept.inside.house.expiry_queries.lives([kept.transfers[name]])
    return {part.key_id for found in parts.values() for part in found}


def is_sound(kept: Keeper) -> None:
    """Everything that is left opens and is what its header commits to; the index says the same."""
    kept.inside.follow()
    kept.inside.events()
    house = kept.inside.house
    assert list(differences(kept.inside.connection, log_of(house), house.secret)) == []


@pytest.mark.parametrize("name", KEEPERS)
def test_what_is_unlinked_goes_with_the_next_run_and_what_is_named_stays_as_it_was(
    kept: Keeper, name: str
) -> None:
    begins, ends = KEEPERS[name]
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("both", "P1", "CANARY", "P3")
    kept.sent("others", "CANARY")
    link(kept, "P1", "CANARY")
    owner = begins(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"own", "both", "others"}
    [under] = keys_of(kept, "others")
    before = [one for one in content_of(told(kept, "P1")) if one[0] == kept.transfers["own"]]
    kept.on(LATER)
    unlink(kept, "P1", "CANARY")
    planned = kept.plan().planned
    assert planned is not None
    assert under in planned.keys
    assert owner in (*planned.holds, *planned.cases)
    kept.expire()
    assert kept.living() == {"own", "both"}
    assert under in expired_keys(kept)
    house = kept.inside.house
    assert house.expiry_queries.rows([under]) == []
    assert content_of(told(kept, "P1"))[: len(before)] == before
    assert [len(told(kept, who)) for who in ("P1", "CANARY", "P3")] == [2, 0, 0]
    of_both = [one for one in kept.inside.events() if one.stream == kept.transfers["both"]]
    assert "CANARY" not in str(of_both)
    # The link itself names both, as what every link says; its key is not the hold's.
    assert held_keys(kept) == [(owner, None)]
    is_sound(kept)
    # All its keys die the day after the end.
    ends(kept, owner)
    kept.on(LATER + timedelta(days=1))
    kept.purge()
    assert kept.living() == set()
    assert house.expiry_queries.copy_keys([owner]) == []


def test_copies_of_an_older_version_under_one_key_are_read_and_parted(kept: Keeper) -> None:
    kept.on(DAY)
    for n in range(3):
        kept.sent(f"own{n}", "P1")
    kept.sent("both", "P1", "P2")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    owner = hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    house = kept.inside.house
    # An older version made one key for all copies of a hold or a case, and no other.
    spare = [key.key_id for key in house.expiry_queries.copy_keys([owner]) if not key.is_used]
    with psycopg.connect(kept.inside.database.admin) as admin:
        admin.execute("DELETE FROM ledger.data_keys WHERE key_id = ANY(%s)", (spare,))
    house.keys.forget(spare)
    [shared] = house.expiry_queries.copy_keys([owner])
    assert kept.living() == {"own0", "own1", "own2", "both", "others"}
    kept.on(LATER)
    kept.purge()
    assert shared.key_id in {key.key_id for key in house.expiry_queries.copy_keys([owner])}
    unlink(kept, "P1", "P2")
    before = content_of(told(kept, "P1"))
    report = kept.purge()
    assert report.carried == 4
    assert shared.key_id in expired_keys(kept)
    assert kept.living() == {"own0", "own1", "own2", "both"}
    assert content_of(told(kept, "P1")) == before
    assert told(kept, "P2") == []
    assert sorted(key.is_used for key in house.expiry_queries.copy_keys([owner])) == [False, True]
    is_sound(kept)
