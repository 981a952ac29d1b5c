"""What can be seen from outside: log lines, numbers, request ids. Never a person.

`watch`, the middleware, is for who answers requests alone: the others start sooner without it.
"""

from api.observability.logs import configure
from api.observability.metrics import Metrics

__all__ = ["Metrics", "configure"]
