"""`ledger log kms-key`: the log's key in a key management service."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from api.environment import Environment, key_name, safe_url
from api.kms.engine import TransitEngine
from api.kms.signer import NAMED, public_key
from api.log_settings import check_engine
from api.settings import SettingsError
from ledger.crypto.notes import Verifier
from ledger.merkle.checkpoint import is_origin

_SECONDS_MAX: Final = 30.0


def kms_key(
    origin: Annotated[str, typer.Argument(help="Name of the log: ledger.example.jp/main")],
    key: Annotated[str, typer.Argument(help="What the key management service calls the key.")],
) -> None:
    """Find or make a key that signs the log in the key management service; print its public key.

    The service is that of LEDGER_LOG_KMS_URL and LEDGER_LOG_KMS_TOKEN_FILE. A key that is there is
    left as it is; the one that is made never leaves the service.
    """
    if not is_origin(origin):
        raise SettingsError(("a log's name has no scheme, no blank and no plus",))
    read = Environment({**os.environ, "LEDGER_LOG_KMS_KEY": key})
    url = read.read("LEDGER_LOG_KMS_URL", safe_url)
    check_engine(url, read)
    token = read.read("LEDGER_LOG_KMS_TOKEN_FILE", Path)
    name = read.read("LEDGER_LOG_KMS_KEY", key_name)
    if url is None or token is None or name is None or read.wrong:
        for asked, found in (("LEDGER_LOG_KMS_URL", url), ("LEDGER_LOG_KMS_TOKEN_FILE", token)):
            if found is None and read.get(asked) is None:
                read.refuse(asked, "set it to the service that is to keep the key")
        raise SettingsError(tuple(read.wrong))
    found = Verifier(origin, public_key(TransitEngine(url, token, _SECONDS_MAX, NAMED), name))
    typer.echo("set:", err=True)
    typer.echo(f"LEDGER_LOG_ORIGIN={origin}")
    typer.echo(f"LEDGER_LOG_KMS_URL={url}")
    typer.echo(f"LEDGER_LOG_KMS_TOKEN_FILE={token.absolute()}")
    typer.echo(f"LEDGER_LOG_KMS_KEY={name}")
    typer.echo(f"LEDGER_LOG_PUBLIC_KEY={found.text}")
    typer.echo("and give to who verifies:", err=True)
    typer.echo(found.text)
