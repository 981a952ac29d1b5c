"""例外: records with findings, and verdicts that something late would change.

`listing` the list, `late` 判定の見直し, `one` the page of one record, `changing` its forms,
`person` that of its persons, `settling` what was done about its findings.
"""

from typing import Final

from api.pages.views.watching.exceptions import changing, late, listing, one, person, settling

# `late` stands before `one`: its address would be read as the id of a record.
ROUTERS: Final = (
    listing.router,
    late.router,
    one.router,
    changing.router,
    person.router,
    settling.router,
)
