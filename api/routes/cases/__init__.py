"""Disclosure cases: one door a step, and what is read of a case.

`taking` is how every step is taken; `intake`, `papers`, `measures`, `searching`, `replying`,
`substituting` and `ending` are the steps, `reading` and `printing` what leaves the house.
"""

from api.routes.cases import (
    ending,
    intake,
    measures,
    papers,
    printing,
    reading,
    replying,
    searching,
    substituting,
)

ROUTERS = (
    intake.router,
    intake.searching,
    papers.router,
    measures.knowing,
    measures.router,
    searching.looking,
    searching.router,
    replying.router,
    substituting.router,
    ending.router,
    reading.router,
    printing.router,
)
"""The doors, in the order in which the API document lists them."""
