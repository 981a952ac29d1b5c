"""Links, paths, names and addresses in the pages lead somewhere."""

import importlib
import importlib.util
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from api.cli import app
from api.contract import defects
from ledger.exports.filters import Filters
from ledger.exports.guide import guide
from tests.docs.api_page import document, operations
from tests.docs.markdown import DOCS, ROOT, Fence, fences, named, pages, prose
from tests.matrix import every

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_PATH = re.compile(r"\.?[A-Za-z][\w.-]*(?:/[\w.-]*)*")
_ENDINGS = (".py", ".md", ".json", ".jsonl", ".toml", ".sql", ".yml", ".lock")
_ROOMS = ("api", "ledger", "projections", "emitter", "tests", "docs", "benchmarks", ".ci")
_OPERATION = re.compile(r"(?:GET|POST|PUT|DELETE|PATCH) /\S*")
_ADDRESS = re.compile(r"https?://[^\s)`\"'>]+")

# Decisions speak of the tree of their day and are never edited.
OF_TODAY = [page for page in pages() if page.parent != DOCS / "decisions"]
# Files of the event format that come with features that do not exist yet.
_PROMISED = {"broken.json", "proof.json"}
# Files of an export, as the page in each bag names them.
_BAG = guide(Filters(whole=True), 0, is_signed=True).decode()
_FILES = re.findall(r"data/([\w./-]+)", _BAG)
_OF_A_BAG = {"VERIFY.ja.md", *_FILES, *(f"data/{one}" for one in _FILES)}
# Every other host would be somebody's machine or a service that the reader need not reach.
_HOSTS = {
    "127.0.0.1",
    "c2sp.org",
    "diataxis.fr",
    "keepachangelog.com",
    "owasp.org",
    "semver.org",
}


@every("page", pages(), called=named)
def test_every_relative_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        if heading:
            assert heading in _headings(target), f"{link}: there is no such heading"


def _headings(page: Path) -> set[str]:
    return {
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
        for heading in _HEADING.findall(page.read_text("utf-8"))
    }


@every("page", OF_TODAY, called=named)
def test_every_path_in_a_sentence_exists(page: Path) -> None:
    elsewhere = _PROMISED | _OF_A_BAG
    missing = [path for path in _paths(page) if path not in elsewhere and not _exists(path)]

    assert missing == []


def _paths(page: Path) -> Iterator[str]:
    for span in _SPAN.findall(prose(page)):
        if _PATH.fullmatch(span) and (
            span.endswith(_ENDINGS) or ("/" in span and span.split("/")[0] in _ROOMS)
        ):
            yield span


def _exists(path: str) -> bool:
    if "/" in path or (ROOT / path).exists():
        return (ROOT / path).exists()
    # A name alone: of a file in one of our rooms.
    return any(True for room in _ROOMS for _ in (ROOT / room).rglob(path))


@every("page", pages(), called=named)
def test_every_end_point_in_a_sentence_exists(page: Path) -> None:
    spans = [span for span in _SPAN.findall(prose(page)) if _OPERATION.fullmatch(span)]

    assert [span for span in spans if span not in operations()] == []


@every("page", pages(), called=named)
def test_no_page_names_a_host_but_invented_ones_and_a_few(page: Path) -> None:
    addresses = cast("list[str]", _ADDRESS.findall(page.read_text("utf-8")))
    hosts = {urlsplit(address).hostname or "" for address in addresses}

    assert {host for host in hosts - _HOSTS if not host.endswith(".example.jp")} == set()


def _commands() -> set[str]:
    """What `./dev` takes, from the script itself."""
    text = (ROOT / "dev").read_text("utf-8")
    return set(re.findall(r"^([a-z]+)\)", text, re.MULTILINE))


def _lines(fence: Fence) -> Iterable[str]:
    """The commands of a block: continued lines joined, without input and comments."""
    text = re.sub(r"<<'END'\n.*?^END$", "", fence.text, flags=re.DOTALL | re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("./dev"):
            yield re.sub(r"\s#\s.*", "", line)


SHOWN = [(fence.label, line) for fence in fences("sh") for line in _lines(fence)]
SPANS = sorted(
    {
        (named(page), span)
        for page in pages()
        for span in _SPAN.findall(prose(page))
        if span.startswith(("./dev ", "ledger "))
    }
)


@every("place, line", SHOWN)
def test_a_command_in_a_block_would_be_taken_as_it_stands(place: str, line: str) -> None:
    _check(shlex.split(line), place, whole=True)


@every("place, span", SPANS)
def test_a_command_in_a_sentence_exists(place: str, span: str) -> None:
    _check(shlex.split(span), place, whole=False)


def _check(words: list[str], place: str, *, whole: bool) -> None:
    if words[0] == "./dev":
        words = words[1:]
        assert words, f"{place}: ./dev needs a command"
        assert words[0] in _commands(), f"{place}: ./dev has no {words[0]}"
        match words:
            case ["python", "-m", module, *_]:
                assert importlib.util.find_spec(module), f"{place}: there is no {module}"
            case ["test", *paths]:
                missing = [p for p in paths if p[0] != "-" and not (ROOT / p).exists()]
                assert not missing, f"{place}: there is no {missing}"
            case ["demo" | "ledger", *_]:
                _check_ledger(words if words[0] == "demo" else words[1:], place, whole=whole)
            case ["sbom", file]:
                assert file, f"{place}: it writes a file"
            case _:
                assert len(words) == 1, f"{place}: ./dev {words[0]} takes nothing more"
    else:
        _check_ledger(words[1:], place, whole=whole)


def _check_ledger(words: list[str], place: str, *, whole: bool) -> None:
    command = cast("TyperCommand | TyperGroup", typer.main.get_command(app))
    while isinstance(command, TyperGroup) and words:
        known = command.get_command(command.context_class(command), words[0])
        assert known, f"{place}: there is no command {words[0]}"
        command, words = cast("TyperCommand | TyperGroup", known), words[1:]
    options = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
    given: set[str] = set()
    free = 0
    while words:
        word, words = words[0], words[1:]
        if not word.startswith("-"):
            free += word != "…"
            continue
        assert word in options, f"{place}: {command.name} has no {word}"
        given.add(word)
        option = options[word]
        if isinstance(option, TyperOption) and not option.is_flag:
            assert words, f"{place}: {word} needs a value"
            words = words[1:]
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    assert free <= len(arguments), f"{place}: {command.name} takes {len(arguments)} arguments"
    if whole:
        assert not isinstance(command, TyperGroup), f"{place}: {command.name} is not a command"
        required = [
            one
            for one in command.params
            if isinstance(one, TyperOption) and one.required and given.isdisjoint(one.opts)
        ]
        assert not required, f"{place}: {command.name} also needs {required[0].opts[0]}"
        needed = sum(one.required for one in arguments)
        assert free >= needed, f"{place}: {command.name} needs {needed} arguments"


# Examples have days of their own; the contract only asks that they are not in the future.
LATER = date(2030, 1, 1)
_ITEMS = re.compile(r'\{"items": \[\{\n.*?\n\}\]\}', re.DOTALL)


def _label(fence: Fence) -> str:
    return fence.label


JSON = fences("json")
MARKED = [fence for fence in JSON if fence.mark and not fence.mark.startswith("file: ")]
WITH_TRANSFERS = [
    (fence.label, found) for fence in fences("json", "sh") for found in _ITEMS.findall(fence.text)
]


@every("fence", MARKED, called=_label)
def test_a_marked_block_fits_the_schema_of_its_end_point(fence: Fence) -> None:
    kind, _, name = fence.mark.partition(": ")
    operation = operations()[name]
    sent = operation["requestBody"] if kind == "body" else operation["responses"]["200"]
    schema = {
        **cast("dict[str, Any]", sent["content"]["application/json"]["schema"]),
        "components": document()["components"],
    }

    jsonschema_rs.Draft202012Validator(schema).validate(json.loads(fence.text))


@pytest.mark.parametrize(("place", "text"), WITH_TRANSFERS, ids=[p for p, _ in WITH_TRANSFERS])
def test_every_transfer_in_an_example_passes_the_contract(place: str, text: str) -> None:
    for item in json.loads(text)["items"]:
        assert defects(item["data"], LATER) == (), place


def test_no_page_holds_python_but_the_one_whose_program_is_run() -> None:
    """See `test_run_a_projection`."""
    pages = {fence.page.name for fence in fences("python", "py", "pycon")}
    assert pages == {"run-a-projection.md"}
