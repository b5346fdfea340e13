"""The administrator's page: what is managed on pages, and what stays on the command line of the server."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.i18n.text import Text, _
from shared.web.auth.roles import PageAdministrator
from shared.web.pages.renderer import Pages


@dataclass(frozen=True, slots=True)
class AdministrationPage:
    """``path`` is below ingest's page of administration."""

    label: Text
    purpose: Text
    path: str


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A command without ``kalendarium``; capitals stand for what one fills in."""

    purpose: Text
    line: str


PAGES: Final = (
    AdministrationPage(_("People"), _("Who may log in, with which roles; invitations"), "people"),
    AdministrationPage(_("Organisations"), _("New ones, names, closing"), "organisations"),
    AdministrationPage(_("Keys"), _("Whose they are, when they were used, revoking"), "keys"),
    AdministrationPage(_("Mail"), _("What was sent to whom, what waits, what was refused"), "mail"),
    AdministrationPage(_("Who did what"), _("Accounts, roles, keys and organisations: every change"), "audit"),
)
COMMANDS: Final = (
    ShellCommand(
        _("The first administrator, who then invites everybody else"),
        "account add EMAIL --organisation SLUG --name NAME --role administrator",
    ),
    ShellCommand(_("Whether everything works, and what to do if not"), "doctor"),
    ShellCommand(_("Backup"), "backup FILE"),
    ShellCommand(_("Messages that a service could not read"), "dead-letters list"),
    ShellCommand(_("Work that is late, or was given up"), "jobs list"),
)


def create_administration_router(service: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"/{service}/administration", show_administration, methods=["GET"])
    return router


async def show_administration(request: Request, account: PageAdministrator) -> Response:
    pages: Pages = request.app.state.pages
    return await pages.render(
        request,
        "administration.html",
        title=_("Administration"),
        account=account,
        folder=f"{pages.settings.ingest_url}/ingest/administration",
        calendar_url=pages.settings.calendar_url,
        links=PAGES,
        commands=COMMANDS,
    )
