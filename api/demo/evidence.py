"""Commands with which a reader of the demo's screen checks its log, and replies, without it."""

import shlex
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from typing import Final, cast

from api.demo.client import DemoClient, UnexpectedAnswerError
from api.demo.keys import DemoKeys
from api.demo.log import POLICY
from api.demo.tables import curl
from api.settings.settings import Settings
from ledger.cases.case import CaseStatus
from ledger.clock import day_in_japan, now
from ledger.values import Json

_DAYS: Final = 30
"""Of the export."""
_LEDGER: Final = "./dev ledger"
_UNTIL_IT_IS_THERE: Final = "--retry 60 --retry-delay 1 --retry-all-errors"


def commands(
    url: str, keys: DemoKeys, settings: Settings, history: dict[str, Json]
) -> list[tuple[str, str]]:
    """(what it does, command) to paste into a shell.

    Args:
        history: of a person; the receipt is of the first transfer in it.
    """
    assert settings.log_verifier is not None, "the demo's log is signed"
    assert settings.home is not None, "the demo has a home"
    key = shlex.quote(settings.log_verifier.text)
    policy = shlex.quote(str(settings.home / POLICY))
    with closing(DemoClient(url, keys.officer)) as officer:
        listed = officer.get(f"/v1/cases?status={CaseStatus.NOTICE_READY}&limit=100")
    shown = [
        (
            "The receipt of a transfer, as its emitter gets it; the last line is the witness's",
            _receipt(url, keys, first["transfer"]),
        )
        for first in cast("list[dict[str, str]]", history["provisions"])[:1]
    ]
    check = f"{_LEDGER} verify audit.zip --key {key} --policy {policy}"
    what = "Ask for an export, and check it with the log's key and the policy of its witness"
    shown.append((what, _export(url, keys, check)))
    for case in cast("list[dict[str, str]]", listed["cases"]):
        page = f"{url}/desk/cases/{case['case']}/post"
        what = f"Check proof.json of the medium of a reply ({page})"
        shown.append((what, f"{_LEDGER} proof proof.json {key}"))
    return shown


def _receipt(url: str, keys: DemoKeys, transfer: str) -> str:
    """Asks with the key of whoever sent the transfer: nobody else is answered."""
    for key in keys.platforms.values():
        with closing(DemoClient(url, key)) as platform:
            answer = platform.ask("GET", f"/v1/transfers/{transfer}", None)
        if answer.status == HTTPStatus.OK:
            return curl(f"{url}/v1/transfers/{transfer}/receipt", key, None)
    raise UnexpectedAnswerError("no platform sent the transfer")


def _export(url: str, keys: DemoKeys, check: str) -> str:
    """Asks, waits for at most a minute until the bag is there, and checks it."""
    today = day_in_japan(now())
    period: Json = {"first": str(today - timedelta(days=_DAYS)), "last": str(today)}
    asked = curl(f"{url}/v1/exports", keys.auditor, period)
    bag = curl(f"{url}/v1/exports/EXPORT/bag", keys.auditor, None).replace("EXPORT", "$EXPORT")
    return (
        f'EXPORT=$({asked} | sed \'s/.*"export":"\\([^"]*\\).*/\\1/\')\n'
        f"{bag.replace('-sS', '-fs', 1)} {_UNTIL_IT_IS_THERE} -o audit.zip\n"
        f"{check}"
    )
