"""The administrator's page: the tasks of administration and their commands on the server."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.i18n.text import Text, _
from shared.web.auth.roles import PageAdministrator
from shared.web.pages.renderer import Pages


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A command without ``kalendarium``; capitals stand for what one fills in."""

    purpose: Text
    line: str


COMMANDS: Final = (
    ShellCommand(_("Who has an account, and which keys"), "account list"),
    ShellCommand(
        _("Make an account, or change its password, role and name"),
        "account add EMAIL --organisation SLUG --name NAME --role editor",
    ),
    ShellCommand(_("Disable an account: ends its sessions at once and stops its keys"), "account disable EMAIL"),
    ShellCommand(_("Enable an account again"), "account enable EMAIL"),
    ShellCommand(_("New API key"), "key new EMAIL"),
    ShellCommand(_("Revoke an API key"), "key revoke KEY_ID"),
    ShellCommand(_("Whether everything works, and what to do if not"), "doctor"),
    ShellCommand(_("Backup"), "backup FILE"),
    ShellCommand(_("Messages that a service could not read"), "dead-letters list"),
)


def create_administration_router(service: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"/{service}/administration", show_administration, methods=["GET"])
    return router


async def show_administration(request: Request, account: PageAdministrator) -> Response:
    pages: Pages = request.app.state.pages
    return await pages.render(
        request, "administration.html", title=_("Administration"), account=account, commands=COMMANDS
    )
