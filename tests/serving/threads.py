"""An application behind a real server, on a thread of the test's process."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def served(app: Any, **options: Any) -> Generator[int]:  # noqa: ANN401 -- as uvicorn takes it
    """Its port; the server has ended at the end.

    Args:
        app: an ASGI application.
        options: of the server.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # asyncio, not uvloop: a second loop policy outlives a test.
        config = uvicorn.Config(app, log_config=None, access_log=False, loop="asyncio", **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "it did not start"
                time.sleep(0.01)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
