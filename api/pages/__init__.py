"""The officers' pages: Japanese, made on the server, whole without JavaScript.

`views` are the pages, one file a subject; `route` is how a page is answered and what becomes of a
refusal, `guard` who may see it, `rendering` the templates and their headers. Below them `intake`
(the form of 受付登録), `assets` (style sheets and scripts under hashed names), `cookies`, `forms`
(what came in), `days` (as the desk writes and types them), `tabs` (the lists of cases) and `words`
(what things are called).
Templates lie in `templates`, vendored files with their licences in `static/vendor`.

A page calls what the doors of the API call: `api.services`, the ledger, `api.wire`.
"""
