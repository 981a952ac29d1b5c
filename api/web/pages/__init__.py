"""The officers' pages: Japanese, made on the server, whole without JavaScript.

`page_routers` are the pages, one file a subject; `route` is how a page is answered and what becomes
of a refusal, `guard` who may see it, `renderer` the templates and their headers, `navigation` who
has which page, `once` how a form becomes one command. `step_submission` is how a page takes a step
of a case, `step_view` what stands around each step, `form_drafts` what is kept while somebody
types, `draft_recovery` what somebody sends whose time is up. Below them `forms` (their order, their
forms), `oversight_forms` (what 監査ログ, 本人の履歴 and 利用者と鍵 are made of), `intake` (the form
of 受付登録), `case_timeline` (what was done to a case, by numbers), `assets` (style sheets and
scripts under hashed names), `cookies`, `forms` (what came in), `days` (as the desk writes and types
them), `tabs` (the lists of cases), `words` and `oversight_words` (what things are called).
Templates lie in `templates`, vendored files with their licences in `static/vendor`.

A page calls what the doors of the API call: `api.services`, the ledger, `api.resources.wire`.
"""
