"""A server that accepts connections and says nothing, or a byte now and then."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_NEXT_S = 0.05


@dataclass(slots=True)
class Silent:
    """What connected to it.

    Attributes:
        asked: set once somebody has sent a request.
        accepted: how many connections there were.
    """

    url: str
    drips: bool
    asked: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    accepted: int = 0
    _open: list[socket.socket] = field(default_factory=list[socket.socket])
    _ended: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                one, _ = listening.accept()
                self.accepted += 1
                self._open.append(one)
                threading.Thread(target=self._keep, args=(one,), daemon=True).start()

    def _keep(self, one: socket.socket) -> None:
        with suppress(OSError):
            if self._ended.is_set():
                one.close()
            one.recv(1)
            self.asked.set()
            if self.drips:
                one.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not self._ended.wait(_NEXT_S):
                    one.sendall(b"x")
            while one.recv(65_536):
                pass
        self.hung_up.set()

    def end(self) -> None:
        """Close every connection, and each new one at once."""
        self._ended.set()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def silent_server(*, drips: bool = False) -> Generator[Silent]:
    """A server on this machine, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        made = Silent(f"http://127.0.0.1:{listening.getsockname()[1]}", drips)
        threading.Thread(target=made.serve, args=(listening,), daemon=True).start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            made.end()
