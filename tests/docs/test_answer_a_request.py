"""The page that answers a request does so: its commands, run, end with a closed case."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from api.auth import Scope
from ledger.clock import day_in_japan, now
from ledger.law.procedure.causes import CAUSES
from tests.database import Database
from tests.docs.markdown import DOCS, Fence, fences_of
from tests.doors.corridor import Answer, Corridor, open_doors
from tests.doors.samples import provision

PAGE = DOCS / "how-to" / "answer-a-request.md"
_BLOCK = re.DOTALL | re.MULTILINE
_COMMAND = re.compile(
    r"^(?P<verb>ask|step|post|fetch) (?P<path>\S+) \"\$(?P<key>[A-Z]+)\""
    r"(?: @- <<END\n(?P<here>.*?)^END$| '(?P<given>.*?)'$|$)",
    _BLOCK,
)
_KEYS = re.compile(r"ledger keys create --label (\w+)(.*)")
# What is another one each time.
_OWN = {"case", "number", "position", "as_of", "viewed_at_position", "first_day", "last_day"}


@dataclass(slots=True)
class Reader:
    """Who follows the page: the case, the tag of the newest answer, all answers."""

    corridor: Corridor
    keys: Mapping[str, str]
    case: str = ""
    tag: str = ""
    answers: list[Answer] = field(default_factory=list[Answer])

    def run(self, command: re.Match[str]) -> None:
        """Do what the shell would do."""
        verb, key = command["verb"], self.keys[command["key"]]
        path = command["path"].replace('"', "").replace("$CASE", self.case)
        if verb == "fetch":
            got = self.corridor.client.get(
                f"{self.case}/{path}", headers={"Authorization": f"Bearer {key}"}
            )
            assert got.status_code == 200, got.text
            return
        text = (command["here"] or command["given"]).replace("$TODAY", this_day())
        path = f"{self.case}/{path}" if verb == "step" else path
        headers = {"If-Match": self.tag} if verb == "step" else {}
        answer = self.corridor.ask("POST", path, json.loads(text), key=key, headers=headers)
        assert answer.status in (200, 201), answer.text
        self.answers.append(answer)
        if verb != "post":
            self.tag = answer.headers["etag"]
        self.case = answer.headers.get("location", self.case)


def this_day() -> str:
    return day_in_japan(now()).isoformat()


def test_the_commands_of_the_page_answer_a_request(database: Database) -> None:
    shown: list[dict[str, Any]] = []
    with open_doors(database.urls) as corridor:
        hanako = {"scheme": "member", "id": "M-0042-7781", "name": "見本 花子"}
        corridor.record(provision(principals=[hanako]))
        reader = Reader(corridor, dict(made(corridor)))
        for fence in fences_of(PAGE):
            if fence.language == "sh":
                for command in _COMMAND.finditer(fence.text):
                    reader.run(command)
            elif fence.mark.startswith("answer"):
                expected = json.loads(fence.text)
                shown.append(expected)
                assert bare(reader.answers[-1].body) == bare(expected), fence.label
    stood = [one["status"] for one in shown if "candidates" not in one]
    assert stood == ["completeness_check", "closed", "closed", "closed"]
    assert len(reader.answers) == 28


def bare(body: object) -> object:
    """The answer without what is another one each time."""
    if isinstance(body, list):
        return [bare(one) for one in cast("list[object]", body)]
    if not isinstance(body, dict):
        return body
    members = cast("dict[str, object]", body)
    return {name: bare(one) for name, one in members.items() if name not in _OWN}


def made(corridor: Corridor) -> Iterator[tuple[str, str]]:
    """The keys of the page, by the name of their variable."""
    for fence in fences_of(PAGE):
        for label, rest in _KEYS.findall(fence.text):
            scopes: tuple[Scope, ...] = tuple(re.findall(r"--scope (\S+)", rest))
            yield label.upper(), corridor.key(*scopes, label=label)


def test_every_command_of_the_page_is_one_that_is_run() -> None:
    def verbs(fence: Fence) -> int:
        return len(re.findall(r"^(?:ask|step|post|fetch) ", fence.text, re.MULTILINE))

    blocks = [fence for fence in fences_of(PAGE) if fence.language == "sh"]
    assert sum(map(verbs, blocks)) == sum(len(_COMMAND.findall(one.text)) for one in blocks) == 37


def test_the_page_names_the_causes_of_each_ground_and_withholds_for_such() -> None:
    rows = re.findall(r"^\| `(ART33_2_I+)` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {ground: re.findall(r"`(\w+)`", told) for ground, told in rows} == {
        ground: list(causes) for ground, causes in CAUSES.items()
    }
    [body] = [fence for fence in fences_of(PAGE) if fence.mark.endswith("/decisions")]
    held = json.loads(body.text)["withheld"]
    assert [bool(one.get("items")) for one in held] == [False, True]
    assert all(set(one["causes"]) <= set(CAUSES[one["ground"]]) for one in held)
