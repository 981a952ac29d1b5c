"""Ledger secret, epoch masters and escrow: of the settings, or made for the first time."""

import os
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from api.settings.settings import Settings, SettingsError
from ledger.crypto.epoch import MASTER_BYTES, EpochMasters, FixedMasters
from ledger.crypto.epoch_folder import FolderMasters
from ledger.crypto.epoch_names import week_of
from ledger.crypto.escrow import Escrow
from ledger.crypto.kms.engine import TransitEngine
from ledger.crypto.kms.masters import TransitMasters
from ledger.crypto.pseudonyms import SECRET_BYTES
from ledger.crypto.secrets import Secrets
from ledger.errors import BrokenWorldError
from ledger.postgres.roles import SERVING

_URL: Final = "LEDGER_DATABASE_URL"
_HOW: Final = "`ledger secrets make DIR` makes one"
_NO_SECRET: Final = f"LEDGER_SECRET_FILE (or LEDGER_SECRET): no ledger secret; {_HOW}"


class OtherMastersError(BrokenWorldError):
    """The epoch masters are not those that this ledger's keys are wrapped under."""


class SecretsExistError(Exception):
    """A secret is there already; a new one in its place would lose every record."""


def secrets_of(settings: Settings) -> Secrets:
    """What the ledger is sealed with.

    Raises:
        SettingsError: names everything that is missing and how it is made.
    """
    wrong: list[str] = []
    if settings.secret is None:
        wrong.append(_NO_SECRET)
    masters = _masters(settings, wrong)
    if settings.secret is None or masters is None or wrong:
        raise SettingsError(tuple(wrong))
    return Secrets(settings.secret, masters)


def ledger_secret_of(settings: Settings) -> bytes:
    """The ledger secret, for what needs no epoch master.

    Raises:
        SettingsError: it is missing; says how it is made.
    """
    if settings.secret is None:
        raise SettingsError((_NO_SECRET,))
    return settings.secret


def _masters(settings: Settings, wrong: list[str]) -> EpochMasters | None:
    places = [
        place
        for place, is_set in (
            ("LEDGER_EPOCH_MASTER", bool(settings.epoch_masters)),
            ("LEDGER_EPOCH_MASTER_DIR", settings.epoch_master_dir is not None),
            ("LEDGER_KMS_URL", settings.kms_url is not None),
        )
        if is_set
    ]
    if not places:
        wrong.append(f"LEDGER_EPOCH_MASTER_DIR (or LEDGER_KMS_URL): no epoch master; {_HOW}")
    elif len(places) > 1:
        wrong.append(f"{places[0]}: set only one of {', '.join(places)}")
    elif settings.epoch_master_dir is not None:
        return FolderMasters(settings.epoch_master_dir)
    elif settings.kms_url is None:
        return FixedMasters(settings.epoch_masters)
    elif settings.kms_token_file is None:
        wrong.append("LEDGER_KMS_TOKEN_FILE: the key management service needs a token")
    else:
        return TransitMasters(
            TransitEngine(settings.kms_url, settings.kms_token_file, settings.kms_s_max)
        )
    return None


def escrow_of(settings: Settings) -> Escrow | None:
    """Where escrow copies go; None when nothing is set.

    Raises:
        SettingsError: only half of it is set.
    """
    match settings.escrow_dir, settings.escrow_recipient:
        case None, None:
            return None
        case Path() as folder, str(recipient):
            return Escrow(folder, recipient)
        case None, _:
            raise SettingsError(("LEDGER_ESCROW_DIR: the recipient's copies need a folder",))
        case _:
            raise SettingsError(("LEDGER_ESCROW_RECIPIENT: copies in escrow need a recipient",))


def make_secrets(folder: Path, today: date) -> tuple[Path, Path]:
    """Write a new ledger secret and a first epoch master, named by the week of `today`.

    Returns the file of the secret and the folder of the masters. Files are 0600, new folders 0700.

    Raises:
        SecretsExistError: one of them is there already; nothing was written.
        OSError: the folder cannot be written.
    """
    secret, masters = folder / "secret", folder / "epochs"
    if secret.exists() or masters.exists():
        raise SecretsExistError
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    masters.mkdir(mode=0o700)
    write_secret(masters / week_of(today), secrets.token_hex(MASTER_BYTES))
    write_secret(secret, secrets.token_hex(SECRET_BYTES))
    return secret, masters


def make_database_logins(folder: Path, host: str) -> tuple[Path, Mapping[str, Path]]:
    """Write the logins of a PostgreSQL that does not exist yet.

    The owner and its database are both called `ledger`; the others are `ledger_login_writer` and so
    on. Returns the file of the owner's password, and the setting of each login → the file of its
    connection string.

    Raises:
        SecretsExistError: one of them is there already; nothing was written.
        OSError: the folder cannot be written.
    """
    kinds = [role.removeprefix("ledger_") for role in SERVING]
    users = {"": "ledger"} | {kind: f"ledger_login_{kind}" for kind in kinds}
    password_file = folder / "postgres-password"
    files = {kind: folder / "-".join(filter(None, ("database-url", kind))) for kind in users}
    if any(file.exists() for file in (password_file, *files.values())):
        raise SecretsExistError
    passwords = {kind: secrets.token_urlsafe(24) for kind in users}
    write_secret(password_file, passwords[""])
    for kind, file in files.items():
        write_secret(file, f"postgresql://{users[kind]}:{passwords[kind]}@{host}/ledger")
    names = {kind: "_".join(filter(None, (_URL, kind.upper(), "FILE"))) for kind in users}
    return password_file, {names[kind]: file for kind, file in files.items()}


def write_secret(path: Path, text: str) -> None:
    """Write `text` and a line feed to `path`, a new file that only its owner reads.

    Raises:
        FileExistsError: never replaces a file.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(handle)
