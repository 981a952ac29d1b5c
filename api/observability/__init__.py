"""What can be seen from outside: log lines, numbers, request ids. Never a person."""

from api.observability.logs import configure
from api.observability.metrics import Metrics

__all__ = ["Metrics", "configure"]
