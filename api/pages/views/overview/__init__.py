"""One case at a glance: `case_page` and its forms, its `letters` and its label."""

from typing import Final

from api.pages.views.overview import case_page, letters

ROUTERS: Final = (case_page.router, letters.router, case_page.drafts)
"""The page with its forms, what is printed beside the papers, the drafts."""
