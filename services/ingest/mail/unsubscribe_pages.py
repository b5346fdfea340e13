"""Leaves a list by the link in a mail, without logging in (RFC 8058)."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.state import Service, State
from shared.i18n.text import _, translate
from shared.mail.addresses import TokenInvalid
from shared.mail.model import LISTS
from shared.mail.outbox import UNSUBSCRIBE_PATH
from shared.web.forms import read_field, read_form
from shared.web.http.media_types import is_multipart
from shared.web.problems import NotFound

AGAIN = "again"
NO_SUCH_LINK = _("This link is not complete. Copy all of it from the mail, or write to the sender.")

router = APIRouter(prefix=UNSUBSCRIBE_PATH.rstrip("/"))


@router.get("/{token}")
async def ask_unsubscribe(request: Request, token: str, service: Service) -> Response:
    _key, list_name = await _read_token(service, token)
    return await _render(request, service, token, list_name, done="")


@router.post("/{token}")
async def unsubscribe(request: Request, token: str, service: Service) -> Response:
    """A mail program sends ``List-Unsubscribe=One-Click``, our page also ``act``; the token is the right to it."""
    key, list_name = await _read_token(service, token)
    # Of a form in several parts the media type is enough: only mail programs send one, and all of them mean this.
    multipart = is_multipart(request.headers.get("content-type", ""))
    again = not multipart and read_field(await read_form(request), "act") == AGAIN
    if again:
        await service.mail.addresses.resubscribe(key, list_name)
    else:
        await service.mail.addresses.unsubscribe(key, list_name)
    return await _render(request, service, token, list_name, done="subscribed" if again else "unsubscribed")


async def _read_token(service: State, token: str) -> tuple[str, str]:
    """Raises NotFound."""
    try:
        return (await service.mail.get_signer()).read_token(token)
    except TokenInvalid:
        raise NotFound(NO_SUCH_LINK) from None


async def _render(request: Request, service: State, token: str, list_name: str, *, done: str) -> Response:
    return await service.pages.render(
        request,
        "unsubscribe.html",
        title=_("Stop these mails"),
        action=UNSUBSCRIBE_PATH + token,
        about=translate(LISTS.get(list_name, ""), service.pages.choose_language(request)),
        done=done,
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
    )
