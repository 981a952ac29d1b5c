"""One case at a glance (`reading`), and what is done with the case as a whole (`ending`)."""

from typing import Final

from api.pages.views.overview import ending, reading

ROUTERS: Final = (reading.router, ending.router)
"""The page, and its forms."""
