"""A share of the writing, for processes that are spawned. Imports no test framework."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Protocol

from api.container import Container
from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import LinkIdentifiers, RecordTransfer, RetractTransfer
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.secrets import Secrets
from ledger.errors import AlreadyActiveError
from ledger.postgres.roles import RoleUrls
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR, data

AT = datetime(2026, 6, 1, tzinfo=UTC)
SHARED_KEYS = 10
_ROUNDS_ALONE = 5
"""After so many rounds each waits for the other: on a busy machine one would be done before the
other begins."""


class Barrier(Protocol):
    """What both wait at."""

    def wait(self) -> int: ...


def write_share(
    urls: RoleUrls, ledger: str, meeting: Barrier, share: int, rounds: int
) -> list[int]:
    """Record, link, retract, beside somebody else; the positions of what was recorded here."""
    ours: list[int] = []
    secrets = Secrets(demo_secret(), demo_masters())
    with closing(Container(urls, ledger, secrets, lambda: AT)) as house:
        inside = house.ledger()
        for n in range(rounds):
            if n % _ROUNDS_ALONE == 0:
                meeting.wait()
            people = (f"P{n % 4}", f"Q{share}")
            single = data(*people, transferred_on="2026-05-01")
            message = data(
                *people,
                method="collective",
                series_id="S1",
                transferred_on=f"2026-05-{n % 28 + 1:02}",
            )
            shared = data("P0", purpose=f"共通 {n % SHARED_KEYS}")
            commands = [
                _asked(f"{share}-{n}", single),
                _asked(f"{share}-series-{n}", message),
                _asked(f"shared-{n % SHARED_KEYS}", shared),
            ]
            outcomes = inside.record(commands, AT)
            assert [one.status for one in outcomes[:2]] == ["recorded", "recorded"]
            ours += [one.position for one in outcomes if one.status == "recorded"]
            if n % 5 == share:
                retraction = RetractTransfer(
                    random_uuid(), ACTOR, outcomes[0].transfer, "duplicate"
                )
                inside.retract(retraction, AT)
            if n % 7 == 0:
                a, b = PrincipalRef("member", f"P{n % 4}"), PrincipalRef("member", f"Q{share}")
                try:
                    inside.link(LinkIdentifiers(random_uuid(), ACTOR, a, b, "住民票"), AT)
                except AlreadyActiveError:
                    continue
    return ours


def _asked(key: str, content: dict[str, object]) -> RecordTransfer:
    checked = check(content, day_in_japan(AT))
    return RecordTransfer(random_uuid(), ACTOR, "https://one.example", key, checked)
