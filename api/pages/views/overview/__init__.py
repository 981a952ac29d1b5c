"""One case at a glance: `reading`, its `label` and `letters`, and its `ending` as a whole."""

from typing import Final

from api.pages.views.overview import ending, label, letters, reading

ROUTERS: Final = (reading.router, label.router, letters.router, ending.router, ending.drafts)
"""The page, what is stuck on the papers and printed beside them, the forms and their drafts."""
