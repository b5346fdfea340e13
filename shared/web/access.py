"""Who may do what: roles are checked here and nowhere else.

A route declares its roles by asking for an account: ``account: ApiCurator``, ``account: PageEditor``. The API takes a
key or a session, pages take a session and send everybody else to the log-in. What belongs to whom (an editor's own
organisation) is for the service's store: it asks for the organisation's slug and answers 404 for anything else.
"""

# No postponed annotations: FastAPI reads those of a dependency that is an object without its module's names.

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.web.accounts import Account, Accounts, Role
from shared.web.locale import _
from shared.web.origin import come_from_us
from shared.web.problems import FormExpired, LoginNeeded, WrongRole

ROLES: Final[frozenset[Role]] = frozenset({"editor", "curator", "administrator"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(
    auto_error=False, scheme_name="API key", description="`kal_<id>_<secret>`; a key acts as the account it belongs to."
)


class SentToLogin(Exception):
    """A page needs a log-in; ``request`` is what was asked for, and what it holds must not be lost on the way."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.url.path)
        self.request = request


def accounts_of(request: Request) -> Accounts:
    """Give the accounts that the service's lifespan opened (``app.state.accounts``)."""
    accounts: Accounts = request.app.state.accounts
    return accounts


@dataclass(frozen=True)
class ApiAccount:
    """The account behind a request to the API, by key or session, if it has one of the roles."""

    roles: frozenset[Role]

    async def __call__(
        self, request: Request, key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Account:
        """Give the account.

        Raises:
            LoginNeeded: if there is neither a known key nor a session.
            FormExpired: if a session alone asks for a change and the request does not come from our own pages.
            WrongRole: if the account has another role.

        """
        account = await (_of_key(request, key) if "authorization" in request.headers else _of_session(request))
        if account is None:
            raise LoginNeeded(headers={"WWW-Authenticate": 'Bearer realm="kalendarium"'})
        return _admitted(request, account, self.roles)


@dataclass(frozen=True)
class PageAccount:
    """The account that is logged in, if it has one of the roles."""

    roles: frozenset[Role]

    async def __call__(self, request: Request) -> Account:
        """Give the account.

        Raises:
            SentToLogin: if nobody is logged in.
            WrongRole: if the account has another role.

        """
        account = await current_account(request)
        if account is None:
            raise SentToLogin(request)
        return _admitted(request, account, self.roles)


async def current_account(request: Request) -> Account | None:
    """Give the account of the request's session, if there is one; looked up once a request."""
    if not hasattr(request.state, "account"):
        accounts = accounts_of(request)
        request.state.account = await accounts.of_session(request.cookies.get(accounts.cookie_name))
    account: Account | None = request.state.account
    return account


async def _of_key(request: Request, key: HTTPAuthorizationCredentials | None) -> Account | None:
    account = await accounts_of(request).of_key(key.credentials) if key else None
    if account is None:
        headers = {"WWW-Authenticate": 'Bearer realm="kalendarium", error="invalid_token"'}
        raise LoginNeeded(_("Tego klucza API nie ma albo został wycofany."), code="unknown_key", headers=headers)
    return account


async def _of_session(request: Request) -> Account | None:
    account = await current_account(request)
    if account and request.method not in SAFE_METHODS and not come_from_us(request, required=True):
        raise FormExpired(_("Wyślij zapytanie z naszej strony albo użyj klucza API."), code="foreign_request")
    return account


def _admitted(request: Request, account: Account, roles: frozenset[Role]) -> Account:
    request.state.account = account
    if account.role not in roles:
        raise WrongRole
    return account


def api_account(*roles: Role) -> ApiAccount:
    """Make the dependency of an API route that is for these roles; for all of them if none is named."""
    return ApiAccount(frozenset(roles) or ROLES)


def page_account(*roles: Role) -> PageAccount:
    """Make the dependency of a page that is for these roles; for all of them if none is named."""
    return PageAccount(frozenset(roles) or ROLES)


ApiEditor = Annotated[Account, Depends(api_account("editor"))]
ApiCurator = Annotated[Account, Depends(api_account("curator"))]
ApiAdministrator = Annotated[Account, Depends(api_account("administrator"))]
AnyAccount = Annotated[Account, Depends(api_account())]
PageEditor = Annotated[Account, Depends(page_account("editor"))]
PageCurator = Annotated[Account, Depends(page_account("curator"))]
PageAdministrator = Annotated[Account, Depends(page_account("administrator"))]
AnyPageAccount = Annotated[Account, Depends(page_account())]


def login_address(service: str, wanted: str) -> str:
    """Give the address of a service's log-in that leads on to ``wanted``, a path of our own."""
    return f"/{service}/login?next={quote(wanted, safe='/')}"


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    """Give every route of an app with its full path, those of included routers too."""
    return iter_route_contexts(app.routes)


def roles_of(route: RouteContext) -> frozenset[Role] | None:
    """Give the roles that a route admits; None if it is open to everybody."""
    admissions = list(_admissions(getattr(route, "dependant", None)))
    if not admissions:
        return None
    return frozenset.intersection(*(each.roles for each in admissions))


def _admissions(dependant: Any) -> Iterator[ApiAccount | PageAccount]:  # noqa: ANN401 - FastAPI's own, not public
    for each in dependant.dependencies if dependant else ():
        if isinstance(each.call, ApiAccount | PageAccount):
            yield each.call
        yield from _admissions(each)
