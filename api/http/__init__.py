"""HTTP itself, whatever is said over it.

`intake` reads bodies (size, type, JSON), `answers` writes them, `direct` calls busy endpoints past
the framework, `idempotency` carries out once what is sent again, `openapi` makes the document.
`even` is a route whose answers leave on a grid of time, `grid` is that grid.
"""
