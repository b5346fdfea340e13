"""Authorization: roles are checked here and nowhere else.

A route declares its roles by its account parameter: ``account: ApiCurator``, ``account: PageEditor``. The API takes a
key or a session; pages take a session and redirect to the log-in. Ownership is the repository's: it queries with the
organisation's slug, so that anything else is 404.

A person may have several memberships, and a session acts by one. Where that one may not open a route, the request acts
by the one that may; where several may, the person is asked. A key acts by its own membership only.
"""

# No postponed annotations: FastAPI reads those of a dependency that is an object without its module's names.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.accounts.accounts import Account, Accounts, Role
from shared.accounts.model import CURATORS, ROLES, Membership, act_by, choose_memberships
from shared.i18n.text import _
from shared.web.csrf import is_same_origin
from shared.web.problems import FormExpired, LoginNeeded, MembershipNeeded, WrongRole

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
AS_PARAMETER: Final = "as"
"""Of an address: the key of the membership, or the organisation, by which the request acts if the person may."""

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
        """Raises LoginNeeded, FormExpired (a change by session from another origin), WrongRole or MembershipNeeded."""
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
        """Raises LoginRequired, OtherRolesPage (reading), WrongRole (changing) or MembershipNeeded."""
        account = await find_current_account(request)
        if account is None:
            raise LoginRequired(request)
        if request.method in SAFE_METHODS and not choose_memberships(account, self.roles):
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


def prefer_membership(request: Request, organisation: str) -> None:
    """Let the request act for this organisation, such as the owner of what is opened, if the person may."""
    request.state.preferred = organisation


def get_acting_account(request: Request) -> Account:
    """The account that a role was checked for; raises LookupError if none was."""
    account: Account | None = getattr(request.state, "acting", None)
    if account is None:
        raise LookupError("the route has no dependency on a role, or has it behind this one")
    return account


def _check_role(request: Request, account: Account, roles: frozenset[Role]) -> Account:
    """Raises WrongRole or MembershipNeeded."""
    request.state.account = account
    named = request.query_params.get(AS_PARAMETER, "")
    fitting = choose_memberships(account, roles, getattr(request.state, "preferred", "") or named)
    if not fitting or (request.method not in SAFE_METHODS and named and not _is_among(fitting, named)):
        raise WrongRole  # a change for one organisation must not become one for another
    if len(fitting) > 1:
        raise MembershipNeeded(fitting)
    acting = act_by(account, fitting[0])
    request.state.account = request.state.acting = acting
    return acting


def _is_among(memberships: Sequence[Membership], named: str) -> bool:
    return any(named in {each.key, each.organisation} for each in memberships)


def _include(roles: tuple[Role, ...]) -> frozenset[Role]:
    """All roles, if none is named; a chief may do what a curator may."""
    found = frozenset(roles) or ROLES
    return found | CURATORS if "curator" in found else found


def require_api_account(*roles: Role) -> ApiAccount:
    """All roles, if none is named; a chief may do what a curator may."""
    return ApiAccount(_include(roles))


def require_page_account(*roles: Role) -> PageAccount:
    """All roles, if none is named; a chief may do what a curator may."""
    return PageAccount(_include(roles))


ApiEditor = Annotated[Account, Depends(require_api_account("editor"))]
ApiCurator = Annotated[Account, Depends(require_api_account("curator"))]
ApiChief = Annotated[Account, Depends(require_api_account("chief"))]
PageEditor = Annotated[Account, Depends(require_page_account("editor"))]
PageCurator = Annotated[Account, Depends(require_page_account("curator"))]
PageChief = Annotated[Account, Depends(require_page_account("chief"))]
PageAdministrator = Annotated[Account, Depends(require_page_account("administrator"))]
PageAnybody = Annotated[Account, Depends(require_page_account())]


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
