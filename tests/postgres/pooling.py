"""A real PgBouncer in front of a server of the tests."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.postgres.account import server_account

PoolMode = Literal["session", "transaction", "statement"]

_SECONDS_MAX: Final = 60


@contextmanager
def pooled(url: str, mode: PoolMode, folder: Path, size: int = 5) -> Generator[str]:
    """`url` by way of a pooler with that many sessions of the server.

    Args:
        folder: where the server's user may read and write.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        pytest.fail("pgbouncer is not installed: ./dev test installs it")
    with psycopg.connect(url) as connection:
        found = connection.info  # the password, too, wherever libpq has it from
        server = f"host={found.host} port={found.port} user={found.user} password={found.password}"
        named = {"dbname": found.dbname, "user": found.user}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = (
        "[databases]",
        f"* = {server}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        f"pool_mode = {mode}",
        f"default_pool_size = {size}",
        "ignore_startup_parameters = options",
    )
    account = server_account()
    settings = folder / "pgbouncer.ini"
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    settings.chmod(0o600)
    shutil.chown(settings, account.uid, account.gid)
    running = subprocess.Popen(
        [program, "--quiet", str(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        user=account.uid if account.switched else None,
        group=account.gid if account.switched else None,
        extra_groups=[] if account.switched else None,
    )
    try:
        address = make_conninfo("", **named, host="127.0.0.1", port=port)
        _await(address, running)
        yield address
    finally:
        running.terminate()
        running.wait(_SECONDS_MAX)


def _await(address: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS_MAX
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            assert running.poll() is None, "the pooler ended"
            assert time.monotonic() < deadline, "the pooler does not listen"
            time.sleep(0.05)
        else:
            return
