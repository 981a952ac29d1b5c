"""A small application made of the real parts, with routes that the tests need."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Never

from fastapi import Depends, FastAPI, Query
from pydantic import BaseModel
from starlette.middleware import Middleware
from starlette.requests import Request

from api.app import ApiDependencies, create_app
from api.auth import ApiKeyTable, Authenticator, Caller, Connect, Proofs, Tokens, requires
from api.observability import Metrics
from api.problems.answers import install
from api.settings.settings import JwtIssuer, Settings
from api.web.access_log import Watch
from api.web.intake import BodyLimit, media_type, read_json
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import LedgerError
from tests.api.clock import Clock
from tests.database import LEDGER_NAME
from tests.rows import SECRET

BYTES_MAX = 4_096
ROW_MAC = LedgerSecret(SECRET, LEDGER_NAME).row_mac


def actor_of(identity: str) -> str:
    """An actor as the ledger makes one, with a key that only the tests have."""
    return hashlib.sha256(b"tests" + identity.encode()).hexdigest()[:16]


def no_database() -> Never:
    """Lends no connection: for tests that need none."""
    raise AssertionError("this test has no database")


class Note(BaseModel, extra="forbid"):
    """A body for tests of validation."""

    count: int


def probe_app(
    connect: Connect,
    *,
    issuers: tuple[JwtIssuer, ...] = (),
    clock: Clock | None = None,
    proofs: Proofs | None = None,
    trouble: Callable[[], LedgerError | Exception] | None = None,
) -> FastAPI:
    """The real middleware, guards and handlers around a few routes."""
    time = clock or Clock()
    app = FastAPI(
        middleware=[
            Middleware(Watch, metrics=Metrics()),
            Middleware(BodyLimit, bytes_max=BYTES_MAX, items_max=1_000),
        ]
    )
    app.state.authenticator = Authenticator(
        ApiKeyTable(connect, ROW_MAC),
        Tokens(issuers, leeway_s=30, monotonic=time),
        actor_of,
        remember_s=30,
        proofs=proofs,
        monotonic=time,
    )
    install(app)

    @app.post("/send")
    async def send(  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        request: Request, caller: Annotated[Caller, Depends(requires("events:write"))]
    ) -> dict[str, object]:
        media_type(request, "application/json")
        body = await read_json(request)
        assert isinstance(body, dict)
        caller.check_source(str(body["source"]))
        return {"actor": caller.actor, "kind": caller.kind}

    @app.get("/whoami")
    async def whoami(  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        caller: Annotated[Caller, Depends(requires("audit:read", "events:write"))],
    ) -> dict[str, object]:
        return {"actor": caller.actor, "scopes": sorted(caller.scopes), "kind": caller.kind}

    @app.post("/validated")
    async def validated(  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        note: Note, limit: Annotated[int, Query(le=10)] = 1
    ) -> int:
        return note.count + limit

    @app.get("/trouble/{place}")
    async def trouble_route(place: str) -> None:  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        del place
        assert trouble is not None
        raise trouble()

    return app


def whole_app(connect: Connect, **changes: object) -> FastAPI:
    """The application as it is served; nothing else here builds `ApiDependencies`."""
    doors: dict[str, object] = {
        "settings": Settings(),
        "connect": connect,
        "row_mac": ROW_MAC,
        "actor_of": actor_of,
        **changes,
    }
    return create_app(ApiDependencies(**doors))  # pyright: ignore[reportArgumentType] -- changes of any field
