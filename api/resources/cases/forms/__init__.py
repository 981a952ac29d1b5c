"""The steps of a case as the pages lead through them: their order, and their forms, read."""
