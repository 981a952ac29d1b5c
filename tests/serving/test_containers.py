"""The container files name only what exists: commands, settings, folders, packages."""

import re
import runpy
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.core import TyperGroup
from typer.main import get_command

from api.cli import app
from api.database import MIGRATIONS
from api.server.secrets import make_database_logins
from api.settings.settings import Settings, SettingsError
from ledger.postgres.home import LOGIN, LOGINS, SUPERUSER
from ledger.postgres.logins import taking_more
from ledger.postgres.prepare import prepare
from ledger.postgres.privacy import QUIET_LOG
from ledger.postgres.roles import SERVING
from tests.postgres.temporary import temporary_server

ROOT = Path(__file__).parents[2]
LEDGER_SERVICES = ("migrate", "api", "follower", "rotate")
MADE_WHEN_NEEDED = {"LEDGER_JOURNAL_DIR", "LEDGER_ESCROW_DIR"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file with its variables at their defaults."""
    text = (ROOT / "docker-compose.yml").read_text()
    return yaml.safe_load(re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text))


def test_every_command_of_a_container_exists(compose: dict[str, Any]) -> None:
    known = get_command(app)
    commands = [compose["services"][name]["command"] for name in LEDGER_SERVICES]
    commands.append(compose["services"]["follower"]["healthcheck"]["test"][2:])
    written = (ROOT / "Dockerfile").read_text()
    commands.append(re.findall(r'^CMD \["(.*)"\]$', written, re.MULTILINE))
    for words in commands:
        found: Any = known
        while isinstance(found, TyperGroup):
            found = found.get_command(found.context_class(found), words[0])
            assert found is not None, words[0]
            words = words[1:]  # noqa: PLW2901 -- down the tree
        options = {name for one in found.params for name in (*one.opts, *one.secondary_opts)}
        assert set(words) <= options


def test_every_folder_of_a_container_is_mounted_and_masters_are_written_by_one(
    compose: dict[str, Any],
) -> None:
    for name in LEDGER_SERVICES:
        service = compose["services"][name]
        given = {key: str(value) for key, value in service["environment"].items()}
        files = {key for key in given if key.endswith(("_FILE", "_DIR"))}
        settings = Settings.from_environment({k: v for k, v in given.items() if k not in files})
        assert settings.unknown_names == ()
        with pytest.raises(SettingsError) as refused:
            Settings.from_environment(given)  # the files are not on this machine
        wrong = {line.partition(":")[0] for line in refused.value.wrong}
        assert wrong == files - MADE_WHEN_NEEDED
        mounted = [volume.split(":") for volume in service["volumes"]]
        folders = {value for key, value in given.items() if key.endswith("_DIR")}
        assert {target for _, target, *_ in mounted} == folders
        writable = {source for source, _, *mode in mounted if mode != ["ro"]}
        assert ("./secrets/epochs" in writable) == (name == "rotate")


def test_every_secret_of_a_container_is_one_that_the_command_makes(compose: dict[str, Any]) -> None:
    made = {"secret", "postgres-password", "database-url"}
    made |= {f"database-url-{role.removeprefix('ledger_')}" for role in SERVING}
    assert set(compose["secrets"]) == made
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    for service in compose["services"].values():
        assert set(service["secrets"]) <= made
        assert service.get("user") != "root"
    source, target, mode = compose["services"]["api"]["volumes"][0].split(":")
    assert (source, mode) == ("./secrets/epochs", "ro")
    assert target == compose["services"]["api"]["environment"]["LEDGER_EPOCH_MASTER_DIR"]


def test_every_container_is_without_root_and_capabilities_within_limits_and_of_an_image_by_digest(
    compose: dict[str, Any],
) -> None:
    for name, service in compose["services"].items():
        assert service["user"] == "1000:1000", name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert service["pids_limit"] > 0, name
        assert service["mem_limit"], name
    by_digest = re.compile(r"[a-z]+:[0-9][^@]*@sha256:[0-9a-f]{64}")
    assert by_digest.fullmatch(compose["services"]["postgres"]["image"])
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [one for one in bases if not by_digest.fullmatch(one)] == []


def test_the_owner_of_the_database_is_known_to_the_migration_alone(
    compose: dict[str, Any],
) -> None:
    for name in LEDGER_SERVICES:
        service = compose["services"][name]
        is_owners = name == "migrate"
        assert ("LEDGER_DATABASE_URL_FILE" in service["environment"]) == is_owners, name
        assert ("database-url" in service["secrets"]) == is_owners, name
    assert compose["services"]["postgres"]["environment"]["POSTGRES_USER"] == SUPERUSER


def test_no_login_of_the_containers_is_a_superuser_or_takes_the_role_of_another(
    tmp_path: Path,
) -> None:
    """What the script of the PostgreSQL container runs, then what `ledger migrate` makes of it."""
    script = (ROOT / "docker" / "make-owner.sh").read_text()
    lines = script.partition("<<'END'\n")[2].partition("\nEND\n")[0].splitlines()
    statements = [line for line in lines if not line.startswith("--")]
    assert len(statements) == 5
    password, files = make_database_logins(tmp_path, "unused")
    with temporary_server() as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            for user in (LOGIN, *LOGINS.values()):  # ours, which no container has
                connection.execute(f"DROP ROLE {user}".encode())
            quoted = sql.Literal(password.read_text().strip()).as_string(connection)
            for statement in statements[:2]:
                connection.execute(statement.replace(":'password'", quoted).encode())
            assert statements[2] == "\\connect ledger"
            with psycopg.connect(server.admin_url("ledger"), autocommit=True) as inside:
                inside.execute(statements[3].encode())
            assert statements[-1] == f"ALTER ROLE {SUPERUSER} PASSWORD NULL;"

        def here(url: str) -> str:
            user, secret = (conninfo_to_dict(url)[one] for one in ("user", "password"))
            return make_conninfo(
                server.admin_url("ledger"), user=user, password=secret, passfile=""
            )

        settings = Settings.from_environment({name: str(file) for name, file in files.items()})
        assert settings.database_url is not None
        assert settings.database_logins is not None
        logins = {role: here(url) for role, url in settings.database_logins.items()}
        urls = prepare(here(settings.database_url), "demo", MIGRATIONS, logins=logins)
        assert taking_more(urls) == []
        with psycopg.connect(server.admin_url()) as connection:
            rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper").fetchall()
        assert rows == [(SUPERUSER,)]


def test_the_server_keeps_its_log_quiet_and_requests_get_their_time(
    compose: dict[str, Any],
) -> None:
    words = compose["services"]["postgres"]["command"]
    assert words == ["postgres", *(f"-c{name}={value}" for name, value in QUIET_LOG.items())]
    api = compose["services"]["api"]
    grace = int(api["stop_grace_period"].removesuffix("s"))
    assert grace > api["environment"]["LEDGER_STOP_S_MAX"] + 5
    assert api["ports"] == [f"127.0.0.1:8000:{api['environment']['LEDGER_HTTP_PORT']}"]


def test_the_image_copies_what_is_there_and_what_is_not_ignored() -> None:
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    written = (ROOT / "Dockerfile").read_text()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", written, re.MULTILINE)
        for word in line.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / path).exists() for path in copied)


def test_the_image_holds_what_the_ledger_needs_and_no_tool_of_its_developers() -> None:
    script = runpy.run_path(str(ROOT / "docker" / "runtime_lock.py"))
    lock = script["runtime"]((ROOT / "requirements.lock").read_text())
    held = {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    assert needed("provision-ledger") - {"provision-ledger", "provision-ledger-emitter"} <= held
    assert held.isdisjoint({"pytest", "ruff", "uv", "basedpyright", "schemathesis", "flask"})
    assert lock.count("--hash=sha256:") > len(held)


def needed(name: str, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Names of the installed packages that `name` asks for, without extras; itself included."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in seen:
        return seen
    seen |= {name}
    found: Distribution = distribution(name)
    for line in found.requires or ():
        wanted, _, marker = line.partition(";")
        if not marker.strip():
            seen = needed(re.split(r"[\s\[<>=!~(]", wanted.strip(), maxsplit=1)[0], seen)
    return seen
