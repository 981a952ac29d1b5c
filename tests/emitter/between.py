"""What may stand between an emitter and its ledger: a proxy that answers itself, or cuts."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override

from tests.chaos.ledger import Ledger

HTML = "text/html; charset=utf-8"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Own:
    """An answer of the proxy's own."""

    status: int
    body: bytes = b"<html>sorry</html>"
    media_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict[str, str])


class Cut:
    """Pass the request on, and close the connection without the answer."""


Rule = Callable[[bytes], Own | Cut | None]
Gate = Callable[[str, str], Own | Cut | None]
"""As a rule, by method and path."""


@dataclass(slots=True)
class Proxy:
    """A proxy that passes on whatever its rule says nothing about.

    Attributes:
        rule: may be changed at any time.
        gate: is asked where the rule says nothing; may be changed at any time.
        bodies: how long each request was that came in, in bytes.
    """

    url: str
    rule: Rule
    bodies: list[int] = field(default_factory=list[int])
    gate: Gate = lambda method, path: None  # noqa: ARG005 -- says nothing


@contextmanager
def proxy(ledger: Ledger, rule: Rule) -> Generator[Proxy]:
    """A running proxy before the ledger."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            running.bodies.append(len(body))
            own = running.rule(body) or running.gate(self.command, self.path)
            if isinstance(own, Own):
                self._answer(own.status, own.body, {"Content-Type": own.media_type, **own.headers})
                return
            connection = HTTPConnection("127.0.0.1", ledger.port, timeout=60)
            try:
                headers = {n: v for n, v in self.headers.items() if n.lower() != "host"}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            if isinstance(own, Cut):
                self.close_connection = True
                return
            media_type = answer.headers["Content-Type"]
            self._answer(answer.status, content, {"Content-Type": media_type} if media_type else {})

        do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 -- names of the standard library

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = Proxy(f"http://127.0.0.1:{server.server_port}", rule)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join(30)
