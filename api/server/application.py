"""The application of one web process: the container, its endpoints and their limits."""

import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final

from fastapi import FastAPI

from api.app import ApiDependencies, create_app
from api.container import Container
from api.contract import SCHEMA
from api.observability import Metrics
from api.resources.accesses import endpoints as accesses
from api.resources.bulk import endpoints as bulk
from api.resources.cases import endpoints as cases
from api.resources.daily_close import endpoints as daily_close
from api.resources.emitters import endpoints as emitters
from api.resources.exclusions import endpoints as exclusions
from api.resources.exports import audit_endpoints as audit_bags
from api.resources.exports import endpoints as exports
from api.resources.health.endpoints import Check
from api.resources.histories import endpoints as histories
from api.resources.holds import endpoints as holds
from api.resources.log import endpoints as log
from api.resources.log import receipt_endpoints
from api.resources.notices import endpoints as notices
from api.resources.page_routers import ROUTERS as PAGES
from api.resources.persons import endpoints as persons
from api.resources.procedures import endpoints as procedures
from api.resources.quarantine import endpoints as quarantine
from api.resources.reassessments import endpoints as reassessments
from api.resources.retention import endpoints as retention
from api.resources.transfers import access_endpoints, correction_endpoints, event_endpoints
from api.resources.transfers import endpoints as transfers
from api.server.container_opener import check_keys, opened
from api.server.control_pipe import Reporter
from api.server.key_ring_check import RingSample
from api.server.log_metrics import BacklogWatch
from api.server.projection_metrics import LagWatch
from api.server.reasons import is_operators, why
from api.server.retention_metrics import RetentionWatch
from api.server.sign_in import ISSUER, people_of
from api.server.silence import PURGER_TIMES, SilenceWatch
from api.server.watches import EmitterWatch, StopsWatch
from api.settings.settings import Settings
from api.web.items import ID_BYTES_MAX, ORDER_11, SOURCE_BYTES_MAX
from ledger.clock import now
from ledger.postgres.roles import RoleUrls


def checks(container: Container, watch: LagWatch, settings: Settings) -> dict[str, Check]:
    """What must pass for `/health/ready`: both sides of the store, the keys, the read side."""
    sample = RingSample(container.writer, container.secret.row_mac, container.now)
    return {
        "database": lambda: (
            container.reads.head(),
            container.writer.read(lambda c: c.execute("SELECT")),
        ),
        "key_ring": lambda: check_keys(container, sample),
        "projection": lambda: watch.check(settings.projection_lag_s_max),
    }


_LOGGER: Final = logging.getLogger(__name__)


class ReportingCheck:
    """A check that says why it fails whenever the reason is another one than before."""

    def __init__(self, name: str, check: Check, report: Reporter) -> None:
        self._name = name
        self._check = check
        self._report = report
        self._why: str | None = None

    def __call__(self) -> None:
        """Pass, or raise what the check raises."""
        try:
            self._check()
        except Exception as error:
            self._change(why(error), error)
            raise
        self._change(None, None)

    def _change(self, reason: str | None, error: Exception | None) -> None:
        if reason == self._why:
            return
        self._why = reason
        self._report(self._name, reason)
        if reason is None:
            _LOGGER.info("the check passes again", extra={"check": self._name})
        else:
            # A sentence of ours: errors of the ledger hold no personal data, others give a name.
            is_operational = error is None or is_operators(error)
            _LOGGER.warning(
                reason,
                exc_info=None if is_operational else error,
                extra={"check": self._name, "error": type(error).__name__},
            )


ROUTERS: Final = (
    transfers.router,
    access_endpoints.router,
    bulk.router,
    bulk.parts,
    correction_endpoints.router,
    event_endpoints.router,
    exclusions.router,
    exports.router,
    audit_bags.router,
    histories.router,
    holds.router,
    log.router,
    notices.router,
    persons.router,
    quarantine.router,
    reassessments.router,
    receipt_endpoints.router,
    retention.router,
    emitters.router,
    daily_close.router,
    accesses.router,
    procedures.router,
    procedures.checking,
    *cases.ROUTERS,
)
"""The routers of all endpoints."""

_END_S_MAX: Final = 2.0

WatchLoop = Callable[[threading.Event], None]
"""Looks at something again and again until the event is set."""

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
def served(
    settings: Settings,
    urls: RoleUrls,
    report: Reporter = lambda _, __: None,
    clock: Callable[[], datetime] = now,
) -> Generator[FastAPI]:
    """The application while it serves; what waits is recorded at the end.

    Args:
        urls: of a database with every migration applied.
        report: is told which readiness check fails, and why.

    Raises:
        SettingsError: a secret is missing.
        BrokenWorldError, StoreUnavailableError: see `opened`.
    """
    with opened(settings, urls, clock) as container, container.services(settings) as services:
        metrics = Metrics()
        watch = LagWatch(container.reads, container.histories.reached, container.now)
        keeping = RetentionWatch(
            services.retention.overview,
            container.keys.masters.current,
            metrics.registry,
        )
        answer_s_max = settings.database_answer_s_max
        silence = SilenceWatch(
            {
                container.writer: answer_s_max,
                container.reader: answer_s_max,
                container.purger: answer_s_max * PURGER_TIMES,
            }
        )
        loops: dict[str, WatchLoop] = {
            "silence": partial(silence.keep_checking, metrics.registry),
            "lag": partial(watch.keep_counting, metrics.registry),
            "retention": keeping.keep_counting,
            "emitters": EmitterWatch(services, metrics.registry).keep_counting,
            "stops": StopsWatch(services).keep_checking,
        }
        late: Callable[[], tuple[str, ...]] = tuple
        if services.signed_log is not None:
            backlog = BacklogWatch(
                services.signed_log,
                metrics.registry,
                (settings.log_witness_s, settings.log_tsa_s),
            )
            loops["backlog"], late = backlog.keep_counting, backlog.late
        with _run_loops(loops):
            yield create_app(
                ApiDependencies(
                    settings=settings,
                    connect=container.writer.connection,
                    row_mac=container.secret.row_mac,
                    actor_of=lambda identity: container.secret.actor(ISSUER, identity),
                    checks={
                        name: ReportingCheck(name, check, report)
                        for name, check in checks(container, watch, settings).items()
                    },
                    late=late,
                    metrics=metrics,
                    routers=(*ROUTERS, *PAGES) if settings.pages_url else ROUTERS,
                    schemas=SCHEMAS,
                    services=services,
                    people=people_of(container, settings),
                )
            )


@contextmanager
def _run_loops(loops: Mapping[str, WatchLoop]) -> Generator[None]:
    """Let each look at its matter again and again, in a thread of its name, until the end."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=loop, args=(stop,), name=name, daemon=True)
        for name, loop in loops.items()
    ]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join(_END_S_MAX)
