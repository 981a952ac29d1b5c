"""The pages, one file a subject; none knows another.

`sign_in` in and out, `worklist` 受付一覧, `print_run` of several replies in one run, `intake`
受付登録, `overview` of a case, `evidence` of all of it, `steps` from the papers to the keeping,
`oversight` what is to be watched, `registers` 過去の記録の取込, `files` style sheets and scripts,
`unknown` whatever else somebody asks for: the last that is tried.
"""

from typing import Final

from api.pages.views import (
    evidence,
    files,
    intake,
    oversight,
    overview,
    print_run,
    registers,
    sign_in,
    steps,
    unknown,
    worklist,
)

ROUTERS: Final = (
    worklist.router,
    print_run.router,
    intake.router,
    *overview.ROUTERS,
    evidence.router,
    *steps.ROUTERS,
    *oversight.ROUTERS,
    *registers.ROUTERS,
    sign_in.router,
    sign_in.by_provider,
    files.router,
    unknown.router,
)
"""The pages in the order in which they are tried."""
