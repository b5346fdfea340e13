"""A year's campaign as its people go through it: once by keyboard in Polish, once without scripts in English.

Nothing that lets somebody in, and no mail address, reaches a log or a message on the way.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from pymongo import MongoClient

from services.demo.logins import Login
from services.ingest.person.membership_form import ROLE_NAMES
from services.ingest.rollover.commands import get_default_year
from shared.accounts.accounts import Role
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.topics import TOPICS
from shared.i18n.text import Text, _, n_, translate
from shared.region import Region, load_region
from shared.settings import CommonSettings
from tests.browser.kalendarium import PACK, Kalendarium, started
from tests.browser.person import Hands, Keyboard, Mouse, Person
from tests.browser.windows import DESK, PHONE, Window, opened_window
from tests.support.accounts import open_quick_accounts
from tests.support.clients import PASSWORD, Curator, Editor, eventually
from tests.support.databases import open_patiently
from tests.support.smtp import MailServer, run_mail_server
from tests.support.topics import records_on

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

ADMINISTRATOR: Final = Login("zrot", "jan.zuk@zrot.example", PASSWORD, api_key="")
CHIEF: Final = Login("zrot", "ewa.lis@zrot.example", PASSWORD, api_key="")
OWN_PASSWORD: Final = "Rybołów nad Wieprzą 1905"
DAYS_OPEN: Final = 2
DAYS_TO_FREEZE: Final = 12
NAMES: Final = frozenset({"Jan Żuk", "Ewa Lis", "Anna Żak", "Piotr Wrona", "Maria Sowa"})
CONTACT: Final = "biuro.wydarzen@lot.example"
PHONE_NUMBER: Final = "+48 94 314 35 72"
CRITERIA: Final = "Wydarzenia, dla których ktoś przyjedzie spoza powiatu."
ASKED: Final = "Napisz, skąd odpływa kuter i ile osób zabiera."
REMARK: Final = "Kuter zabiera dwanaście osób, dopisaliśmy to."
OWN_WORDS: Final = "Brakuje nam wydarzeń na jesień."
CODE_IS_FOR: Final = "Spóźniony festyn"
_LINK: Final = re.compile(r"https?://\S+")
_TOKEN: Final = re.compile(r"/(kal_link_[\w-]+|unsubscribe/\S+|still-right/\S+)$")


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who plays in which language, and how long before today; the campaign of another year is another one.

    ``lot`` sends events in, ``silent`` nothing. All instants are over by the database's clock: what waits, such as the
    mails of a reminder, leaves at once.
    """

    language: str
    days_ago: int
    lot: str
    silent: str
    hands: Hands
    with_scripts: bool
    width: int
    title: str
    late_title: str

    @property
    def editor(self) -> Login:
        return Login(self.lot, f"anna.zak@{self.lot}.example", OWN_PASSWORD, api_key="")

    @property
    def silent_editor(self) -> Login:
        return Login(self.silent, f"piotr.wrona@{self.silent}.example", PASSWORD, api_key="")

    @property
    def predecessor(self) -> Login:
        return Login(self.lot, f"maria.sowa@{self.lot}.example", PASSWORD, api_key="")


CASTS: Final = (
    Cast(
        language="pl",
        days_ago=386,
        lot="darlot",
        silent="szlot",
        hands=Keyboard(),
        with_scripts=True,
        width=DESK,
        title="Dni Ryby w Darłówku",
        late_title="Festyn spóźnialskich w Darłowie",
    ),
    Cast(
        language="en",
        days_ago=20,
        lot="lot-wokol-drawy",
        silent="lot-ziemia-drawska",
        hands=Mouse(),
        with_scripts=False,
        width=PHONE,
        title="Spływ Drawą na byle czym",
        late_title="Festyn spóźnialskich w Drawnie",
    ),
)


@dataclass
class Campaign:
    """The running system with its mail server, the clock of its services, and what nobody may read in a log."""

    kalendarium: Kalendarium
    settings: CommonSettings
    region: Region
    mail: MailServer
    clock: Path
    log: Path
    secrets: set[str] = field(default_factory=set)
    today: date = date.min

    def set_clock(self, days_ago: int) -> None:
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(days_ago))
        fresh.replace(self.clock)  # at once: somebody may be reading it
        self.today = datetime.now(self.region.time_zone).date() - timedelta(days=days_ago)

    def name(self, organisation: str) -> str:
        return self.region.organisations[organisation].name

    async def receive(self, login: Login, subject: str, language: str) -> EmailMessage:
        """Wait for a mail to somebody whose subject is this text."""
        wanted = translate(subject, language)

        def find() -> list[EmailMessage]:
            mails = [each for each in self.mail.messages if login.email in str(each["To"])]
            return [each for each in mails if str(each["Subject"]) == wanted]

        async def count() -> int:
            return len(find())

        subjects = [str(each["Subject"]) for each in self.mail.messages]
        assert await eventually(count, 1) == 1, f"{wanted!r} is none of {subjects}"
        return find()[0]


def read_text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def list_links(mail: EmailMessage) -> list[str]:
    return _LINK.findall(read_text(mail))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaign(
    mongo_url: str,
    mongo_client: MongoClient[dict[str, Any]],
    chromium_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Campaign]:
    """Accounts, and last year's events of both organisations; there is no call yet."""
    folder, prefix = tmp_path_factory.mktemp("campaign"), f"test_{uuid4().hex[:16]}"
    clock = folder / "clock"
    clock.write_text(str(CASTS[0].days_ago))
    async with run_mail_server() as mail:
        environment = {"KAL_SMTP_URL": mail.url, "KAL_LOG_LEVEL": "debug"}
        command = ("-m", "tests.browser.other_day", str(clock))
        with started(mongo_url, prefix=prefix, folder=folder, command=command, environment=environment) as settings:
            kalendarium = Kalendarium(settings.public_url, 0, {}, {})
            log = folder / "kalendarium.log"
            made = Campaign(kalendarium, settings, load_region(PACK), mail, clock, log)
            made.set_clock(CASTS[0].days_ago)
            await prepare(made)
            yield made
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


async def prepare(campaign: Campaign) -> None:
    """Open accounts, and send in and accept what was in the programme last year."""
    async with open_quick_accounts(campaign.settings) as accounts:

        async def put(login: Login, name: str, role: Role, language: str = "") -> str:
            account = await accounts.put_account(
                email=login.email,
                name=name,
                organisation=login.organisation,
                organisation_name=login.organisation,
                role=role,
                password=login.password,
            )
            await accounts.change_person(account.id, lambda found: replace(found, language=language))
            return await accounts.create_key(account.id)

        await put(ADMINISTRATOR, "Jan Żuk", "administrator")
        chief_key = await put(CHIEF, "Ewa Lis", "chief")
        campaign.secrets.add(chief_key)
        async with Curator(campaign.kalendarium.url, chief_key) as curator:
            for cast in CASTS:
                await put(cast.silent_editor, "Piotr Wrona", "editor", cast.language)
                key = await put(cast.predecessor, "Maria Sowa", "editor", cast.language)
                campaign.secrets.add(key)
                async with Editor(campaign.kalendarium.url, key) as editor:
                    await send_last_year(campaign, cast, editor, curator)


async def send_last_year(campaign: Campaign, cast: Cast, editor: Editor, curator: Curator) -> None:
    began = datetime.now(campaign.region.time_zone).date() - timedelta(days=cast.days_ago)
    year = get_default_year(began) - 1
    organisation = campaign.region.organisations[cast.lot]
    sent = await editor.send(
        {
            "title": {"pl": cast.title},
            "category": "food",
            "dates": {"certainty": "exact", "start": f"{year}-09-12", "end": f"{year}-09-13"},
            "venue": {"town": organisation.town, "county": organisation.county},
        }
    )

    async def is_waiting() -> bool:
        return sent.id in await curator.waiting()

    assert await eventually(is_waiting, expected=True)
    await curator.accept(sent.id)
    assert await eventually(lambda: editor.state_of(sent.id), "accepted") == "accepted"


@dataclass
class Story:
    """The steps of one campaign, in their order."""

    campaign: Campaign
    cast: Cast
    administrator: Person
    chief: Person
    editor: Person

    @property
    def year(self) -> int:
        return get_default_year(self.campaign.today)

    def write_day(self, days: int) -> str:
        day = self.campaign.today + timedelta(days=days)
        return f"{day.day}.{day.month}.{day.year}"

    async def receive(self, login: Login, subject: str) -> EmailMessage:
        return await self.campaign.receive(login, subject, self.cast.language)

    async def invite(self) -> None:
        administrator, cast = self.administrator, self.cast
        await administrator.visit("/ingest/login")
        await administrator.log_in(ADMINISTRATOR)
        await administrator.follow(_("People"))
        await administrator.follow(_("Invite…"))
        await administrator.write(_("First and last name"), "Anna Żak")
        await administrator.write(_("E-mail address"), cast.editor.email)
        await administrator.tick("polski" if cast.language == "pl" else "English")
        await administrator.choose(_("Organisation"), self.campaign.name(cast.lot))
        await administrator.tick(ROLE_NAMES["editor"])
        await administrator.press(_("Send the invitation"))
        await administrator.is_told(_("The invitation is on its way. Its link works for seven days."))
        await administrator.log_out()

    async def accept_invitation(self) -> None:
        editor, name = self.editor, self.campaign.name(self.cast.lot)
        mail = await self.receive(self.cast.editor, _("Invitation to Kalendarium: %(organisation)s", organisation=name))
        await editor.visit(next(each for each in list_links(mail) if "/ingest/invitation/" in each))
        await editor.sees(name)
        await editor.write(_("New password"), OWN_PASSWORD)
        await editor.write(_("New password again"), OWN_PASSWORD)
        await editor.press(_("Accept the invitation"))
        await editor.is_told(_("The invitation is accepted. Log in with your address and password."))
        await editor.log_in(self.cast.editor)

    async def announce(self) -> None:
        chief = self.chief
        await chief.visit("/calendar/login")
        await chief.log_in(CHIEF)
        await chief.follow(_("Calls"))
        await chief.follow(_("Announce a call"))
        await chief.choose(_("Year of the programme"), str(self.year))
        await chief.write(_("Opens"), self.write_day(0))
        await chief.write(_("Deadline"), self.write_day(DAYS_OPEN))
        await chief.write(_("Programme closes"), self.write_day(DAYS_TO_FREEZE))
        await chief.tick(_("Dates"))
        await chief.write(_("What is taken (%(language)s)", language="polski"), CRITERIA)
        await chief.press(_("Announce the call"))
        await chief.is_told(_("The call for %(year)s is announced.", year=self.year))

    async def roll_over(self) -> None:
        """Make a draft of last year's event, write into it, and go."""
        editor = self.editor
        await editor.waits_for(editor.page.get_by_role("link", name=editor.say(_("What is taken"))))
        await editor.follow(_("What is taken"))
        await editor.sees(CRITERIA)
        await editor.follow(_("My submissions"))
        await editor.follow(_("From last year"))
        await editor.press(_("Make drafts for %(year)s", year=self.year))
        made = n_("%(num)s draft made for %(year)s.", "%(num)s drafts made for %(year)s.", 1, year=self.year)
        await editor.is_told(made)
        await editor.follow(self.cast.title)
        await editor.write(_("Summary"), "Rejsy kutrem i wędzona ryba.")
        await editor.tick(_("Fixed"))
        await editor.unfold(_("Contact"))
        await editor.page.locator("#contact-email").scroll_into_view_if_needed()
        await editor.write(_("E-mail address"), CONTACT)
        await editor.write(_("Telephone"), PHONE_NUMBER)
        if editor.with_scripts:
            stored = editor.page.locator("#saved").get_by_text(re.compile(editor.say(_("Draft saved %(time)s"))[:8]))
            await expect(stored).to_be_visible()
        else:
            await editor.press(_("Save draft"))
            await editor.is_told(_("The draft is saved."))
        await editor.log_out()

    async def come_back(self) -> None:
        """Find what was typed, look how readers will see it, and send it."""
        editor = self.editor
        await editor.log_in(self.cast.editor)
        await editor.follow(self.cast.title)
        await expect(editor.page.get_by_label(editor.say(_("Summary"))).first).to_have_value(
            "Rejsy kutrem i wędzona ryba."
        )
        await editor.press(_("Preview"))
        await editor.sees("Rejsy kutrem i wędzona ryba.")
        await editor.follow(_("Back to the form"))
        await editor.press(_("Send for review"))
        await editor.is_told(_("Sent for review."))

    async def ask_for_changes(self) -> None:
        await self._open_entry(_("New"))
        await self.chief.tick(_("Request changes"))
        await self.chief.write(_("Comment for the organisation"), ASKED)
        await self.chief.press(_("Save the decision"))
        told = _("Changes requested: %(title)s. The organisation reads the comment.", title=self.cast.title)
        await self.chief.is_told(told)

    async def answer(self) -> None:
        editor = self.editor
        mail = await self.receive(self.cast.editor, _("Please change: %(title)s", title=self.cast.title))
        assert ASKED in read_text(mail)
        await editor.visit(next(each for each in list_links(mail) if "/ingest/submissions/" in each))
        await editor.sees(ASKED)
        await editor.write(_("Remark"), REMARK)
        await editor.press(_("Send the remark"))
        await editor.is_told(_("The remark is with the curators."))
        await editor.follow(_("Correct and send again"))
        await editor.write(_("Description"), "Kuter odpływa z portu i zabiera dwanaście osób.")
        await editor.press(_("Send for review"))
        await editor.is_told(_("New version sent for review."))

    async def accept(self) -> None:
        await self._open_entry(_("Answer"))
        await self.chief.sees(REMARK)
        await self.chief.tick(_("Accept"))
        await self.chief.press(_("Save the decision"))
        await self.chief.is_told(
            _("Accepted: %(title)s. The event is in the programme.", title=self.cast.title),
        )
        await self.receive(self.cast.editor, _("Accepted: %(title)s", title=self.cast.title))

    async def remind(self) -> None:
        chief, silent = self.chief, self.campaign.name(self.cast.silent)
        await chief.follow(_("Campaign"))
        await chief.tick(_("Select: %(title)s", title=silent))
        await chief.press(_("Remind…"))
        await chief.write(_("Your own words"), OWN_WORDS)
        await chief.press(n_("Send %(num)s mail", "Send %(num)s mails", 1))
        await chief.is_told(n_("%(num)s mail leaves in ten minutes.", "%(num)s mails leave in ten minutes.", 1))
        left = n_(
            "Events for %(year)s: %(num)s day left", "Events for %(year)s: %(num)s days left", DAYS_OPEN, year=self.year
        )
        text = read_text(await self.receive(self.cast.silent_editor, left))
        assert OWN_WORDS in text
        nothing = _("%(name)s has sent no event for %(year)s yet.", name=silent, year=self.year)
        assert translate(nothing, self.cast.language) in " ".join(text.split())

    async def be_refused(self) -> None:
        """After the deadline, change the day of what is in the programme."""
        editor = self.editor
        self.campaign.set_clock(self.cast.days_ago - DAYS_OPEN - 1)
        mail = await self.receive(self.cast.editor, _("Accepted: %(title)s", title=self.cast.title))
        await editor.visit(next(each for each in list_links(mail) if "/ingest/submissions/" in each))
        await editor.log_in(self.cast.editor)
        await editor.follow(_("Change"))
        day = await editor.page.get_by_label(editor.say(_("First day"))).input_value()
        await editor.write(_("First day"), f"4.9.{self.year}")
        await editor.press(_("Send for review"))
        await expect(editor.page.locator(".errors").first).to_be_focused()
        await editor.sees(_("This does not change any more after the deadline."))
        await editor.write(_("First day"), day)

    async def correct_late(self) -> None:
        editor = self.editor
        await editor.write(_("Summary"), "Rejsy kutrem, wędzona ryba i szanty.")
        await editor.press(_("Send for review"))
        await editor.is_told(_("New version sent for review."))
        await self.chief.visit("/calendar/login")
        await self.chief.log_in(CHIEF)
        await self._open_entry(_("After the deadline"))
        await self.chief.sees(_("After the deadline"))

    async def get_in_by_code(self) -> None:
        editor, chief, organisation = self.editor, self.chief, self.campaign.region.organisations[self.cast.lot]
        await editor.follow(_("New event"))
        await editor.write(_("Title"), self.cast.late_title)
        await editor.choose(_("Kind of event"), self.campaign.region.categories["food"].get_label(editor.language))
        await editor.write(_("First day"), f"19.9.{self.year}")
        await editor.write(_("Town"), organisation.town)
        county = self.campaign.region.counties[organisation.county or ""]
        await editor.choose(_("County"), county.get_label(editor.language))
        await editor.press(_("Send for review"))
        await expect(editor.page.locator(".errors").first).to_be_focused()

        await chief.follow(_("Calls"))
        await chief.follow(str(self.year))
        await chief.write(_("Whom is the code for?"), CODE_IS_FOR)
        await chief.press(_("Make a late code"))
        code = await chief.page.locator("code.code").inner_text()
        self.campaign.secrets |= {code, code.replace("-", "")}

        await editor.write(_("Late code"), code)
        await editor.press(_("Send for review"))
        await editor.is_told(_("Sent for review."))
        await chief.follow(_("To decide"))
        late = chief.page.get_by_role("row").filter(has_text=self.cast.late_title)
        await chief.waits_for(late.filter(has_text=chief.say(_("After the deadline"))))

    async def _open_entry(self, why: Text) -> None:
        chief = self.chief
        await chief.follow(_("To decide"))
        row = chief.page.get_by_role("row").filter(has_text=self.cast.title).filter(has_text=chief.say(why))
        await chief.waits_for(row)
        await chief.follow(self.cast.title)


@asynccontextmanager
async def open_story(campaign: Campaign, browser: Browser, cast: Cast) -> AsyncIterator[Story]:
    """Give each of the three a window of their own."""
    looked_at: set[str] = set()
    findings: list[str] = []
    campaign.set_clock(cast.days_ago)
    async with AsyncExitStack() as opened:

        async def open_one(*, with_scripts: bool) -> Window:
            language = {"pl": "pl-PL", "en": "en-GB"}[cast.language]
            opening = opened_window(
                browser, campaign.kalendarium, width=cast.width, with_scripts=with_scripts, language=language
            )
            return await opened.enter_async_context(opening)

        judge = None if cast.with_scripts else await open_one(with_scripts=True)
        administrator, chief, editor = [
            Person(
                await open_one(with_scripts=cast.with_scripts),
                cast.language,
                cast.hands,
                judge,
                looked_at,
                findings,
                campaign.secrets,
            )
            for _number in range(3)
        ]
        yield Story(campaign, cast, administrator, chief, editor)


@pytest.mark.parametrize("cast", CASTS, ids=lambda cast: cast.language)
async def test_campaign_from_the_invitation_to_the_late_code(campaign: Campaign, browser: Browser, cast: Cast) -> None:
    async with open_story(campaign, browser, cast) as story:
        await story.invite()
        await story.accept_invitation()
        await story.announce()
        await story.roll_over()
        await story.come_back()
        await story.ask_for_changes()
        await story.answer()
        await story.accept()
        await story.remind()
        await story.be_refused()
        await story.correct_late()
        await story.get_in_by_code()

        assert story.editor.findings == []
    assert await list_dead_links(campaign) == []
    assert await list_leaks(campaign, cast) == []


async def list_dead_links(campaign: Campaign) -> list[str]:
    """Follow the links of all mails but those that are used up, as somebody who is not logged in."""
    links = {link for mail in campaign.mail.messages for link in list_links(mail)}
    campaign.secrets |= {token[1] for link in links if (token := _TOKEN.search(link))}
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as client:
        answers = {link: (await client.get(link)).status_code for link in links if "/invitation/" not in link}
    return [f"{link} answered {status}" for link, status in answers.items() if status != httpx.codes.OK]


async def list_leaks(campaign: Campaign, cast: Cast) -> list[str]:
    """Search the services' log and all messages for what lets somebody in, for addresses and telephones.

    Messages name nobody either. Where a secret was found is said, and which one, by its beginning.
    """
    logins = [ADMINISTRATOR, CHIEF, cast.editor, cast.silent_editor, cast.predecessor]
    secrets = campaign.secrets | {PASSWORD, OWN_PASSWORD, CONTACT, PHONE_NUMBER} | {each.email for each in logins}
    messages = await read_messages(campaign.settings)
    assert messages.keys() == {topic.name for topic in TOPICS}
    log = campaign.log.read_text(encoding="utf-8")
    assert "/ingest/invitation/…" in log
    return [
        f"{secret[:8]}… in {place}"
        for place, text in {"the log": log, **messages}.items()
        for secret in secrets | (NAMES if place in messages else set())
        if any(each in text for each in (secret, quote_plus(secret), secret.encode("unicode_escape").decode()))
    ]


async def read_messages(settings: CommonSettings) -> dict[str, str]:
    """Read all that stands on each topic on which something stands: keys, headers and values."""
    found: dict[str, str] = {}
    async with open_patiently(settings.mongo_url, settings.database("log")) as database:
        log = EmbeddedLog(database)
        for topic in await log.list_topics():
            for record in await records_on(log, topic):
                parts = (record.key, *(value for _name, value in record.headers), record.value)
                found[topic] = found.get(topic, "") + " ".join((part or b"").decode() for part in parts)
        await log.close()
    return found
