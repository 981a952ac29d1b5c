"""The tutorial of a first request, run by a shell against the demo as its reader runs it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, cast

from tests.demo.asking import screen
from tests.docs.markdown import DOCS, Fence, fences_of
from tests.serving.processes import Command

PAGE = DOCS / "tutorial" / "first-request.md"
_SET = re.compile(r"^(?:[A-Z]+=|[a-z]+\(\)).*$", re.MULTILINE)
# What is another one each time.
_OWN = {"case", "number", "position", "as_of", "arrived_on", "on", "clock"}


def test_the_commands_of_the_page_approve_post_and_close_a_case(
    demo: Command, tmp_path: Path
) -> None:
    shown = screen(demo)
    [waiting] = shown.ask("/v1/cases?status=submitted")["cases"]
    own = {
        "LEDGER": shown.url,
        "OFFICER": shown.keys["officer"],
        "APPROVER": shown.keys["approver"],
        "CASE": waiting["case"],
    }
    known, answers = "", list[Any]()
    for fence in fences_of(PAGE):
        if fence.language == "sh" and not fence.text.startswith("./dev"):
            text = filled(fence, own)
            known += "".join(f"{line}\n" for line in _SET.findall(text))
            answers = shell(known + _SET.sub("", text), tmp_path)
        elif fence.mark.startswith("answer"):
            assert bare(answers[-1]) == bare(json.loads(fence.text)), fence.label
    for name in ("preview.pdf", "reply.pdf"):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    assert answers[-1]["case"] == waiting["case"]
    assert answers[-1]["status"] == "closed"


def filled(fence: Fence, own: dict[str, str]) -> str:
    """The block with what the reader copies from the screen."""
    return re.sub(
        r"^([A-Z]+)=(?!\$).*$",
        lambda found: f"{found[1]}={own[found[1]]}",
        fence.text,
        flags=re.MULTILINE,
    )


def shell(script: str, folder: Path) -> list[Any]:
    """The answers that a block prints, one a line."""
    done = subprocess.run(
        ["/bin/sh", "-eu"], input=script.encode(), capture_output=True, check=True, cwd=folder
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def bare(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """The answer without what is another one each time."""
    match value:
        case dict():
            members = cast("dict[str, Any]", value)
            return {name: bare(one) for name, one in members.items() if name not in _OWN}
        case list():
            return [bare(one) for one in cast("list[Any]", value)]
        case _:
            return value
