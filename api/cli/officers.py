"""`ledger officers list|forget`: whose names are kept for colleagues; and to forget them (0055)."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, time
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from api.auth import KeyNotAllowedError, identity_of, person_owner, token_owner
from api.auth.people.colleagues import actor_and_roles
from api.container import Container
from api.database import existing
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.server.sign_in import ISSUER
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from ledger.clock import JAPAN
from ledger.store.officer_names import OfficerNames

group: Final = typer.Typer(
    help="Names of officers, kept for their colleagues: list, forget.", no_args_is_help=True
)

_ACTOR: Final = re.compile(r"[0-9a-f]{32}")
_ONE: Final = "name one of --person, --owner, --actor and --before"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="officers")


@contextmanager
def _opened() -> Generator[tuple[Container, OfficerNames]]:
    settings = Settings.from_environment(os.environ)
    secrets_of(settings)
    with existing(settings) as urls:
        check_agreement(settings, urls)
        with opened(settings, urls) as container:
            yield container, OfficerNames(container.writer, container.keys, container.secret)


@group.command("list")
def list_officers() -> None:
    """List of whom a name is kept: by pseudonym, with the day of the last sign-in. No names."""
    with _opened() as (container, names):
        rows = [
            (actor_and_roles(one.content), one.signed_in_at) for one in names.all(container.now())
        ]
    shown = Table("actor", "last sign-in (Japan)", "roles")
    for (actor, roles), at in rows:
        shown.add_row(actor, f"{at.astimezone(JAPAN):%Y-%m-%d}", " ".join(roles))
    # Wide enough that nothing is cut where the output is piped into another program.
    Console(width=None if Console().is_terminal else 240).print(shown)


@group.command()
def forget(
    person: Annotated[
        str | None, typer.Option(help="Whose name: the code of `ledger keys create --person`.")
    ] = None,
    owner: Annotated[
        tuple[str, str] | None, typer.Option(help="Whose name: ISSUER and SUBJECT at the provider.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(help="Whose name: the 32 digits of `ledger officers list`.")
    ] = None,
    before: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Of all who have not signed in since that day."),
    ] = None,
) -> None:
    """Forget a name before its day; pages show the pseudonym within 30 seconds.

    What the person did stays on record under the pseudonym. The next sign-in keeps the name again.
    """
    if sum(one is not None for one in (person, owner, actor, before)) != 1:
        raise typer.BadParameter(_ONE)
    if actor is not None and not _ACTOR.fullmatch(actor):
        raise typer.BadParameter("an actor has 32 digits of 0-9a-f")
    with _opened() as (container, names):
        if before is not None:
            count = names.forget_before(datetime.combine(before, time(), JAPAN))
            typer.echo(f"forgotten: {count}")
            return
        try:
            whose = [actor] if actor else _actors(container, person, owner)
        except KeyNotAllowedError as error:
            raise typer.BadParameter(str(error)) from None
        # An older version kept the name under another actor of the same person.
        if not [one for one in whose if names.forget(one)]:
            typer.echo("no name is kept of this person", err=True)
            raise typer.Exit(1)
    typer.echo("forgotten")


def _actors(container: Container, person: str | None, account: tuple[str, str] | None) -> list[str]:
    """Every actor that whoever is named has, those of older versions too.

    Raises:
        KeyNotAllowedError: nobody can be called so.
    """
    if account is not None:
        return [container.secret.actor(ISSUER, token_owner(*account))]
    assert person is not None, "one of them is named"
    who = identity_of(person, person_owner(person))
    return [container.secret.actor(ISSUER, one) for one in (who.text, *who.earlier)]
