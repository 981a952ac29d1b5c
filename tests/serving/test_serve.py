"""`ledger serve` as it is run: real processes, a real socket, the embedded server."""

import json
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.auth import make
from api.database import DATABASE
from api.settings.settings import Settings
from ledger.clock import now
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.pidfile import is_alive, running
from ledger.postgres.roles import OWNER, as_role
from ledger.postgres.temporary import temporary_folder
from tests.rows import key_table
from tests.serving.houses import SOURCE, provision
from tests.serving.processes import Command, command, environment, gone, lives, run

OFTEN = 50
SECRETS = {"LEDGER_SECRET": "5e" * 32, "LEDGER_EPOCH_MASTER": "2026-W48:" + "a7" * 32}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for the starts of this file, one after the other."""
    with temporary_folder(EmbeddedSettings()) as folder:
        yield folder


@pytest.fixture(scope="module")
def given(home: Path) -> dict[str, str]:
    return environment(**SECRETS, LEDGER_HOME=str(home), LEDGER_HTTP_PORT="0")


Address = tuple[str, int]


def address_of(serving: Command) -> Address:
    address = urlsplit(serving.line(r"^ready (http://\S+)$")[1])
    assert address.hostname is not None
    assert address.port is not None
    return address.hostname, address.port


def database_of(home: Path) -> Path:
    return EmbeddedServer(home).home.data


def key(given: dict[str, str]) -> str:
    made, credential = make("test", frozenset({"events:write"}), SOURCE, at=now(), days=1)
    settings = Settings.from_environment(given)
    assert settings.secret is not None
    login = settings.database_url or EmbeddedServer(settings.home).url(DATABASE)
    key_table(as_role(login, OWNER), settings.secret).add(made)
    return credential


def body(*ids: str) -> bytes:
    items = [{"source": SOURCE, "id": one, "data": provision()} for one in ids]
    return json.dumps({"items": items}).encode()


def headers(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}


def post(address: Address, credential: str, content: bytes) -> dict[str, Any]:
    with closing(HTTPConnection(*address, timeout=120)) as connection:
        connection.request("POST", "/v1/transfers", content, headers(credential))
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        assert answer.status == 200, told
        return told


def ask_often(address: Address) -> None:
    """Ask `OFTEN` times on one connection."""
    with socket.create_connection(address, timeout=120) as connection:
        for _ in range(OFTEN):
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            found = connection.recv(65_536)
            assert found.endswith(b'{"status":"ok"}'), found


def core_limits(pid: int) -> tuple[str, ...]:
    lines = Path(f"/proc/{pid}/limits").read_text("ascii").splitlines()
    [found] = [line.split()[4:6] for line in lines if line.startswith("Max core file size")]
    return tuple(found)


def children(pid: int) -> list[int]:
    """Everything that the process has started, and what that has."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text("ascii").split()):
            found += [child, *children(child)]
    return found


@pytest.fixture
def dumping() -> Iterator[None]:
    """What is started may write core dumps of any size, as far as this system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("dumping")
def test_two_web_processes_serve_without_core_dumps_and_an_interrupt_ends_all_cleanly(
    home: Path, given: dict[str, str]
) -> None:
    # A process that had to be waited for would hold all up for much longer than `end` waits.
    settings = {"LEDGER_HTTP_WORKERS": "2", "LEDGER_STOP_S_MAX": "300"}
    with command("serve", given={**given, **settings}) as serving:
        address = address_of(serving)
        credential = key(given)
        pids = [serving.pid_of(f"web process {n}") for n in (1, 2)]
        pids.append(serving.pid_of("follower"))
        database = running(database_of(home))
        assert database is not None
        main = serving.process.pid
        all_of_it = [main, *children(main), database.pid, *children(database.pid)]
        assert len(all_of_it) > 8
        assert {core_limits(pid) for pid in all_of_it} == {("0", "0")}
        for n in range(8):
            assert post(address, credential, body(f"w-{n}"))["counts"] == {"recorded": 1}
        assert post(address, credential, body("w-0"))["counts"] == {"duplicate": 1}
        # It lives on without its keeper, which it starts again.
        keeper = serving.pid_of("keeper")
        os.kill(keeper, signal.SIGKILL)
        serving.line("the keeper was killed by signal 9; it is started again")
        serving.interrupt()
        assert serving.end() == 0, serving.text
        assert serving.lines[-1] == "ended"
        assert not any(map(lives, [*pids, keeper, database.pid]))
    code, printed = run("projections", "verify", given=given)
    assert code == 0
    assert printed.splitlines()[-1].startswith("0 differences up to position ")


def test_a_request_that_has_begun_is_recorded_and_logged_before_the_end(
    given: dict[str, str],
) -> None:
    with command("serve", given=given) as serving:
        address = address_of(serving)
        credential = key(given)
        content = body("half-1", "half-2")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers(credential).items())
        with socket.create_connection(address, timeout=120) as connection:
            connection.sendall(
                f"POST /v1/transfers HTTP/1.1\r\nHost: x\r\n{head}"
                f"Content-Length: {len(content)}\r\n\r\n".encode()
                + content[:50]
            )
            ask_often(address)
            serving.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            connection.sendall(content[50:])
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        assert b'"recorded":2' in answer, answer
        assert serving.end() == 0
        # Lines of one turn of the loop are written together; the end of the process loses none.
        logged = [json.loads(one) for one in serving.lines if '"api.access"' in one]
        routes = [(one["route"], one["status"]) for one in logged]
        assert routes.count(("/v1/transfers", 200)) == 1
        assert routes.count(("/health/live", 200)) == OFTEN


def test_everything_ends_with_an_error_when_the_follower_is_killed(
    home: Path, given: dict[str, str]
) -> None:
    with command("serve", given=given) as serving:
        address_of(serving)
        web = serving.pid_of("web process 1")
        os.kill(serving.pid_of("follower"), signal.SIGKILL)
        assert serving.end() == 1
        assert "the follower was killed by signal 9; everything ends with it" in serving.text
        assert gone(web)
        assert not is_alive(database_of(home))


def test_everything_ends_with_postgresql_and_who_ended_with_it_is_not_named_as_the_cause(
    home: Path, given: dict[str, str]
) -> None:
    with command("serve", given=given) as serving:
        address_of(serving)
        database = running(database_of(home))
        assert database is not None
        # Both are dead before the supervisor looks.
        serving.process.send_signal(signal.SIGSTOP)
        os.kill(database.pid, signal.SIGKILL)
        os.kill(serving.pid_of("follower"), signal.SIGKILL)
        serving.process.send_signal(signal.SIGCONT)
        assert serving.end() == 1
        assert "the embedded PostgreSQL ended" in serving.text
        assert "the follower was killed" not in serving.text


def test_the_processes_end_when_their_supervisor_is_killed(given: dict[str, str]) -> None:
    with command("serve", given=given) as serving:
        address_of(serving)
        pids = [serving.pid_of("web process 1"), serving.pid_of("follower")]
        os.kill(serving.process.pid, signal.SIGKILL)
        serving.process.wait(10)
        assert all(map(gone, pids))


def test_a_taken_address_is_told_without_a_traceback(given: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, printed = run("serve", given={**given, "LEDGER_HTTP_PORT": port})
    told = "LEDGER_HTTP_HOST and LEDGER_HTTP_PORT say where to listen"
    assert (code, printed) == (
        1,
        f"ledger: 127.0.0.1 port {port}: Address already in use; {told}",
    )


def test_missing_secrets_are_named_with_the_command_that_makes_them() -> None:
    code, printed = run("serve", given=environment(LEDGER_HTTP_PORT="0"))
    assert code == 1
    assert "LEDGER_SECRET_FILE" in printed
    assert "LEDGER_EPOCH_MASTER_DIR" in printed
    assert printed.count("`ledger secrets make DIR` makes one") == 2
    assert "Traceback" not in printed
