"""One case at a glance: `case_page`, its `label` and `letters`, and its `completion` as a whole."""

from typing import Final

from api.pages.views.overview import case_page, completion, label, letters

ROUTERS: Final = (
    case_page.router,
    label.router,
    letters.router,
    completion.router,
    completion.drafts,
)
"""The page, what is stuck on the papers and printed beside them, the forms and their drafts."""
