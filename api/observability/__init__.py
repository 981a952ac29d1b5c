"""What can be seen from outside: log lines, numbers, request ids. Never a person."""

from api.observability.logs import configure
from api.observability.metrics import Metrics
from api.observability.watch import Watch

__all__ = ["Metrics", "Watch", "configure"]
