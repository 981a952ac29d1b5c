"""What leaves the application is searched: in every way out, and whoever is typed is a canary."""

import ast
import logging
import re
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from api.demo.provider import IDENTITIES
from tests.canary import CANARIES, MARK, MEMBER, NAME, OFFICERS, disguises, traces
from tests.leaving import LEAVING, LeftError, Told

ROOT: Final = Path(__file__).parent
TYPED_IN: Final = ("attacks", "browser", "demo", "pages")
_PERSON: Final = re.compile(r"[一-鿿々\U000e0100-\U000e01ef]{1,4}[ 　][一-鿿ぁ-ヿ々]{1,5}")
NOBODY: Final = frozenset(("有 有", "氏名 候補", "広告 基盤", "識別子 一致", "識別子 表記違い"))


def searched() -> str:
    """What the search says; nothing of it is left for the end of this test."""
    with pytest.raises(LeftError) as caught:
        LEAVING.search()
    LEAVING.search()
    return str(caught.value)


@pytest.fixture(autouse=True)
def nothing_before() -> None:
    LEAVING.search()


@pytest.mark.parametrize(
    "logger", ["api", "api.web.pages.forms", "ledger.store", "projections.follower"]
)
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])
def test_a_line_of_ours_that_names_somebody_is_found_at_any_level(logger: str, level: int) -> None:
    logging.getLogger(logger).log(level, NAME)
    logging.getLogger(logger).log(level, "nobody")
    assert searched() == f"log line of {logger}: {[NAME]}"


def test_a_field_and_an_argument_that_the_product_would_show_are_found() -> None:
    logging.getLogger("api").warning("kept", extra={"code": MEMBER})
    logging.getLogger("ledger").warning("of %s", MEMBER)
    assert searched() == f"log line of api: {[MEMBER]}; log line of ledger: {[MEMBER]}"


def test_what_the_product_does_not_show_has_not_left() -> None:
    with pytest.raises(ValueError, match=NAME) as caught:
        date.fromisoformat(NAME)
    logging.getLogger("api").error("incident", exc_info=caught.value, extra={"code": NAME})
    logging.getLogger("asyncio").error(NAME)
    logging.getLogger("uvicorn.error").info("for %s", MEMBER)
    assert len(LEAVING.lines.getvalue().splitlines()) == 3
    LEAVING.search()


def test_whoever_puts_all_listeners_out_does_so_for_one_test() -> None:
    root, ours = logging.getLogger(), logging.getLogger("api")
    root.handlers[:], ours.level = [], logging.NOTSET
    LEAVING.begin()
    ours.info(NAME)
    assert searched()


def test_somebody_is_found_in_every_disguise_wherever_that_stands_in_a_text() -> None:
    missed = [
        (name, at)
        for name in CANARIES
        for form in disguises(name)
        for at in range(6)
        if name not in traces(f"{'.' * at}{form}.")
    ]
    assert missed == []


def test_an_identifier_that_is_made_up_is_found_by_its_mark() -> None:
    LEAVING.tell("output", f"… {MARK}of-this-test …")
    LEAVING.tell("output", f"{MARK}of-this-test".encode().hex())
    assert searched() == f"output: {[MARK]}"


def _redirected(_: Request) -> Response:
    return RedirectResponse(f"/elsewhere#{MEMBER}")


def _refused(_: Request) -> Response:
    return JSONResponse({"detail": NAME}, media_type="application/problem+json")


def _shown(_: Request) -> Response:
    return Response(NAME, media_type="text/html")


ROUTES: Final = [
    Route("/away", _redirected),
    Route("/refused", _refused),
    Route("/{any}", _shown),
]


@pytest.mark.parametrize(
    ("path", "headers", "told"),
    [
        (f"/page?q={quote(NAME)}", {}, f"address: {[NAME]}"),
        (f"/{MEMBER}", {}, f"address: {[MEMBER]}"),
        ("/page", {"Referer": f"/?{MEMBER}"}, f"address one came from: {[MEMBER]}"),
        ("/away", {}, f"header: {[MEMBER]}"),
        ("/refused", {}, f"problem: {[NAME]}"),
    ],
)
def test_an_address_a_header_and_a_problem_are_told(
    path: str, headers: dict[str, str], told: str
) -> None:
    TestClient(Told(Starlette(routes=ROUTES))).get(path, headers=headers, follow_redirects=False)
    assert searched() == told


def test_a_page_may_show_whom_it_is_about() -> None:
    TestClient(Told(Starlette(routes=ROUTES))).get("/page")
    LEAVING.search()


def test_every_person_whom_the_tests_of_the_pages_write_is_a_canary() -> None:
    found = {
        node.value
        for room in TYPED_IN
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _PERSON.fullmatch(node.value)
    }
    assert len(found) > 10
    assert {one for one in found if not traces(one)} == NOBODY


def test_everybody_at_the_desk_is_a_canary() -> None:
    assert tuple(one.name for one in IDENTITIES) == OFFICERS
