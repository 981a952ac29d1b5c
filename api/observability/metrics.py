"""Numbers for Prometheus: one registry a process, labels by template, never by value."""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the durations, in seconds."""

METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""Methods with a label of their own; a stranger's made-up one counts as `OTHER`."""

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Metrics:
    """What this process counts.

    Attributes:
        registry: others add their own numbers here; labels are codes, never names or ids.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "ledger_http_request_seconds",
            "Duration of HTTP requests by route template, method and status",
            ("route", "method", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        # `labels()` takes a lock and builds a key; a request should do neither.
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (route, method, status)
        child = self._children.get(key)
        if child is None:
            label = method if method in METHODS else "OTHER"
            child = self._requests.labels(route, label, str(status))
            if label == method:
                self._children[key] = child
        child.observe(seconds)

    def exposition(self) -> bytes:
        """All numbers in the text format of Prometheus."""
        return generate_latest(self.registry)
