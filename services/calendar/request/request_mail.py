"""The mail about a request, in the language of who gets it. Pure."""

from __future__ import annotations

from services.calendar.request.model import EventRequest
from shared.accounts.model import Person
from shared.event.date_phrases import format_month_name
from shared.mail.model import Mail, Recipient
from shared.mail.rendering import choose_mail_language
from shared.region import Region


def make_mail(request: EventRequest, person: Person, region: Region, *, ingest_url: str) -> Mail:
    to = Recipient(person.id, person.email, person.name, person.language or region.languages.default)
    language = choose_mail_language(to.language)
    county = region.counties.get(request.county or "")
    month = f"{format_month_name(int(request.month[5:]), language)} {request.month[:4]}" if request.month else ""
    context = {
        "text": request.text,
        "until": request.until,
        "county": county.get_label(language) if county else "",
        "month": month,
        "url": f"{ingest_url}/ingest/requests/{request.id}",
    }
    return Mail(f"request:{request.id}:{person.id}", "request", to, context)
