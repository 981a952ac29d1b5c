"""HTTP itself, whatever is said over it.

`intake` reads bodies (size, type, JSON), `answers` writes them, `direct` calls busy endpoints past
the framework, `openapi` makes the document.
"""
