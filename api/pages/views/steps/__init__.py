"""The steps of a case, one page each; `leading` leads to the one that comes next."""

from typing import Final

from api.pages.views.steps import (
    approval,
    decision,
    further,
    keeping,
    leading,
    paper_parts,
    papers,
    post,
    records,
)

ROUTERS: Final = (
    leading.router,
    papers.router,
    further.router,
    paper_parts.router,
    records.router,
    decision.router,
    approval.router,
    post.router,
    keeping.router,
)
"""The pages of the steps, in their order."""
