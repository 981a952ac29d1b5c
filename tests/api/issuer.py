"""A running authorization server, as the tests see it: over HTTP only."""

import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx2

SERVER = Path(__file__).with_name("issuer_server.py")
AUDIENCE = "https://ledger.example.jp"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The server below `url`."""

    url: str

    def token(self, scope: str) -> str:
        """An access token by client credentials, as an emitter gets one."""
        answer = httpx2.post(
            f"{self.url}/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=("emitter-1", "emitter-secret"),
        )
        assert answer.status_code == 200
        return cast("str", answer.json()["access_token"])

    def forge(
        self,
        claims: Mapping[str, object] | None = None,
        header: Mapping[str, object] | None = None,
    ) -> str:
        """A token with other claims or another header, signed with the server's own key."""
        asked = {"claims": dict(claims or {}), "header": dict(header or {})}
        answer = httpx2.post(f"{self.url}/forge", json=asked)
        assert answer.status_code == 200
        return answer.text

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is no longer published."""
        httpx2.post(f"{self.url}/rotate").raise_for_status()

    def fail(self, *, failing: bool) -> int:
        """Let the key set answer 500, or answer again; returns how often it was fetched so far."""
        answer = httpx2.post(f"{self.url}/fail", json={"failing": int(failing)})
        return cast("int", answer.json()["count"])


@contextmanager
def running_issuer(path: str = "/realms/test") -> Generator[Issuer, None, None]:
    """A server of its own."""
    command = [sys.executable, "-W", "ignore", str(SERVER), path]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Issuer(process.stdout.readline().strip())
        finally:
            process.terminate()
