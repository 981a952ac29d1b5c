"""The pages, one file a subject; none knows another.

`signing` in and out, `worklist` 受付一覧, `intake` 受付登録, `overview` of a case, `steps` from the
papers to the keeping, `files` style sheets and scripts.
"""

from typing import Final

from api.pages.views import files, intake, overview, signing, steps, watching, worklist

ROUTERS: Final = (
    worklist.router,
    intake.router,
    *overview.ROUTERS,
    *steps.ROUTERS,
    *watching.ROUTERS,
    signing.router,
    signing.by_provider,
    files.router,
)
"""The pages in the order in which they are tried."""
