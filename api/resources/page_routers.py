"""The pages of all nouns, in the order in which they are tried."""

from typing import Final

from api.resources.accesses import act_pages as acts
from api.resources.accesses import pages as audit
from api.resources.cases.pages import (
    approval,
    completion,
    decision,
    evidence,
    intake,
    next_step,
    paper_parts,
    papers,
    post,
    print_run,
    records,
    worklist,
)
from api.resources.cases.pages.overview import case_page, letters
from api.resources.emitters import pages as emitters
from api.resources.exclusions import pages as exclusions
from api.resources.histories import pages as history
from api.resources.holds import pages as holds
from api.resources.keys import pages as keys
from api.resources.notices.pages import notice_form, notices, pending_verdicts, withdrawal
from api.resources.persons import pages as links
from api.resources.quarantine import pages as quarantine
from api.resources.quarantine import repair_pages as repair
from api.resources.reassessments import pages as late
from api.resources.registers.pages import one as register
from api.resources.registers.pages import register_list
from api.resources.retention import pages as retention
from api.resources.sessions import pages as sign_in
from api.resources.transfers.pages import corrections, finding_list, one, person, settlement
from api.web.pages import static_files, unknown

ROUTERS: Final = (
    worklist.router,
    print_run.router,
    intake.router,
    case_page.router,
    letters.router,
    case_page.drafts,
    evidence.router,
    next_step.router,
    papers.router,
    paper_parts.router,
    paper_parts.drafts,
    records.router,
    records.drafts,
    decision.router,
    decision.drafts,
    approval.router,
    approval.drafts,
    post.router,
    post.drafts,
    completion.router,
    completion.drafts,
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
    notice_form.drafts,
    withdrawal.router,
    pending_verdicts.router,
    finding_list.router,
    late.router,  # before `one`: its address would be read as the id of a record
    one.router,
    corrections.router,
    person.router,
    settlement.router,
    exclusions.router,
    register_list.router,
    register.router,
    sign_in.router,
    sign_in.by_provider,
    static_files.router,
    unknown.router,
)
