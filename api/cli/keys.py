"""`ledger keys create|list|confirm|revoke`: API keys; the key ring's commands stand beside them."""

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Annotated, Final

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from api.auth import (
    SCOPES,
    ApiKey,
    ApiKeyTable,
    KeyNotAllowedError,
    bound,
    make,
    person_owner,
    token_owner,
)
from api.auth.scopes import known
from api.cli import key_ring
from api.database import prepared
from api.server.secrets import ledger_secret_of
from api.settings.settings import Settings
from ledger.clock import JAPAN, now
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.store.connections import WRITER, Connections
from ledger.store.secret_check import KIND, check_secret

PANEL: Final = "API keys: what callers show at the door"

group: Final = typer.Typer(
    help="API keys (create, list, confirm, revoke) and the key ring (check, rotate, escrow).",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="keys")


@contextmanager
def _opened(settings: Settings) -> Generator[ApiKeyTable, None, None]:
    """The table of keys with the owner's rights: only the owner makes and confirms them."""
    secret = LedgerSecret(ledger_secret_of(settings), settings.name)
    with prepared(settings, by_owner=True) as urls:
        # A key under another secret would be accepted by no server.
        with closing(Connections(urls.writer, WRITER)) as connections:
            check_secret(connections, secret.lookup_key(KIND))
        yield ApiKeyTable(lambda: psycopg.connect(urls.owner), secret.row_mac)


@group.command(rich_help_panel=PANEL)
def create(  # noqa: PLR0913 -- the options of a command are its parameters
    *,
    label: Annotated[str, typer.Option(help="What uses the key: a system, never a person.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; give it once a scope.")],
    source_prefix: Annotated[
        str | None, typer.Option(help="Its source; required with events:write.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Days until it expires.")] = None,
    person: Annotated[
        str | None,
        typer.Option(help="Whose key it is: a code of your own; all keys of one code act as one."),
    ] = None,
    owner: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Whose key it is, by ISSUER and SUBJECT of access tokens; no person."),
    ] = None,
    dpop_jkt: Annotated[
        str | None,
        typer.Option(
            help="Thumbprint (RFC 7638) of a public key: the key opens nothing without a proof by"
            " the private key (DPoP, RFC 9449)."
        ),
    ] = None,
) -> None:
    """Make an API key and print it. It is shown this once and stored nowhere.

    `cases:write`, `cases:approve`, `records:exclude` and `quarantine:write` need --person: these
    have acts of two persons, who are told apart by person, not by key.
    """
    settings = Settings.from_environment(os.environ)
    scopes = known(set(scope))
    if unknown := sorted(set(scope) - scopes):
        raise typer.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(SCOPES)}")
    try:
        lives = days or settings.api_key_days
        whose = _owner(person, owner)
        key, credential = make(label, scopes, source_prefix, at=now(), days=lives, owner=whose)
        if dpop_jkt is not None:
            key = bound(key, dpop_jkt)
    except KeyNotAllowedError as error:
        raise typer.BadParameter(str(error)) from None
    with _opened(settings) as table:
        table.add(key)
    # The key alone on standard output, so that it can go straight into a secret store.
    typer.echo(f"key {key.id}, valid until {_day(key)}; it is not shown again:", err=True)
    typer.echo(credential)


def _owner(person: str | None, account: tuple[str, str] | None) -> str | None:
    if person is not None and account is not None:
        raise KeyNotAllowedError("name a person or an account, not both")
    if person is not None:
        return person_owner(person)
    return None if account is None else token_owner(*account)


@group.command("list", rich_help_panel=PANEL)
def list_keys() -> None:
    """List every API key there ever was, without secrets.

    `unconfirmed` is a key of before rows had MACs: it opens nothing until `ledger keys confirm`.
    `altered` is a row that somebody made or changed in the database without the ledger secret.
    """
    with _opened(Settings.from_environment(os.environ)) as table:
        keys = table.all()
        doubtful = table.doubtful()
    shown = Table(
        "id", "label", "state", "expires", "last used", "owner", "source", "scopes", "proof"
    )
    at = now()
    states = [(key, key.state(at)) for key in keys] + doubtful
    for key, state in sorted(states, key=lambda one: (one[0].created_at, one[0].id)):
        shown.add_row(
            key.id,
            key.label,
            state,
            _day(key),
            str(key.last_used_day or "never"),
            " ".join(key.owner_parts),
            key.source_prefix or "",
            " ".join(sorted(key.scopes)),
            key.jkt or "",
        )
    # Wide enough that nothing is cut where the output is piped into another program.
    Console(width=None if Console().is_terminal else 240).print(shown)


@group.command(rich_help_panel=PANEL)
def confirm(
    key_id: Annotated[list[str], typer.Argument(help="Ids from `ledger keys list`.")],
) -> None:
    """Confirm API keys of before rows had MACs, once you have looked at each in the list.

    It is for the upgrade alone. A key that is `unconfirmed` later was put there by somebody who
    writes to the database.
    """
    with _opened(Settings.from_environment(os.environ)) as table:
        left = [one for one in key_id if not table.confirm(one)]
    for one in left:
        typer.echo(f"{one}: there is no unconfirmed key with this id", err=True)
    if left:
        raise typer.Exit(1)


@group.command(rich_help_panel=PANEL)
def revoke(key_id: Annotated[str, typer.Argument(help="The id from `ledger keys list`.")]) -> None:
    """Revoke an API key; a running server refuses it within 30 seconds."""
    with _opened(Settings.from_environment(os.environ)) as table:
        since = table.revoke(key_id, now())
    if since is None:
        typer.echo("there is no key with this id", err=True)
        raise typer.Exit(1)
    typer.echo(f"revoked since {since.astimezone(JAPAN):%Y-%m-%d %H:%M} (Japan)", err=True)


def _day(key: ApiKey) -> str:
    return f"{key.expires_at.astimezone(JAPAN):%Y-%m-%d}"


key_ring.register(group)
