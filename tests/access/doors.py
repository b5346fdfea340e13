"""Every route of the three services with its rule. A new route must be written into this table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from tests.access.house import PEOPLE
from tests.access.rules import SEEN, Rule, administrators, anybody, chiefs, curators, editors, everybody, owner
from tests.shared.media.drawing import draw_quarters, encode
from tests.support.builders import make_submission

Service = Literal["ingest", "calendar", "distribution"]

EVENT: Final = make_submission(external_id=None)
OTHER_EVENT: Final = make_submission(external_id=None, title={"pl": "Żagle z Żorami"})
REMARK: Final = {"json": {"text": "O której?"}}
REMARK_FORM: Final = {"data": {"text": "O której?", "key": "{fresh}"}}
ENTRY_FORM: Final = {"remark": "O której?", "remark_key": "{fresh}"}
NOTE_FORM: Final = {"note": "O której?", "note_key": "{fresh}"}
COMMENT: Final = {"comment": "Proszę o godzinę."}
FORM: Final = {
    "title.pl": "Żagle {fresh}",
    "category": "maritime",
    "certainty": "exact",
    "start_date": "2027-08-14",
    "end_date": "2027-08-16",
    "venue.town": "Szczecin",
    "venue.county": "3262",
    "key": "{fresh}",
}
"""A new event as the form sends it."""
OTHER_FORM: Final = {**FORM, "title.pl": "Żagle z Żorami {fresh}", "version": "{version}"}
ACT: Final = {"data": {"version": "{version}"}}
STOP: Final = {"data": {"review_number": "{review_number}"}}
DECIDE: Final = {"data": {"review_number": "{review_number}", "decision": "accept"}}
PICK: Final = {"data": {"entry": "{id}.{review_number}", "decision": "accept", "back": "/calendar/"}}
MANY: Final = {"json": {"decisions": [{"id": "nothing", "review_number": 1, "decision": "accept"}]}}

LOGGED_IN: Final = dict.fromkeys((f"{person} by session" for person in PEOPLE), 303)
"""A person who is logged in is led on from the log-in."""

EVERYWHERE: Final[Mapping[str, Rule]] = {
    "GET /livez": everybody(),
    "GET /readyz": everybody(),
    "GET /metrics": everybody(),
    "GET /theme/{theme}": everybody(address="/theme/dark", gives=303),
    "GET /static/{path:path}": everybody(address="/static/mark.svg", gives=404),  # served by its hashed name only
}


def log_in_and_out(service: Service) -> Mapping[str, Rule]:
    """The doors of the staff themselves: a wrong password is refused, and only who is in gets out."""
    in_vain = {"data": {"email": "{fresh}@kalendarium.example", "password": "wrong"}}
    return {
        f"GET /{service}/login": everybody(instead=LOGGED_IN),
        f"POST /{service}/login": everybody(gives=422, sent=in_vain),
        f"POST /{service}/logout": everybody(gives=403, sent={"data": {}}, instead=LOGGED_IN),
        f"POST /{service}/hat": anybody("page", gives=409, sent={"data": {"hat": "nowhere:editor"}}),
        f"GET /{service}/administration": administrators("page"),
        f"GET /{service}/guide": everybody(),
    }


SUBMISSIONS: Final = "/ingest/api/v1/submissions"
MEDIA: Final = "/ingest/api/v1/media"
VENUES: Final = "/ingest/api/v1/venues"
PLACE: Final = {"name": "Hala nad Odrą", "town": "Szczecin", "county": "3262", "lat": 53.44, "lon": 14.57}
PICTURE: Final = encode(draw_quarters(), "PNG")
SUBMISSION: Final = f"{SUBMISSIONS}/{{submission_id}}"
BY_REFERENCE: Final = f"{SUBMISSIONS}/by-reference/{{external_id}}"
OWN: Final = "/ingest/submissions/{submission_id}"
DRAFT: Final = "/ingest/drafts/{draft_id}"
NO_DRAFT: Final = "/ingest/drafts/nothing"
NEW_DRAFT: Final = "/ingest/drafts/{fresh}"
"""A draft that the request makes; whose it is, their own tests show."""

MAIL: Final = "/ingest/administration/mail"
UNSUBSCRIBE: Final = "/ingest/mail/unsubscribe"
EMPTY: Final[Mapping[str, Any]] = {"sent": {"data": {}}}

PASSWORD: Final = "/ingest/password"
INVITATION: Final = "/ingest/invitation"
PROFILE: Final = "/ingest/profile"
COLLEAGUES: Final = "/ingest/colleagues"
ADMINISTRATION: Final = "/ingest/administration"
PERSONS: Final = f"{ADMINISTRATION}/people"
ORGANISATIONS: Final = f"{ADMINISTRATION}/organisations"
KEYS: Final = f"{ADMINISTRATION}/keys"

ACCOUNTS: Final[Mapping[str, Rule]] = {
    f"GET {PASSWORD}": everybody(),
    f"POST {PASSWORD}": everybody(gives=409, sent={"data": {"email": "anna@kalendarium.example"}}),  # no mail server
    f"GET {PASSWORD}/{{token}}": everybody(address=f"{PASSWORD}/nothing", gives=410),
    f"POST {PASSWORD}/{{token}}": everybody(address=f"{PASSWORD}/nothing", gives=410, **EMPTY),
    f"GET {INVITATION}/{{token}}": everybody(address=f"{INVITATION}/nothing", gives=410),
    f"POST {INVITATION}/{{token}}": everybody(address=f"{INVITATION}/nothing", gives=410, **EMPTY),
    f"GET {INVITATION}/{{token}}/again": everybody(address=f"{INVITATION}/nothing/again", gives=303),
    f"POST {INVITATION}/{{token}}/again": everybody(address=f"{INVITATION}/{{fresh}}/again", **EMPTY),
    f"GET {PROFILE}": anybody("page"),
    f"GET {PROFILE}/{{part:str}}": anybody("page", address=f"{PROFILE}/password", gives=303),
    f"POST {PROFILE}": anybody("page", gives=422, **EMPTY),
    f"POST {PROFILE}/password": anybody("page", gives=422, **EMPTY),
    f"POST {PROFILE}/sessions": anybody("page", gives=303, sent={"data": {"session": "nothing"}}),
    f"POST {PROFILE}/keys": anybody("page", gives=422, **EMPTY),
    f"POST {PROFILE}/keys/{{key_id}}/revoke": anybody(
        "page", address=f"{PROFILE}/keys/nothing/revoke", gives=404, **EMPTY
    ),
    # The editors here are no contacts of their organisations.
    f"GET {COLLEAGUES}": editors("page", gives=403),
    f"GET {COLLEAGUES}/invite": editors("page", gives=403),
    f"POST {COLLEAGUES}/invite": editors("page", gives=403, **EMPTY),
    f"POST {COLLEAGUES}/{{invitation_id}}": editors("page", address=f"{COLLEAGUES}/nothing", gives=403, **EMPTY),
    f"GET {PERSONS}": administrators("page"),
    f"GET {PERSONS}/invite": administrators("page"),
    f"POST {PERSONS}/invite": administrators("page", gives=422, **EMPTY),
    f"POST {PERSONS}/invitations/{{invitation_id}}": administrators(
        "page", address=f"{PERSONS}/invitations/nothing", gives=404, **EMPTY
    ),
    f"GET {PERSONS}/{{person_id}}": administrators("page", address=f"{PERSONS}/nothing", gives=404),
    f"POST {PERSONS}/{{person_id}}": administrators("page", address=f"{PERSONS}/nothing", gives=404, **EMPTY),
    f"GET {ORGANISATIONS}": administrators("page"),
    f"GET {ORGANISATIONS}/new": administrators("page"),
    f"POST {ORGANISATIONS}/new": administrators("page", gives=422, **EMPTY),
    f"GET {ORGANISATIONS}/{{slug}}": administrators("page", address=f"{ORGANISATIONS}/um-szczecin"),
    f"POST {ORGANISATIONS}/{{slug}}": administrators("page", address=f"{ORGANISATIONS}/nothing", gives=404, **EMPTY),
    f"GET {KEYS}": administrators("page"),
    f"POST {KEYS}/{{key_id}}/revoke": administrators("page", address=f"{KEYS}/nothing/revoke", gives=404, **EMPTY),
    f"GET {ADMINISTRATION}/audit": administrators("page"),
}

INGEST: Final[Mapping[str, Rule]] = {
    **EVERYWHERE,
    **log_in_and_out("ingest"),
    "GET /ingest/api/v1/openapi.json": everybody(),
    f"POST {SUBMISSIONS}": editors("api", gives=201, sent={"json": EVENT, "params": {"again": "true"}}),
    f"GET {SUBMISSIONS}": editors("api"),
    f"POST {SUBMISSIONS}/validate": editors("api", sent={"json": EVENT}),
    # Names are each organisation's own: a stranger's "zagle" is another event, so there is nothing foreign to find.
    f"GET {BY_REFERENCE}": editors("api", address=f"{SUBMISSIONS}/by-reference/zagle", gives=404),
    f"PUT {BY_REFERENCE}": editors(
        "api", address=f"{SUBMISSIONS}/by-reference/{{fresh}}", gives=201, sent={"json": EVENT}
    ),
    f"GET {SUBMISSION}": owner("api"),
    f"PUT {SUBMISSION}": owner("api", sent=SEEN | {"json": OTHER_EVENT}),
    f"POST {SUBMISSION}/withdraw": owner("api", sent=SEEN),
    f"POST {SUBMISSION}/cancel": owner("api", stake="public", sent=SEEN),
    f"POST {SUBMISSION}/postpone": owner("api", stake="public", sent=SEEN),
    f"POST {SUBMISSION}/reinstate": owner("api", stake="public", gives=409, sent=SEEN),
    f"PUT {SUBMISSION}/availability": owner("api", stake="public", sent=SEEN | {"json": {"availability": "few_left"}}),
    f"GET {VENUES}": editors("api"),
    f"POST {VENUES}": editors("api", gives=201, sent={"json": PLACE}),
    f"GET {VENUES}/{{venue_id}}": editors("api", address=f"{VENUES}/nothing", gives=404),
    "GET /ingest/venues/suggestions": editors("page"),
    "GET /ingest/venues": curators("page"),
    "GET /ingest/venues/{venue_id}": curators("page", address="/ingest/venues/nothing", gives=404),
    "POST /ingest/venues/{venue_id}": curators("page", address="/ingest/venues/nothing", gives=404, **EMPTY),
    f"POST {OWN}/venue": owner("page", gives=303, **EMPTY),
    f"POST {MEDIA}": editors("api", gives=201, sent={"content": PICTURE, "headers": {"Content-Type": "image/png"}}),
    f"POST {MEDIA}/{{media}}/focus": editors(
        "api", address=f"{MEDIA}/nothing/focus", gives=404, sent={"json": {"x": 0.5, "y": 0.4}}
    ),
    f"DELETE {MEDIA}/{{media}}": editors("api", address=f"{MEDIA}/nothing", gives=404),
    # Whose it is, its own tests show.
    "GET /ingest/media/{file}": Rule(
        "api", frozenset({"editor", "curator", "chief"}), address="/ingest/media/nothing", gives=404
    ),
    "GET /ingest": everybody(gives=303),
    "GET /ingest/": editors("page"),
    "GET /ingest/submissions/new": editors("page"),
    "POST /ingest/submissions/new": editors("page", gives=303, sent={"data": FORM}),
    f"GET {OWN}": owner("page"),
    f"POST {OWN}/copy": owner("page", gives=303, sent={"data": {}}),
    f"GET {DRAFT}": editors("page", address=NO_DRAFT, gives=404),
    f"POST {DRAFT}": editors("page", address=NEW_DRAFT, gives=303, sent={"data": FORM}),
    f"GET {DRAFT}/preview": editors("page", address=f"{NO_DRAFT}/preview", gives=404),
    f"POST {DRAFT}/preview": editors("page", address=f"{NEW_DRAFT}/preview", gives=303, sent={"data": FORM}),
    f"GET {DRAFT}/discard": editors("page", address=f"{NO_DRAFT}/discard", gives=404),
    f"POST {DRAFT}/discard": editors("page", address=f"{NO_DRAFT}/discard", gives=404, sent={"data": {}}),
    f"POST {DRAFT}/pictures": editors(
        "page", address=f"{NEW_DRAFT}/pictures", gives=303, sent={"data": FORM | {"picture_act": "remove 1"}}
    ),
    f"GET {OWN}/edit": owner("page"),
    f"GET {OWN}/parts/new": owner("page"),
    f"POST {OWN}/edit": owner("page", gives=303, sent={"data": OTHER_FORM}),
    f"POST {SUBMISSION}/remarks": owner("api", sent=REMARK),
    f"POST {OWN}/remarks": owner("page", gives=303, sent=REMARK_FORM),
    f"POST {OWN}/still-right": owner(
        "page", address="/ingest/submissions/{id}/still-right", stake="public", gives=303, **EMPTY
    ),
    f"POST {OWN}/availability": owner(
        "page",
        address="/ingest/submissions/{id}/availability",
        stake="public",
        gives=303,
        sent={"data": {"availability": "sold_out"}},
    ),
    "GET /ingest/still-right/{token}": everybody(address="/ingest/still-right/none", gives=410),
    "POST /ingest/still-right/{token}": everybody(address="/ingest/still-right/none", gives=410, **EMPTY),
    f"GET {OWN}/{{act:str}}": owner("page", address="/ingest/submissions/{id}/withdraw"),
    f"POST {OWN}/{{act:str}}": owner("page", address="/ingest/submissions/{id}/withdraw", gives=303, sent=ACT),
    "GET /ingest/calls/{year}": editors("page", address="/ingest/calls/2027", gives=404),
    "GET /ingest/requests/{request_id}": editors("page", address="/ingest/requests/nothing", gives=404),
    "POST /ingest/requests/{request_id}": editors(
        "page", address="/ingest/requests/nothing", gives=404, sent={"data": {}}
    ),
    "GET /ingest/rollover": editors("page", gives=303),
    "GET /ingest/rollover/{year}": editors("page", address="/ingest/rollover/2028"),
    "POST /ingest/rollover/{year}": editors(
        "page", address="/ingest/rollover/2028", gives=303, sent={"data": {"act": "renew", "entry": "nothing"}}
    ),
    "GET /ingest/contacts/{submission_id}": curators("page", stake="waiting"),
    f"GET {MAIL}": administrators("page"),
    f"POST {MAIL}": administrators("page", gives=303, sent={"data": {"address": "anna@kalendarium.example"}}),
    f"GET {MAIL}/{{mail_id}}": administrators("page", address=f"{MAIL}/nothing", gives=404),
    f"POST {MAIL}/{{mail_id}}/resend": administrators("page", address=f"{MAIL}/nothing/resend", gives=404, **EMPTY),
    f"POST {MAIL}/{{mail_id}}/clear-address": administrators(
        "page", address=f"{MAIL}/nothing/clear-address", gives=404, **EMPTY
    ),
    **ACCOUNTS,
    f"GET {UNSUBSCRIBE}/{{token}}": everybody(address=f"{UNSUBSCRIBE}/nothing", gives=404),
    f"POST {UNSUBSCRIBE}/{{token}}": everybody(address=f"{UNSUBSCRIBE}/nothing", gives=404, sent={"data": {}}),
}

REVIEWS: Final = "/calendar/api/v1/reviews"
REVIEW: Final = f"{REVIEWS}/{{entry_id}}"
ENTRY: Final = "/calendar/entries/{entry_id}"

CALLS: Final = "/calendar/api/v1/calls"
TERMS: Final = {
    "opens_on": "2027-01-10",
    "deadline_on": "2027-01-09",
    "freeze_on": "2027-01-20",
    "criteria": {"pl": "Dla gości."},
}
"""Of a call that no one may announce: the deadline comes before the opening."""

CALENDAR: Final[Mapping[str, Rule]] = {
    **EVERYWHERE,
    **log_in_and_out("calendar"),
    "GET /calendar/api/v1/openapi.json": everybody(),
    f"GET {REVIEWS}": curators("api"),
    f"POST {REVIEWS}/decisions": curators("api", sent=MANY),
    f"GET {REVIEW}": curators("api", stake="waiting"),
    f"POST {REVIEW}/accept": curators("api", decides=True, stake="waiting", sent=SEEN),
    f"POST {REVIEW}/reject": curators(
        "api", decides=True, stake="waiting", sent=SEEN | {"json": {"reason": "incomplete"}}
    ),
    f"POST {REVIEW}/request-changes": curators("api", decides=True, stake="waiting", sent=SEEN | {"json": COMMENT}),
    f"POST {REVIEW}/cancel": curators("api", stake="public", sent=SEEN),
    f"POST {REVIEW}/postpone": curators("api", stake="public", sent=SEEN),
    f"POST {REVIEW}/reinstate": curators("api", stake="public", gives=409, sent=SEEN),
    f"POST {REVIEW}/withdraw": curators("api", stake="public", sent=SEEN),
    f"POST {REVIEW}/reported/confirm": curators("api", decides=True, stake="waiting", gives=409, sent=SEEN),
    f"POST {REVIEW}/reported/take-back": curators("api", decides=True, stake="waiting", gives=409, sent=SEEN),
    "GET /calendar/api/v1/programme/{year}": curators("api", address="/calendar/api/v1/programme/2027"),
    f"GET {CALLS}": curators("api"),
    f"GET {CALLS}/{{year}}": curators("api", address=f"{CALLS}/2027", gives=404),
    f"PUT {CALLS}/{{year}}": chiefs("api", address=f"{CALLS}/2028", gives=422, sent={"json": TERMS}),
    "GET /calendar/calls": chiefs("page"),
    "GET /calendar/calls/new": chiefs("page"),
    "POST /calendar/calls/new": chiefs("page", gives=422, sent={"data": {"year": "2028"}}),
    "GET /calendar/calls/{year}": chiefs("page", address="/calendar/calls/2027", gives=404),
    "POST /calendar/calls/{year}": chiefs("page", address="/calendar/calls/2027", gives=404, sent={"data": {}}),
    "GET /calendar/calls/{year}/criteria/{code}": chiefs("page", address="/calendar/calls/2027/criteria/pl", gives=404),
    "POST /calendar/calls/{year}/codes": chiefs(
        "page", address="/calendar/calls/2027/codes", gives=404, sent={"data": {"label": "LOT"}}
    ),
    "POST /calendar/calls/{year}/codes/{code_id}/revoke": chiefs(
        "page", address="/calendar/calls/2027/codes/0a1b2c3d/revoke", gives=404, sent={"data": {}}
    ),
    "GET /calendar/requests": chiefs("page"),
    "GET /calendar/requests/new": chiefs("page"),
    "POST /calendar/requests/new": chiefs("page", gives=422, sent={"data": {}}),
    "POST /calendar/requests/{request_id}/take-back": chiefs(
        "page", address="/calendar/requests/nothing/take-back", gives=404, sent={"data": {}}
    ),
    "GET /calendar/board": chiefs("page", gives=303),
    "GET /calendar/board/{year}": chiefs("page", address="/calendar/board/2027"),
    "GET /calendar/board/{year}/coverage": chiefs("page", address="/calendar/board/2027/coverage"),
    "POST /calendar/board/{year}/reminder": chiefs(
        "page", address="/calendar/board/2027/reminder", gives=422, sent={"data": {}}
    ),
    "POST /calendar/board/{year}/reminder/{reminder_id}/call-back": chiefs(
        "page", address="/calendar/board/2027/reminder/nothing/call-back", gives=404, sent={"data": {}}
    ),
    "GET /calendar": curators("page", gives=303),
    "GET /calendar/": curators("page"),
    "POST /calendar/decisions": curators(
        "page", stake="waiting", gives=303, sent=PICK, decides=True, instead={"limited by session": 409}
    ),
    f"GET {ENTRY}": curators("page", stake="waiting"),
    f"POST {ENTRY}/decision": curators("page", decides=True, stake="waiting", gives=303, sent=DECIDE),
    f"POST {REVIEW}/remarks": curators("api", stake="waiting", sent=REMARK),
    f"POST {REVIEW}/notes": curators("api", stake="waiting", sent=REMARK),
    f"POST {ENTRY}/remarks": curators("page", stake="waiting", gives=303, sent={"data": ENTRY_FORM}),
    f"POST {ENTRY}/notes": curators("page", stake="waiting", gives=303, sent={"data": NOTE_FORM}),
    f"POST {ENTRY}/reported/confirm": curators("page", decides=True, stake="waiting", gives=409, sent=STOP),
    f"POST {ENTRY}/reported/take-back": curators("page", decides=True, stake="waiting", gives=409, sent=STOP),
    f"POST {ENTRY}/settled": curators("page", stake="waiting", gives=303, sent={"data": {}}),
    f"GET {ENTRY}/cancel": curators("page", stake="public"),
    f"POST {ENTRY}/cancel": curators("page", stake="public", gives=303, sent=STOP),
    f"GET {ENTRY}/postpone": curators("page", stake="public"),
    f"POST {ENTRY}/postpone": curators("page", stake="public", gives=303, sent=STOP),
    f"GET {ENTRY}/reinstate": curators("page", stake="public"),
    f"POST {ENTRY}/reinstate": curators("page", stake="public", gives=409, sent=STOP),
    f"GET {ENTRY}/withdraw": curators("page", stake="public"),
    f"POST {ENTRY}/withdraw": curators("page", stake="public", gives=303, sent=STOP),
    "GET /calendar/programme": curators("page", gives=303),
    "GET /calendar/media/{file}": curators("api", address="/calendar/media/nothing", gives=404),
    "GET /calendar/programme/{year}": curators("page", address="/calendar/programme/2027"),
}

DISTRIBUTION: Final[Mapping[str, Rule]] = {
    **EVERYWHERE,
    "GET /": everybody(gives=302),
    "GET /robots.txt": everybody(),
    "GET /sitemap.xml": everybody(),
    "GET /sitemap-pages.xml": everybody(),
    "GET /sitemap-events-{number}.xml": everybody(address="/sitemap-events-1.xml"),
    "GET /api/v1/openapi.json": everybody(),
    "GET /api/v1/events": everybody(),
    "GET /api/v1/events/{event_id}": everybody(stake="public"),
    "GET /feeds/{file}": everybody(address="/feeds/programme.ics"),
    "GET /media/{file}": everybody(address=f"/media/{'0' * 64}-400.webp", gives=404),
    "GET /{lang}/": everybody(address="/pl/"),
    "GET /{lang}/{year:year}": everybody(address="/pl/2027"),
    "GET /{lang}/{year:year}/{number:month}": everybody(address="/pl/2027/08"),
    "GET /{lang}/events/{event_id}": everybody(stake="public", address="/pl/events/{id}"),
    "GET /{lang}/events/{event_id}.ics": everybody(stake="public", address="/pl/events/{id}.ics"),
    "GET /{lang}/events/{event_id}/card.png": everybody(stake="public", address="/pl/events/{id}/card.png"),
    "GET /{lang}/subscribe": everybody(address="/pl/subscribe"),
    "GET /{lang}/offices": everybody(address="/pl/offices"),
    "GET /{lang}/offices/{slug}": everybody(address="/pl/offices/pot-berlin"),
    "GET /{lang}/organisers": everybody(address="/pl/organisers"),
    "GET /{lang}/accessibility": everybody(address="/pl/accessibility"),
}

DOORS: Final[Mapping[Service, Mapping[str, Rule]]] = {
    "ingest": INGEST,
    "calendar": CALENDAR,
    "distribution": DISTRIBUTION,
}
