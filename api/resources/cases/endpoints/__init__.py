"""Disclosure cases: one endpoint a step, and what is read of a case.

`step_request` is how every step is taken; `intake`, `papers`, `measures`, `search`, `replies`,
`substitutes` and `completion` are the steps, `case_view` and `documents` what is read.
"""

from api.resources.cases.endpoints import (
    case_view,
    completion,
    documents,
    intake,
    measures,
    papers,
    replies,
    search,
    substitutes,
)

ROUTERS = (
    intake.router,
    intake.searching,
    papers.router,
    measures.knowing,
    measures.router,
    search.candidate_router,
    search.router,
    replies.router,
    substitutes.router,
    completion.router,
    case_view.router,
    documents.router,
)
"""The endpoints, in the order in which the API document lists them."""
