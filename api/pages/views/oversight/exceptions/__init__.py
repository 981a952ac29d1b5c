"""例外: records with findings, and verdicts that something late would change.

`finding_list` the list, `late` 判定の見直し, `one` the page of one record, `corrections` its forms,
`person` that of its persons, `settlement` what was done about its findings.
"""

from typing import Final

from api.pages.views.oversight.exceptions import (
    corrections,
    finding_list,
    late,
    one,
    person,
    settlement,
)

# `late` stands before `one`: its address would be read as the id of a record.
ROUTERS: Final = (
    finding_list.router,
    late.router,
    one.router,
    corrections.router,
    person.router,
    settlement.router,
)
