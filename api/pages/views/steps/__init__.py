"""The steps of a case, one page each; `next_step` leads to the one that comes next."""

from typing import Final

from api.pages.views.steps import (
    approval,
    completion,
    decision,
    next_step,
    paper_parts,
    papers,
    post,
    records,
)

ROUTERS: Final = (
    next_step.router,
    papers.router,
    paper_parts.router,
    records.router,
    records.drafts,
    decision.router,
    approval.router,
    approval.drafts,
    post.router,
    post.drafts,
    completion.router,
    completion.drafts,
)
"""The pages of the steps, in their order."""
