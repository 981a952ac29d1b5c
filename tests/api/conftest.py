"""Fixtures of the doors."""

import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from api.observability import configure
from api.observability.logs import OURS, SERVER


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process with configured logs writes to standard error; all is put back afterwards."""
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    for hooked in (sys, threading):
        monkeypatch.setattr(hooked, "excepthook", hooked.excepthook)
    for name in ("logThreads", "logProcesses", "logMultiprocessing"):
        monkeypatch.setattr(logging, name, getattr(logging, name))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in (*OURS, SERVER)}
    # Whoever configured logs in this process before may have left it set, and undone beneath.
    logging.captureWarnings(capture=False)
    configure("INFO")
    yield stderr
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.getLogger("uvicorn.access").propagate = True
