"""Exports leave as the command makes them, from the ledger of an application that runs."""

from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI

from api.resources.exports.export_run import Source, WrittenBag, leave
from api.web.services import Services
from ledger.exports.filters import Filters

EXPORTER = "e" * 32


def exported(app: FastAPI, place: Path, **filters: Any) -> WrittenBag:  # noqa: ANN401 -- handed on
    """A bag of these filters, at `place`."""
    group = cast("Services", app.state.services).group
    return group.call(
        lambda ledger, at: leave(
            Source(ledger.streams, ledger, lambda: at),
            EXPORTER,
            Filters(**filters),
            place,
            None,
            lambda _done, _total: None,
        )
    )
