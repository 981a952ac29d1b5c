"""A house on a test's own database, with something in it."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import date
from functools import cache
from typing import Any

from api.container import Container
from api.contract import check
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from ledger.clock import day_in_japan, now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.postgres.roles import RoleUrls
from tests.database import LEDGER_NAME

SETTINGS = Settings(
    name=LEDGER_NAME,
    secret=bytes(range(32)),
    epoch_masters={"2026-W48": bytes(range(32, 64))},
)
SOURCE = "https://platform-a.example.jp/ad-export"


@cache
def this_day() -> date:
    """One for the run: what is sent again is the same, also when midnight in Japan has passed."""
    return day_in_japan(now())


def provision() -> dict[str, Any]:
    """A lawful provision on consent."""
    return {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": this_day().isoformat(),
        "counterparty": {
            "kind": "corporation",
            "name": "株式会社見本広告",
            "address": "大阪府大阪市北区梅田3-1-3",
            "representative": "代表取締役 見本 一郎",
        },
        "principals": [{"scheme": "member", "id": "M-0042-7781", "name": "見本 太郎"}],
        "items": ["氏名", "ご利用履歴"],
        "consent": {"obtained": True},
    }


@contextmanager
def house_of(urls: RoleUrls, settings: Settings = SETTINGS) -> Generator[Container]:
    """The house, closed at the end."""
    with closing(Container(urls, settings.name, secrets_of(settings))) as house:
        yield house


def record(house: Container, *ids: str) -> None:
    """Record a provision under each id."""
    at = now()
    data = check(provision(), day_in_japan(at))
    commands = [RecordTransfer(random_uuid(), "0" * 16, SOURCE, one, data, 0) for one in ids]
    assert {outcome.status for outcome in house.ledger().record(commands, at)} == {"recorded"}


def follow(house: Container) -> None:
    """Let the read side catch up."""
    follower = house.follower()
    with follower.connect() as connection:
        while follower.step(connection):
            pass
