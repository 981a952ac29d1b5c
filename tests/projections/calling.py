"""Persons who are called so, on a real ledger: what names them, and whom a name finds."""

from typing import Any
from uuid import UUID

from ledger.commands import CorrectTransfer, LinkIdentifiers, RenamePrincipal
from ledger.crypto.pseudonyms import random_uuid
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside

NAME = "見本 花子"
OTHER = "試験 花子"
LIMIT = 50


def called(house: Inside, name: str = NAME, limit: int = LIMIT) -> list[str]:
    """The ids of those who are called so, sorted; one more, `…`, when there are others."""
    found = house.house.names.called(name, house.follow(), limit)
    return [*sorted(one.id for one in found.identifiers), *["…"] * found.more]


def people(*who: tuple[str, str | None]) -> list[dict[str, str]]:
    return [
        {"scheme": "member", "id": one} | ({} if name is None else {"name": name})
        for one, name in who
    ]


def sent(house: Inside, key: str, *who: tuple[str, str | None], mark: int = 0) -> UUID:
    """Record a transfer about these persons, with these names; its stream."""
    return house.record(key, data(principals=people(*who)), mark).transfer


def correct(house: Inside, stream: UUID, *who: tuple[str, str | None]) -> None:
    changes: dict[str, Any] = {"principals": people(*who)}
    house.ledger.correct(CorrectTransfer(random_uuid(), ACTOR, stream, changes, "誤記"), house.now)


def rename(house: Inside, who: str, name: str) -> int:
    command = RenamePrincipal(random_uuid(), ACTOR, person(who), name)
    return house.ledger.direct(command, house.now).position


def link(house: Inside, a: str, b: str) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "住民票")
    house.ledger.link(command, house.now)


def held(house: Inside) -> set[tuple[bytes, bytes]]:
    """(name, person) as the index holds them."""
    found = house.connection.execute(
        "SELECT name_key, principal_key FROM projections.entries WHERE name_key IS NOT NULL"
        " UNION SELECT name_key, principal_key FROM projections.namings"
    )
    return {(name.bytes, key.bytes) for name, key in found}
