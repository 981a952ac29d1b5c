"""HTTP itself, whatever is said over it, and what all pages share (`pages`).

`intake` reads bodies (size, type, JSON), `answers` writes them, `bare_route` calls busy endpoints
past the framework, `idempotency` carries out once what is sent again, `openapi` makes the document.
`latency_padding` is a route whose answers leave on a grid of time, `padding_clock` is that grid.
`items` turns JSON into commands, `bodies` are read strictly.
"""
