"""Authorization: roles are checked here and nowhere else.

A route declares its roles by its account parameter: ``account: ApiCurator``, ``account: PageEditor``. The API takes a
key or a session; pages take a session and redirect to the log-in. Ownership is the repository's: it queries with the
organisation's slug, so that anything else is 404.
"""

# No postponed annotations: FastAPI reads those of a dependency that is an object without its module's names.

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.accounts.accounts import Account, Accounts, Role
from shared.i18n.text import _
from shared.web.csrf import is_same_origin
from shared.web.problems import FormExpired, LoginNeeded, WrongRole

ROLES: Final[frozenset[Role]] = frozenset({"editor", "curator", "administrator"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="`kal_<id>_<secret>`; a key acts as the account it belongs to."
)


class LoginRequired(Exception):
    """A page needs a log-in; the fields in ``request`` must survive it."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.scope["path"])
        self.request = request


class OtherRolesPage(Exception):
    """A page of another role was opened; ``account`` is sent to its own start."""

    def __init__(self, request: Request, account: Account) -> None:
        super().__init__(request.scope["path"])
        self.request = request
        self.account = account


def get_accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


@dataclass(frozen=True)
class ApiAccount:
    """Dependency: the account behind an API request, by key or session, with one of the roles."""

    roles: frozenset[Role]

    async def __call__(
        self, request: Request, key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Account:
        """Raises LoginNeeded, FormExpired (a change by session from another origin) or WrongRole."""
        account = await (
            _find_by_key(request, key) if "authorization" in request.headers else _find_by_session(request)
        )
        if account is None:
            raise LoginNeeded(headers={"WWW-Authenticate": 'Bearer realm="kalendarium"'})
        return _check_role(request, account, self.roles)


@dataclass(frozen=True)
class PageAccount:
    """Dependency: the account that is logged in, with one of the roles."""

    roles: frozenset[Role]

    async def __call__(self, request: Request) -> Account:
        """Raises LoginRequired, OtherRolesPage (reading) or WrongRole (changing)."""
        account = await find_current_account(request)
        if account is None:
            raise LoginRequired(request)
        if account.role not in self.roles and request.method in SAFE_METHODS:
            raise OtherRolesPage(request, account)
        return _check_role(request, account, self.roles)


async def find_current_account(request: Request) -> Account | None:
    """Find the account of the request's session, once per request."""
    if not hasattr(request.state, "account"):
        token = request.cookies.get(request.app.state.pages.session_cookie)
        request.state.account = await get_accounts(request).find_by_session(token)
    account: Account | None = request.state.account
    return account


async def _find_by_key(request: Request, key: HTTPAuthorizationCredentials | None) -> Account | None:
    account = await get_accounts(request).find_by_key(key.credentials) if key else None
    if account is None:
        headers = {"WWW-Authenticate": 'Bearer realm="kalendarium", error="invalid_token"'}
        raise LoginNeeded(_("This API key does not exist or was revoked."), code="unknown_key", headers=headers)
    return account


async def _find_by_session(request: Request) -> Account | None:
    account = await find_current_account(request)
    if account and request.method not in SAFE_METHODS and not is_same_origin(request, required=True):
        raise FormExpired(_("Send the request from our own page, or use an API key."), code="foreign_request")
    return account


def _check_role(request: Request, account: Account, roles: frozenset[Role]) -> Account:
    request.state.account = account
    if account.role not in roles:
        raise WrongRole
    return account


def require_api_account(*roles: Role) -> ApiAccount:
    """All roles, if none is named."""
    return ApiAccount(frozenset(roles) or ROLES)


def require_page_account(*roles: Role) -> PageAccount:
    """All roles, if none is named."""
    return PageAccount(frozenset(roles) or ROLES)


ApiEditor = Annotated[Account, Depends(require_api_account("editor"))]
ApiCurator = Annotated[Account, Depends(require_api_account("curator"))]
PageEditor = Annotated[Account, Depends(require_page_account("editor"))]
PageCurator = Annotated[Account, Depends(require_page_account("curator"))]
PageAdministrator = Annotated[Account, Depends(require_page_account("administrator"))]


def build_login_url(service: str, wanted: str) -> str:
    """``wanted`` is a path of our own."""
    return f"/{service}/login?next={quote(wanted, safe='/')}"


def iterate_routes(app: FastAPI) -> Iterator[RouteContext]:
    """Iterate over all routes with their full paths, including those of included routers."""
    return iter_route_contexts(app.routes)


def get_roles(route: RouteContext) -> frozenset[Role] | None:
    """None if the route is open to everybody."""
    admissions = list(_iterate_dependencies(getattr(route, "dependant", None)))
    if not admissions:
        return None
    return frozenset.intersection(*(each.roles for each in admissions))


def _iterate_dependencies(dependant: Any) -> Iterator[ApiAccount | PageAccount]:  # noqa: ANN401 - FastAPI's own, not public
    for each in dependant.dependencies if dependant else ():
        if isinstance(each.call, ApiAccount | PageAccount):
            yield each.call
        yield from _iterate_dependencies(each)
