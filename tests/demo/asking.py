"""What a reader of the demo's screen can do with it: paste its commands, ask with its keys."""

import json
import re
import subprocess
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.serving.processes import Command

COMMANDS = 7


def pasted(demo: Command, n: int, folder: Path | None = None) -> bytes:
    """What the n-th printed command prints, run by a shell as it stands."""
    commands = [line for line in demo.lines if line.startswith("curl ")]
    assert len(commands) == COMMANDS
    done = subprocess.run(
        ["/bin/sh", "-c", commands[n]], capture_output=True, check=True, cwd=folder
    )
    return done.stdout


def paste(demo: Command, n: int) -> dict[str, Any]:
    """The same, of a command that prints JSON."""
    answer: dict[str, Any] = json.loads(pasted(demo, n))
    return answer


@dataclass(frozen=True, slots=True)
class Screen:
    """The address and the keys that the demo printed."""

    url: str
    keys: dict[str, str]

    def ask(self, path: str, who: str = "officer", body: object = None, **headers: str) -> Any:  # noqa: ANN401 -- JSON
        """The JSON that the ledger answers, refusals too."""
        return json.loads(self.content(path, who, body, **headers))

    def content(
        self, path: str, who: str = "officer", body: object = None, **headers: str
    ) -> bytes:
        """The bytes that the ledger answers."""
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=120)
        sent = {"Authorization": f"Bearer {self.keys[who]}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): one for name, one in headers.items()}
        method, content = ("GET", None) if body is None else ("POST", json.dumps(body))
        try:
            connection.request(method, path, content, sent)
            return connection.getresponse().read()
        finally:
            connection.close()

    def cases(self) -> dict[str, dict[str, Any]]:
        """Name on the form → the whole case."""
        rows = self.ask("/v1/cases?limit=100")["cases"]
        wholes = [self.ask(f"/v1/cases/{row['case']}") for row in rows]
        return {one["application"]["form"]["name"]: one for one in wholes}


def screen(demo: Command) -> Screen:
    """What is to be read on the screen."""
    ready = demo.line(r"^ready: (http://127\.0\.0\.1:\d+) ")
    keys = dict(re.findall(r"^(\w+) +(plk_\w+)$", demo.text, re.MULTILINE))
    assert set(keys) == {"officer", "colleague", "approver", "chief", "auditor"}
    return Screen(ready[1], keys)
