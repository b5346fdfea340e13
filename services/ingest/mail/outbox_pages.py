"""The outbox for administrators: what was sent, what waits, and why something was not."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.ingest.mail.view import HOME, KNOWN_STATES, STATES, build_address, make_row, make_view
from services.ingest.state import Service, State
from shared.accounts.audit import Act
from shared.accounts.model import Account
from shared.email_address import MAX_ADDRESS_LENGTH, AddressInvalid
from shared.i18n.text import Text, _, translate
from shared.mail.message import build_message_id
from shared.mail.model import MailState
from shared.mail.outbox import MailOutbox
from shared.mail.repository import OutboxItem
from shared.web.auth.roles import PageAdministrator, require_page_account
from shared.web.forms import read_field
from shared.web.pages.layout import Link
from shared.web.paging import clamp_page, number_pages, read_page
from shared.web.problems import NotFound

ON_A_PAGE = 50
TEST_QUEUED = _("The test mail is on its way. It stands below with what became of it.")
TEST_WAITS = _("The test mail waits below until a mail server is set.")
NO_ADDRESS = _("Enter an e-mail address, such as anna@example.org.")
RESENT = _("The mail will be sent again.")
NOT_RESENT = _("It cannot be sent again: it is being sent, or its links were removed. Start anew what it was about.")
CLEARED = _("Mail is sent to this address again. What was refused is not sent by itself: send it again where needed.")

router = APIRouter(prefix=HOME, dependencies=[Depends(require_page_account("administrator"))])


@router.get("")
async def show_outbox(request: Request, service: Service) -> Response:
    return await _render_list(request, service)


@router.post("")
async def send_test(request: Request, service: Service) -> Response:
    form = await service.pages.read_form(request)
    address = read_field(form, "address")[:MAX_ADDRESS_LENGTH]
    try:
        await service.mail.queue_test(address, service.pages.choose_language(request))
    except AddressInvalid:
        return await _render_list(request, service, recipient=address, error=NO_ADDRESS)
    response = service.pages.redirect(HOME)
    service.pages.flash(response, TEST_QUEUED if service.mail.sends else TEST_WAITS, request)
    return response


async def _render_list(request: Request, service: State, *, recipient: str = "", error: str = "") -> Response:
    state = KNOWN_STATES.get(request.query_params.get("state", ""))
    email = request.query_params.get("to", "").strip()[:MAX_ADDRESS_LENGTH]
    mails = service.mail.mails
    count = await mails.count(state=state, email=email)
    page = clamp_page(read_page(request), count=count, size=ON_A_PAGE)
    found = await mails.list(state=state, email=email, skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    lang = service.pages.choose_language(request)
    return await service.pages.render(
        request,
        "mails.html",
        status=422 if error else 200,
        title=_("Mail"),
        rows=[make_row(each, lang, service.region.time_zone) for each in found],
        count=count,
        sends=service.mail.sends,
        state=state or "",
        email=email,
        states=[(name, translate(label, lang)) for name, label in STATES.items()],
        active=_list_active(state, email, lang),
        recipient=recipient,
        error=error,
        paging=number_pages(
            page, count=count, size=ON_A_PAGE, make_address=lambda number: build_address(state, email, number)
        ),
    )


def _list_active(state: MailState | None, email: str, lang: str) -> list[Link]:
    """The filters that are on, each as a link without it."""
    found = [Link(translate(STATES[state], lang), build_address(None, email))] if state else []
    return [*found, Link(email, build_address(state, ""))] if email else found


@router.get("/{mail_id}")
async def show_mail_page(request: Request, mail_id: str, service: Service) -> Response:
    outbox = service.mail
    item = await _find(outbox, mail_id)
    lang = service.pages.choose_language(request)
    message_id = build_message_id(item.job.id, outbox.site)
    mail = make_view(item, message_id, lang, service.region.time_zone)
    return await service.pages.render(request, "mail.html", title=mail.row.subject, mail=mail, sends=outbox.sends)


@router.post("/{mail_id}/resend")
async def resend(request: Request, mail_id: str, service: Service, account: PageAdministrator) -> Response:
    await service.pages.read_form(request)
    item = await _find(service.mail, mail_id)
    done = await service.mail.resend(item)
    if done:
        await _note(service, "mail_sent_again", item, account)
    return _return_to(request, service, mail_id, RESENT if done else NOT_RESENT)


@router.post("/{mail_id}/clear-address")
async def clear_address(request: Request, mail_id: str, service: Service, account: PageAdministrator) -> Response:
    await service.pages.read_form(request)
    item = await _find(service.mail, mail_id)
    signer = await service.mail.get_signer()
    await service.mail.addresses.clear(signer.derive_key(item.mail.to.email))
    await _note(service, "mail_address_cleared", item, account)
    return _return_to(request, service, mail_id, CLEARED)


async def _note(service: State, act: Act, item: OutboxItem, account: Account) -> None:
    await service.accounts.audit.add(act, by=account.id, person=item.mail.to.account_id, mail=item.job.id)


async def _find(outbox: MailOutbox, mail_id: str) -> OutboxItem:
    item = await outbox.mails.find(mail_id)
    if item is None:
        raise NotFound
    return item


def _return_to(request: Request, service: State, mail_id: str, said: Text) -> Response:
    response = service.pages.redirect(f"{HOME}/{mail_id}")
    service.pages.flash(response, said, request)
    return response
