"""The pages of those who watch over the ledger, one file a subject.

`emitters` 送信元, `quarantine` what of it was rejected, `retention` 保存期間, `holds` 保全,
`notices` 共同利用公表事項, `exceptions` 例外, `audit` 監査ログ,
`history` 本人の履歴, `links` 名寄せ, `keys` 利用者と鍵, `exclusions` 存否の除外.
"""

from typing import Final

from api.pages.views.watching import (
    audit,
    emitters,
    exceptions,
    exclusions,
    history,
    holds,
    keys,
    links,
    notices,
    quarantine,
    retention,
)

ROUTERS: Final = (
    audit.router,
    history.router,
    links.router,
    keys.router,
    emitters.router,
    quarantine.router,
    retention.router,
    holds.router,
    notices.router,
    *exceptions.ROUTERS,
    exclusions.router,
)
