"""The pages of those who watch over the ledger, one file a subject.

`emitters` 送信元, `quarantine` and `repair` what of it was rejected,
`retention` 保存期間, `holds` 保全,
`notices` 共同利用公表事項, `notice_form` and `withdrawal` one, `pending_verdicts` what came of
that, `exceptions` 例外,
`audit` and `acts` 監査ログ,
`history` 本人の履歴, `links` 名寄せ, `keys` 利用者と鍵, `exclusions` 存否の除外.
"""

from typing import Final

from api.pages.views.oversight import (
    acts,
    audit,
    emitters,
    exceptions,
    exclusions,
    history,
    holds,
    keys,
    links,
    notice_form,
    notices,
    pending_verdicts,
    quarantine,
    repair,
    retention,
    withdrawal,
)

ROUTERS: Final = (
    audit.router,
    acts.router,
    history.router,
    links.router,
    keys.router,
    emitters.router,
    quarantine.router,
    repair.router,
    retention.router,
    holds.router,
    notices.router,
    notice_form.router,
    withdrawal.router,
    pending_verdicts.router,
    *exceptions.ROUTERS,
    exclusions.router,
)
