"""Checks of mail: whether it can be sent, what waits, which addresses refuse it."""

from __future__ import annotations

from services.admin.doctor.findings import Finding, ok, warning
from shared.database.client import Database
from shared.jobs.repository import COLLECTION
from shared.mail.repository import Mails
from shared.settings import CommonSettings

ABOUT = "mail"


async def examine_mail(database: Database, settings: CommonSettings) -> list[Finding]:
    """Raises PyMongoError."""
    mails = Mails(database.client[settings.database("accounts")][COLLECTION])
    waiting = await mails.count(state="waiting")
    refused = await mails.count(state="refused")
    failed = await mails.count(state="failed")
    return [_check_sending(settings, waiting), *_check_refusals(refused, failed)]


def _check_sending(settings: CommonSettings, waiting: int) -> Finding:
    if settings.smtp_url is None and waiting:
        what = f"{waiting} mails wait, because no mail server is set."
        return warning(ABOUT, what, "Set KAL_SMTP_URL for ingest and calendar; nothing is lost until then.")
    if settings.smtp_url is None:
        return ok(ABOUT, "No mail server is set; mails would wait.")
    return ok(ABOUT, f"{waiting} mails wait to be sent.")


def _check_refusals(refused: int, failed: int) -> list[Finding]:
    found = []
    if refused:
        what = f"{refused} mails were not sent because their addresses refuse mail."
        do = "`kalendarium mail list --state refused` shows them; ask the people for other addresses."
        found.append(warning("mail addresses", what, do))
    if failed:
        what = f"{failed} mails were refused by the mail server for another reason than their addresses."
        do = "`kalendarium mail show ID` has its answer; mend the cause, then `kalendarium mail resend ID`."
        found.append(warning("mail server", what, do))
    return found
