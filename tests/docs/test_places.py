"""Links, paths, names and addresses in the pages lead somewhere."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from ledger.exports.filters import Filters
from ledger.exports.guide import guide
from tests.docs.api_page import operations
from tests.docs.markdown import DOCS, ROOT, named, pages, prose
from tests.matrix import every

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_PATH = re.compile(r"\.?[A-Za-z][\w.-]*(?:/[\w.-]*)*")
_ENDINGS = (".py", ".md", ".json", ".jsonl", ".toml", ".sql", ".yml", ".lock")
_ROOMS = ("api", "ledger", "projections", "emitter", "tests", "docs", "benchmarks", ".ci")
_NAME = re.compile(r"(?:api|ledger|ledger_emitter|projections)(?:\.\w+)+")
_OPERATION = re.compile(r"(?:GET|POST|PUT|DELETE|PATCH) /\S*")
_ADDRESS = re.compile(r"https?://[^\s)`\"'>]+")
_BLOCKS = re.DOTALL | re.MULTILINE
_ABSOLUTE = re.compile(r"(?:^|[\s`(\"'=])(/[A-Za-z][^\s`)\"']*)", re.MULTILINE)

# Decisions speak of the tree of their day and are never edited.
OF_TODAY = [page for page in pages() if page.parent != DOCS / "decisions"]
# Files of the event format that come with features that do not exist yet.
_PROMISED = {"broken.json", "proof.json"}
# Files of an export, as the page in each bag names them.
_BAG = guide(Filters(whole=True), 0, is_signed=True).decode()
_FILES = re.findall(r"data/([\w./-]+)", _BAG)
_OF_A_BAG = {"VERIFY.ja.md", *_FILES, *(f"data/{one}" for one in _FILES)}
# Paths of the API and of the pages.
_OURS = (
    "/v1/",
    "/log/",
    "/health/",
    "/metrics",
    "/openapi.json",
    "/problems/",
    "/desk",
    "/sign-in",
)
# Where an operator may put secrets and state.
_OPERATORS = ("/etc/provision-ledger", "/var/lib/provision-ledger")
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


@every("page", OF_TODAY, called=named)
def test_every_dotted_name_in_a_sentence_can_be_imported(page: Path) -> None:
    spans = [span for span in _SPAN.findall(prose(page)) if _NAME.fullmatch(span)]

    assert [span for span in spans if not _is_importable(span)] == []


def _is_importable(name: str) -> bool:
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[count:]:
            found = getattr(found, attribute, None)
        return found is not None
    return False


def test_a_path_or_name_that_is_gone_is_noticed() -> None:
    assert not _exists("api/server.py")
    assert not _exists("a-page-that-nobody-wrote.md")
    assert not _is_importable("projections.histories.page")


@every("page", pages(), called=named)
def test_every_end_point_in_a_sentence_exists(page: Path) -> None:
    spans = [span for span in _SPAN.findall(prose(page)) if _OPERATION.fullmatch(span)]

    assert [span for span in spans if span not in operations()] == []


@every("page", pages(), called=named)
def test_no_page_names_a_place_on_a_machine(page: Path) -> None:
    places = [
        place
        for place in _ABSOLUTE.findall(page.read_text("utf-8"))
        if not place.startswith(_OURS + _OPERATORS)
    ]

    assert places == []


@every("page", pages(), called=named)
def test_no_page_names_a_host_but_invented_ones_and_a_few(page: Path) -> None:
    addresses = cast("list[str]", _ADDRESS.findall(page.read_text("utf-8")))
    hosts = {urlsplit(address).hostname or "" for address in addresses}

    assert {host for host in hosts - _HOSTS if not host.endswith(".example.jp")} == set()


def test_the_readme_has_one_command_under_each_marker() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for marker, command in (("run", "./dev demo"), ("test", "./dev test")):
        blocks = re.findall(rf"^<!-- {marker} -->\n```sh\n(.*?)^```$", text, _BLOCKS)
        assert blocks == [f"{command}\n"], f"{marker}: exactly one command"
