"""One case at a glance: `case_page` and its forms, its `letters` and its label."""
