from datetime import date
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from api.cli import app
from api.server.secrets import SecretsExistError, make_database_logins, make_secrets, secrets_of
from api.settings.settings import Settings

TODAY = date(2026, 11, 25)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_new_secrets_are_readable_for_their_owner_alone_and_are_read_back(tmp_path: Path) -> None:
    secret, masters = make_secrets(tmp_path / "new" / "folder", TODAY)
    [master] = masters.iterdir()
    assert master.name == "2026-W48"
    assert [mode(path) for path in (secret, master)] == [0o600, 0o600]
    assert [mode(path) for path in (secret.parent, masters)] == [0o700, 0o700]
    settings = Settings.from_environment(
        {"LEDGER_SECRET_FILE": str(secret), "LEDGER_EPOCH_MASTER_DIR": str(masters)}
    )
    sealed_with = secrets_of(settings)
    assert sealed_with.secret.hex() == secret.read_text().strip()
    assert sealed_with.masters.current() == "2026-W48"
    assert sealed_with.masters.exported("2026-W48") == bytes.fromhex(master.read_text())


def test_secrets_that_are_there_are_never_replaced(tmp_path: Path) -> None:
    secret, _ = make_secrets(tmp_path, TODAY)
    before = secret.read_bytes()
    with pytest.raises(SecretsExistError):
        make_secrets(tmp_path, TODAY)
    result = CliRunner().invoke(app, ["secrets", "make", str(tmp_path)])
    assert result.exit_code == 1
    assert "are there already" in result.output
    assert secret.read_bytes() == before


def test_the_login_of_a_new_database_is_written_as_a_setting_and_as_a_password(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "made"
    result = CliRunner().invoke(app, ["secrets", "make", str(folder), "--database-host", "db"])
    assert result.exit_code == 0, result.output
    url_file = folder / "database-url"
    password = (folder / "postgres-password").read_text().strip()
    assert mode(url_file) == 0o600
    assert f"LEDGER_DATABASE_URL_FILE={url_file}" in result.output
    assert password not in result.output
    settings = Settings.from_environment({"LEDGER_DATABASE_URL_FILE": str(url_file)})
    assert settings.database_url == f"postgresql://ledger:{password}@db/ledger"
    with pytest.raises(SecretsExistError):
        make_database_logins(folder, "db")


def test_each_role_of_a_new_database_has_a_login_of_its_own(tmp_path: Path) -> None:
    _, files = make_database_logins(tmp_path, "db")
    settings = Settings.from_environment({name: str(file) for name, file in files.items()})
    assert settings.database_url is not None
    assert settings.database_logins is not None
    told = [
        conninfo_to_dict(url) for url in (settings.database_url, *settings.database_logins.values())
    ]
    assert len({one["user"] for one in told}) == len({one["password"] for one in told}) == 5
    assert {one["dbname"] for one in told} == {"ledger"}
    assert {mode(file) for file in files.values()} == {0o600}
