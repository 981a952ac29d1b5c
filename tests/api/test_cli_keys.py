import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.api.test_keys import owner
from tests.database import Database
from tests.rows import SECRET

SOURCE = "https://platform.example.jp/houjin/9234567890123"
Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LEDGER_DATABASE_URL", database.login)
    monkeypatch.setenv("LEDGER_NAME", database.ledger_name)
    monkeypatch.setenv("LEDGER_SECRET", SECRET.hex())

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["keys", *arguments])

    return invoke


def test_a_key_is_made_listed_and_revoked(database: Database, run: Run) -> None:
    made = run(
        "create",
        "--label",
        "platform-a",
        "--scope",
        "events:write",
        "--scope",
        "events:read.own",
        "--source-prefix",
        SOURCE,
        "--days",
        "30",
    )
    assert made.exit_code == 0
    credential = made.stdout.strip()
    assert re.fullmatch(r"plk_[0-9a-f]{16}_[0-9a-f]{64}", credential)
    key_id = credential.split("_")[1]
    listed = run("list")
    assert key_id in listed.stdout
    assert "valid" in listed.stdout
    assert credential.rpartition("_")[2] not in listed.stdout
    assert run("revoke", key_id).exit_code == 0
    assert "revoked" in run("list").stdout
    assert [key.revoked_at is None for key in owner(database).all()] == [False]


def test_a_key_is_made_for_the_holder_of_a_key_pair_alone(database: Database, run: Run) -> None:
    jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    given = ("create", "--label", "bound", "--scope", "audit:read", "--dpop-jkt")
    assert run(*given, jkt[1:]).exit_code == 2
    assert run(*given, jkt).exit_code == 0
    assert [key.jkt for key in owner(database).all()] == [jkt]
    assert jkt in run("list").stdout


def test_a_key_is_given_to_a_person_or_an_account(database: Database, run: Run) -> None:
    person, account = ("--person", "e-0107"), ("--owner", "https://idp.example.jp", "e-0107")
    for scope, given in (("cases:write", person), ("audit:read", account)):
        assert run("create", "--label", "desk", "--scope", scope, *given).exit_code == 0
    found = {key.owner for key in owner(database).all()}
    assert found == {"person\ne-0107", "token\nhttps://idp.example.jp\ne-0107"}
    assert "https://idp.example.jp e-0107" in run("list").stdout
