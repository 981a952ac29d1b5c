"""The application of one web process: the house, its doors, and what is asked about them."""

import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import Any, Final, LiteralString

from fastapi import FastAPI

from api import (
    corrections,
    events,
    histories,
    notices,
    persons,
    quarantine,
    reassessments,
    transfers,
)
from api.app import Doors, create_app
from api.contract import SCHEMA
from api.health import Check
from api.house import House
from api.items import ID_BYTES_MAX, ORDER_11, SOURCE_BYTES_MAX
from api.observability import Metrics
from api.serving.lag import LagWatch
from api.serving.secrets import secrets_of
from api.settings import Settings
from ledger.postgres.roles import RoleUrls

ROUTERS: Final = (
    transfers.router,
    corrections.router,
    events.router,
    histories.router,
    notices.router,
    persons.router,
    quarantine.router,
    reassessments.router,
)
"""The doors into the house."""

ISSUER: Final = "ledger"
"""Whose identities the authenticator's are: a name in the keyed hash of an actor."""

_ANY_KEY: LiteralString = "SELECT key_id FROM ledger.data_keys ORDER BY key_id LIMIT 1"
_END_S_MAX: Final = 2.0

Schema = dict[str, Any]

_TRANSFER: Final[Schema] = {
    # An identifier of its own would make every reference inside the document relative to it.
    name: value
    for name, value in SCHEMA.items()
    if name not in ("$schema", "$id")
}
_ITEM: Final[Schema] = {
    "type": "object",
    "description": "One transfer under its key: `source` and `id` name it for ever.",
    "required": ["source", "id", "data"],
    "additionalProperties": False,
    "properties": {
        "source": {
            "type": "string",
            "minLength": 1,
            "maxLength": SOURCE_BYTES_MAX,
            "description": "Which system sends it: the key's own source, or below it",
        },
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": ID_BYTES_MAX,
            "description": "The transfer's name in that system; never a person",
        },
        "data": {"$ref": "#/components/schemas/Transfer"},
        "order_11": {
            "enum": list(ORDER_11),
            "description": "Order 11, marked; only for a key with `records:exclude`",
        },
    },
}
SCHEMAS: Final[dict[str, Schema]] = {"Item": _ITEM, "Transfer": _TRANSFER}
"""Schema components of the OpenAPI document that no model of the framework gives."""


@contextmanager
def served(settings: Settings, urls: RoleUrls) -> Generator[FastAPI]:
    """The application while it serves; what waits is recorded at the end.

    Args:
        urls: of a database with every migration applied.

    Raises:
        SettingsError: a secret is missing.
    """
    house = House(urls, settings.name, secrets_of(settings))
    metrics = Metrics()
    watch = LagWatch(house.reads, house.histories.reached, house.now)
    stop = threading.Event()
    counting = threading.Thread(
        target=watch.keep_counting, args=(metrics.registry, stop), name="lag", daemon=True
    )
    with closing(house), house.services(settings) as services:
        counting.start()
        try:
            yield create_app(
                Doors(
                    settings=settings,
                    connect=house.writer.connection,
                    actor_of=lambda identity: house.secret.actor(ISSUER, identity),
                    checks=checks(house, watch, settings),
                    metrics=metrics,
                    routers=ROUTERS,
                    schemas=SCHEMAS,
                    services=services,
                )
            )
        finally:
            stop.set()
            counting.join(_END_S_MAX)


def checks(house: House, watch: LagWatch, settings: Settings) -> dict[str, Check]:
    """What must pass for `/health/ready`: both sides of the store, the keys, the read side."""
    return {
        "database": lambda: (house.reads.head(), house.writer.read(lambda c: c.execute("SELECT"))),
        "key_ring": _key_ring(house),
        "projection": lambda: watch.check(settings.projection_lag_s_max),
    }


def _key_ring(house: House) -> Callable[[], None]:
    def check() -> None:
        """A living key opens under the masters of this process; in a new ledger there is none."""
        row = house.writer.read(lambda c: c.execute(_ANY_KEY).fetchone())
        if row is not None:
            house.keys.open([bytes(row[0])])

    return check
