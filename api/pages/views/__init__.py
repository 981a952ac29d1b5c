"""The pages, one file a subject; none knows another.

`signing` in and out, `worklist` 受付一覧, `printing` of several replies in one run, `intake`
受付登録, `overview` of a case, `evidence` of all of it, `steps` from the papers to the keeping,
`watching` what is to be watched, `registers` 過去の記録の取込, `files` style sheets and scripts,
`unknown` whatever else somebody asks for: the last that is tried.
"""

from typing import Final

from api.pages.views import (
    evidence,
    files,
    intake,
    overview,
    printing,
    registers,
    signing,
    steps,
    unknown,
    watching,
    worklist,
)

ROUTERS: Final = (
    worklist.router,
    printing.router,
    intake.router,
    *overview.ROUTERS,
    evidence.router,
    *steps.ROUTERS,
    *watching.ROUTERS,
    *registers.ROUTERS,
    signing.router,
    signing.by_provider,
    files.router,
    unknown.router,
)
"""The pages in the order in which they are tried."""
