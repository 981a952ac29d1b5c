"""The demo as anybody starts it, in a process of its own; and people who sign in to its pages."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from api.demo.provider import IDENTITIES, ROLES
from api.server.web import KEEP_ALIVE_S
from api.settings.environment import Role
from api.web.pages.forms import TOKEN, TYPE
from benchmarks.processes import ProcessError
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder

_LEDGER: Final = Path(sys.executable).with_name("ledger")
_READY: Final = re.compile(r"ready: (http://\S+) ")
_KEY: Final = re.compile(r"(\w+) +(plk_\w+)$")
_FIELD: Final = re.compile(rf'name="{TOKEN}" value="([0-9a-f]+)"')
_END_SECONDS: Final = 60.0
_SILENCE_SECONDS: Final = 60.0
_IDLE_SECONDS: Final = KEEP_ALIVE_S / 2
_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo that is running.

    Attributes:
        url: of its pages and endpoints.
        keys: who of the desk → their API key, as it is printed.
        folder: on the same disk as its data.
        closing: closes what talks to it, at the end.
    """

    url: str
    keys: Mapping[str, str] = field(repr=False)
    folder: Path
    closing: ExitStack = field(default_factory=ExitStack, repr=False)

    def browser(self) -> "Browser":
        """A browser in which nobody is signed in."""
        return self.closing.enter_context(closing(Browser(self.url)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        seconds: from the first byte sent to the last one received.
        location: where it leads; empty when it leads nowhere.
        sent: bytes of what was sent.
    """

    seconds: float
    status: int
    body: bytes
    location: str
    sent: int = 0


class NotSignedInError(Exception):
    """The demo's provider or the pages did not let somebody in."""


@contextmanager
def demonstrated(persons: int) -> Generator[Demo]:
    """The demo with its year, on the usual settings of the database; gone at the end.

    Raises:
        ProcessError: it ended before it was ready.
    """
    with temporary_folder(EmbeddedSettings()) as folder:
        wanted = ("--port", "0", "--persons", str(persons), "--home", str(folder / "demo"))
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [_LEDGER, "demo", *wanted], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None, "it was asked for"
        # What it prints later on must not fill its pipe.
        reading = threading.Thread(target=process.stdout.read, daemon=True)
        try:
            url, keys = _announced(process.stdout)
            reading.start()
            with ExitStack() as stack:
                yield Demo(url, keys, folder, stack)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            if reading.is_alive():
                reading.join(_END_SECONDS)
            process.stdout.close()


def _announced(printed: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Its address and the keys of the desk, once it is ready."""
    keys: dict[str, str] = {}
    for line in printed:
        if key := _KEY.match(line):
            keys[key[1]] = key[2]
        if ready := _READY.match(line):
            return ready[1], keys
    raise ProcessError("the demo ended before it was ready")


class Browser:
    """Somebody's browser as far as it matters here: one kept connection, and cookies."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(
            address.hostname or "", address.port, timeout=_SILENCE_SECONDS
        )
        self._cookies: dict[str, str] = {}
        self._used = time.monotonic()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def get(self, path: str) -> Answer:
        """Ask for a page; redirects are not followed."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form as from a page of ours."""
        return self.send(path, urlencode(fields).encode(), TYPE)

    def send(self, path: str, content: bytes, media_type: str) -> Answer:
        """Send a form of any type as from a page of ours."""
        headers = {"Content-Type": media_type, "Sec-Fetch-Site": "same-origin"}
        return self._ask("POST", path, content, headers)

    def sign_in(self, who: str) -> Answer:
        """The answer to the end of a sign-in at the demo's provider.

        Args:
            who: subject of one of the demo's identities.

        Raises:
            NotSignedInError: see there.
        """
        begun = self.get("/sign-in/start?page=/desk")
        if begun.status != _SEE_OTHER:
            raise NotSignedInError(f"/sign-in/start answered {begun.status}")
        at = urlsplit(begun.location)
        with closing(Browser(f"{at.scheme}://{at.netloc}")) as provider:
            chosen = provider.post(f"{at.path}?{at.query}", {"identity": who})
        back = urlsplit(chosen.location)
        ended = self.get(f"{back.path}?{back.query}")
        if ended.status != _SEE_OTHER:
            raise NotSignedInError(f"{back.path} answered {ended.status}")
        return ended

    def token(self, path: str) -> str:
        """The token of the forms on a page."""
        found = _FIELD.search(self.get(path).body.decode())
        if found is None:
            raise NotSignedInError(f"{path} has no form")
        return found[1]

    def _ask(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        sent = dict(headers)
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if time.monotonic() - self._used > _IDLE_SECONDS:
            # The server may have hung up meanwhile.
            self._connection.close()
            self._connection.connect()
        started = time.perf_counter()
        self._connection.request(method, path, content, sent)
        response = self._connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        self._used = time.monotonic()
        for line in response.headers.get_all("set-cookie", ()):
            for name, one in SimpleCookie(line).items():
                self._cookies[name] = one.value
        location, size = response.headers.get("location", ""), len(content or b"")
        return Answer(seconds, response.status, body, location, size)


def signed_in(demo: Demo, role: Role) -> Browser:
    """The browser of the first one of the demo's people who has that role."""
    groups = {group for group, roles in ROLES.items() if role in roles}
    who = next(one for one in IDENTITIES if groups.intersection(one.groups))
    browser = demo.browser()
    browser.sign_in(who.subject)
    return browser
