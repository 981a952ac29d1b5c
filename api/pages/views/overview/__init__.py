"""One case at a glance (`reading`), its `label`, and what is done with it as a whole (`ending`)."""

from typing import Final

from api.pages.views.overview import ending, label, reading

ROUTERS: Final = (reading.router, label.router, ending.router, ending.drafts)
"""The page, what is stuck on the papers, the forms and their drafts."""
