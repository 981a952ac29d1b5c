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
    records.drafts,
    decision.router,
    approval.router,
    approval.drafts,
    post.router,
    post.drafts,
    keeping.router,
    keeping.drafts,
)
"""The pages of the steps, in their order."""
