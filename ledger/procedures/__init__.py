"""Published procedures: the versions of the form, its documents and its fee."""
