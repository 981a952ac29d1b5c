"""The server is killed while it imports a register: the page says where, and nothing is doubled."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.demo import Browser
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder
from tests.pages.registering import PAGE, form_of, usual, version_in
from tests.registers.writing import HEADINGS, csv_file, usual_row
from tests.serving.processes import SECONDS_MAX, Command, command, environment

ROWS = 6_000
_BOUNDARY = "register-of-a-test"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the database's user can reach, also when root runs the tests."""
    with temporary_folder(EmbeddedSettings()) as folder:
        yield folder / "demo"


class Officer:
    """Somebody who may import, at a demo that may be another one each time."""

    def __init__(self, demo: Command) -> None:
        self.browser = Browser(demo.line(r"^ready: (http://127\.0\.0\.1:\d+) ")[1])
        self.browser.sign_in("quarantine")

    def close(self) -> None:
        self.browser.close()

    def upload(self, content: bytes) -> str:
        token = self.browser.token(PAGE)
        begin = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
        body = (
            f'{begin}"form_token"\r\n\r\n{token}\r\n'
            f'{begin}"file"; filename="r.csv"\r\n\r\n{content.decode()}\r\n--{_BOUNDARY}--\r\n'
        )
        answer = self.browser.send(
            PAGE, body.encode(), f"multipart/form-data; boundary={_BOUNDARY}"
        )
        assert answer.status == 303, answer.body.decode()
        return answer.location

    def page(self, path: str) -> str:
        return self.browser.get(path).body.decode()

    def press(self, path: str, action: str, fields: dict[str, str] | None = None) -> None:
        seen = {"version": version_in(self.page(path))}
        given = {"form_token": self.browser.token(path), **seen, **(fields or {})}
        assert self.browser.post(f"{path}/{action}", given).status == 303

    def until(self, path: str, pattern: str, every_s: float = 0.2) -> re.Match[str]:
        """The page once it says so; each look takes the server and this process 15 ms."""
        deadline = time.monotonic() + SECONDS_MAX
        while not (found := re.search(pattern, self.page(path), re.DOTALL)):
            assert time.monotonic() < deadline, f"no {pattern} in time"
            time.sleep(every_s)
        return found


def test_an_import_that_was_killed_with_its_server_goes_on_and_doubles_nothing(
    tmp_path: Path, home: Path
) -> None:
    register = csv_file(tmp_path / "r.csv", [HEADINGS, *(usual_row(n, n) for n in range(ROWS))])
    arguments = ("demo", "--persons", "10", "--port", "0", "--home", str(home), "--keep")
    with command(*arguments, given=environment()) as demo, closing(Officer(demo)) as officer:
        path = officer.upload(register.read_bytes())
        officer.press(path, "mapping", form_of(officer.page(path)) | usual())
        officer.until(path, "問題はありません")
        officer.press(path, "import")
        officer.until(path, r"取込中</strong>\s*[1-9]", every_s=0.02)
        demo.process.kill()
        demo.end()
    with command(*arguments, given=environment()) as demo, closing(Officer(demo)) as officer:
        found = officer.until(path, r"▲ ([\d,]+)行まで進んだところで中断しました")
        reached = int(found[1].replace(",", ""))
        assert 0 < reached <= ROWS, "nothing was interrupted"
        officer.press(path, "import")
        text = officer.until(path, "取込済み.*").string
        before = int(_counted(text, "記録済みだった"))
        assert before >= reached - 1, "what was told was recorded"
        assert before + int(_counted(text, "記録した")) == ROWS
        # Once more, all of it: each is there, once.
        path = officer.upload(register.read_bytes())
        officer.press(path, "mapping", form_of(officer.page(path)) | usual())
        officer.until(path, "問題はありません")
        officer.press(path, "import")
        text = officer.until(path, "取込済み.*").string
        assert int(_counted(text, "記録済みだった")) == ROWS
        assert _counted(text, "記録した") == "0"


def _counted(page: str, what: str) -> str:
    found = re.search(rf"<dt>{what}</dt><dd>([\d,]+)件</dd>", page)
    return "0" if found is None else found[1].replace(",", "")
