"""A proxy in front of PostgreSQL that cuts connections at a commit, before it or after it.

A commit is a COMMIT, or a call of a function that appends at once.

The driver, the server and the append are the real ones; only the wire is ours.
"""

import re
import select
import socket
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_CHUNK: Final = 1 << 16
_PORT: Final = 5432
_COMMIT: Final = b"COMMIT\0"
"""As a statement; READ COMMITTED is none."""


_AT_ONCE: Final = re.compile(rb"P.{4}([^\0]*)\0[^\0]*ledger\.append_(?:new|next)\(", re.DOTALL)
"""As a prepared statement, with its name (PostgreSQL, Frontend/Backend Protocol, Parse)."""


class Cut(Enum):
    """What happens to the next commit."""

    NONE = auto()
    BEFORE = auto()
    """It does not arrive, and both ends are closed."""
    SWALLOWED = auto()
    """It does not arrive; the client's end is closed, the server knows nothing of it."""
    AFTER = auto()
    """It arrives and is carried out; its answer does not arrive, and both ends are closed."""


class Proxy:
    """Listens on a Unix socket of its own.

    Attributes:
        cut: for the next commit; back to NONE once it has happened.
        closed: whether new connections are refused.
        closes: whether they are from the next cut on, which then ends all that stand.
        cuts: how many have happened.
        kept_back: the answer that did not arrive.
    """

    def __init__(self, folder: Path, target: str) -> None:
        self.cut = Cut.NONE
        self.closed = False
        self.closes = False
        self.cuts = 0
        self.kept_back = b""
        self._folder = folder
        to = conninfo_to_dict(target)
        self._host, self._port = str(to["host"]), int(to.get("port") or _PORT)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{_PORT}"))
        self._listener.listen(64)
        self._held: list[socket.socket] = []
        self._clients: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def url(self, url: str) -> str:
        """The same connection string, through the proxy and in clear."""
        return make_conninfo(url, host=str(self._folder), port=_PORT, sslmode="disable")

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
        for server in self._held:
            server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.closed:
                client.close()
                continue
            thread = threading.Thread(target=self._relay, args=(client, self._connected()))
            self._threads.append(thread)
            thread.start()

    def _connected(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._host}/.s.PGSQL.{self._port}")
            return server
        return socket.create_connection((self._host, self._port))

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        held = False
        calls: set[bytes] = set()
        self._clients.append(client)
        with suppress(OSError):
            while True:
                ready, _, _ = select.select([client, server], [], [], 30)
                if client in ready:
                    sent = client.recv(_CHUNK)
                    calls.update(_AT_ONCE.findall(sent))
                    if self.cut is not Cut.NONE and _commits(sent, calls):
                        held = self._happened(client, server, sent)
                        break
                    if not sent:
                        break
                    server.sendall(sent)
                if server in ready:
                    answer = server.recv(_CHUNK)
                    if not answer:
                        break
                    client.sendall(answer)
        client.close()
        if held:
            self._held.append(server)
        else:
            server.close()

    def _happened(self, client: socket.socket, server: socket.socket, sent: bytes) -> bool:
        """Whether the server's end stays open."""
        cut, self.cut = self.cut, Cut.NONE
        self.closed = self.closed or self.closes
        self.cuts += 1
        if cut is Cut.AFTER:
            server.sendall(sent)
            # The rest of a long message comes after; the answer only when the commit is done.
            while server not in (ready := select.select([client, server], [], [], 30)[0]):
                server.sendall(client.recv(_CHUNK) if client in ready else b"")
            self.kept_back = server.recv(_CHUNK)
        for other in self._clients if self.closes else ():
            # One that lies idle would do in place of a new one.
            with suppress(OSError):
                other.shutdown(socket.SHUT_RDWR)
        return cut is Cut.SWALLOWED


def _commits(sent: bytes, calls: set[bytes]) -> bool:
    """Whether `sent` holds a COMMIT, or binds one of the prepared `calls`."""
    bound = any(re.search(rb"B.{4}\0" + re.escape(one) + rb"\0", sent, re.DOTALL) for one in calls)
    return bound or _COMMIT in sent


@contextmanager
def proxied(target: str) -> Generator[Proxy]:
    """A proxy in front of the server of the connection string `target`."""
    with tempfile.TemporaryDirectory(prefix="ppl-") as folder:
        proxy = Proxy(Path(folder), target)
        try:
            yield proxy
        finally:
            proxy.stop()
