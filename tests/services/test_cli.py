"""`kalendarium …` as an operator types it: every command a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.processes import Child
from services.cli import kalendarium
from shared.accounts.accounts import Accounts, open_accounts
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.port import Outgoing
from shared.region import load_region
from shared.settings import CommonSettings
from tests.support.clients import PASSWORD, eventually
from tests.support.databases import open_patiently
from tests.support.demonstrations import make_small_pack
from tests.support.running import REGION, run_command, together_process

Command = Callable[..., subprocess.CompletedProcess[str]]
EMAIL = "anna@lot.example"
NOWHERE = f"mongodb://{LOOPBACK}:1/"


@pytest.fixture
def command(mongo_url: str, database_name: str, tmp_path: Path) -> Command:
    """Runs a command on databases of its own."""

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return run_command(*arguments, folder=tmp_path, typed=typed, mongo_url=mongo_url, database_prefix=database_name)

    return run


@pytest.fixture
async def accounts(mongo_url: str, database_name: str) -> AsyncIterator[Accounts]:
    async with open_accounts(CommonSettings(mongo_url=mongo_url, database_prefix=database_name)) as opened:
        yield opened


def add(command: Command, email: str = EMAIL, *, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    arguments = ("account", "add", email, "--organisation", "zrot", "--name", "Anna Żak", "--role", "curator")
    return command(*arguments, typed=f"{password}\n{password}\n")


async def test_added_account_may_log_in(command: Command, accounts: Accounts) -> None:
    added = add(command)

    account = await accounts.find_by_session(await accounts.log_in(EMAIL, PASSWORD, LOOPBACK))
    assert added.returncode == 0
    assert f"Added: {EMAIL}, curator of " in added.stdout
    assert account
    assert (account.role, account.organisation, account.name) == ("curator", "zrot", "Anna Żak")


async def test_an_account_gets_a_second_membership_with_limits(command: Command, accounts: Accounts) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    common = ("account", "add", EMAIL, "--name", "Anna Żak", "--organisation")
    command(*common, "um-szczecin", typed=typed)

    added = command(*common, "zrot", "--role", "curator", "--county", "3262", "--category", "maritime", typed=typed)
    key = command("key", "new", EMAIL, "--role", "curator").stdout.strip()
    listed = [line.split()[:3] for line in command("account", "list").stdout.splitlines()[1:]]

    assert added.returncode == 0, added.stderr
    assert f"Brought up to date: {EMAIL}, curator of " in added.stdout
    assert sorted(listed) == [[EMAIL, "um-szczecin", "editor"], [EMAIL, "zrot", "curator"]]
    account = await accounts.find_by_key(key)
    assert account
    assert (account.organisation, account.counties, account.categories) == ("zrot", ("3262",), ("maritime",))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--role", "king"), "king is no role"),
        (("--county", "9999"), "the region pack has no 9999"),
        (("--category", "boats"), "the region pack has no boats"),
    ],
)
def test_a_membership_that_cannot_be_is_refused(command: Command, options: tuple[str, str], said: str) -> None:
    added = command("account", "add", EMAIL, "--organisation", "zrot", "--name", "Anna", *options)

    assert (added.returncode, said in added.stderr) == (2, True)


async def test_password_that_is_too_short_is_refused_in_one_line(command: Command, accounts: Accounts) -> None:
    added = add(command, password="krótkie")

    assert (added.returncode, added.stderr.splitlines()[-1]) == (1, "A password has 12 to 256 characters.")
    assert await accounts.find(EMAIL) is None


async def test_new_account_without_an_email_address_is_refused_before_its_password(
    command: Command, accounts: Accounts
) -> None:
    added = command("account", "add", "no mail", "--organisation", "zrot", "--name", "Anna")

    assert (added.returncode, "no mail is no e-mail address" in added.stderr) == (2, True)
    assert await accounts.list() == []


def test_account_of_an_unknown_organisation_is_refused(command: Command) -> None:
    added = command("account", "add", EMAIL, "--organisation", "nobody", "--name", "Anna")

    assert (added.returncode, "there is no organisation nobody" in added.stderr) == (2, True)


def test_accounts_are_listed_with_their_state(command: Command) -> None:
    add(command)
    add(command, "jan@lot.example")
    command("account", "disable", "jan@lot.example")

    listed = command("account", "list")

    assert [line.split() for line in listed.stdout.splitlines()[1:]] == [
        [EMAIL, "zrot", "curator", "in", "use"],
        ["jan@lot.example", "zrot", "curator", "disabled"],
    ]


async def test_key_whose_text_is_lost_is_found_by_its_account_and_revoked(command: Command, accounts: Accounts) -> None:
    add(command)
    lost = command("key", "new", EMAIL).stdout.strip()
    [key_id] = command("account", "list").stdout.splitlines()[1].split()[5:]

    command("key", "revoke", key_id)

    assert await accounts.find_by_key(lost) is None
    assert key_id not in command("account", "list").stdout


async def test_listed_accounts_are_whole_where_no_terminal_says_its_width(command: Command, accounts: Accounts) -> None:
    email = f"{'gmina-' * 12}cedynia@kalendarium.example"
    await accounts.prepare()
    await accounts.put_account(
        email=email,
        name="Cedynia",
        organisation="gmina-cedynia-" * 4,
        organisation_name="Gmina Cedynia",
        role="editor",
        password=PASSWORD,
    )

    listed = command("account", "list").stdout.splitlines()

    assert listed[1].split() == [email, "gmina-cedynia-" * 4, "editor", "in", "use"]


def test_disabled_account_may_be_enabled_again(command: Command) -> None:
    add(command)
    disabled = command("account", "disable", EMAIL)

    enabled = command("account", "enable", EMAIL)

    assert disabled.stdout.startswith(f"Disabled: {EMAIL}.")
    assert enabled.stdout == f"Enabled: {EMAIL} may log in again.\n"
    assert (enabled.returncode, "disabled" in command("account", "list").stdout) == (0, False)


def test_unknown_account_is_told_in_one_line(command: Command) -> None:
    told = f"There is no account {EMAIL}; `kalendarium account list` shows all.\n"

    for arguments in (("account", "disable"), ("account", "enable"), ("key", "new")):
        ended = command(*arguments, EMAIL)
        assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", told)


async def test_key_works_until_it_is_revoked(command: Command, accounts: Accounts) -> None:
    add(command)
    made = command("key", "new", EMAIL)
    key = made.stdout.strip()
    key_id = key.split("_")[1]
    assert re.fullmatch(r"kal_[A-Za-z0-9-]+_[A-Za-z0-9_-]+\n", made.stdout)
    account = await accounts.find_by_key(key)
    assert account
    assert account.email == EMAIL

    revoked = command("key", "revoke", key_id)
    repeated = command("key", "revoke", key_id)

    assert (revoked.returncode, revoked.stderr) == (0, "")
    assert revoked.stdout == f"Revoked: key {key_id} stops within 10 seconds.\n"
    assert (repeated.returncode, repeated.stderr) == (1, f"There is no key {key_id} that still works.\n")


def test_region_pack_is_summed_up(command: Command) -> None:
    region = load_region(REGION)

    checked = command("region", "check", str(REGION))

    assert checked.stdout == (
        f"West Pomerania: {len(region.counties)} counties, {len(region.categories)} categories, "
        f"{len(region.organisations)} organisations, {len(region.channels)} channels, 173 events.\n"
    )


def test_first_log_ins_of_a_region_stay_the_same(mongo_url: str, database_name: str, tmp_path: Path) -> None:
    pack = make_small_pack(tmp_path / "region", ["zrot", "um-szczecin"])  # each password takes a tenth of a second
    settings = {"mongo_url": mongo_url, "database_prefix": database_name, "region": str(pack)}
    first, second = [run_command("region", "load", folder=tmp_path, **settings) for _ in range(2)]

    assert (first.returncode, first.stderr) == (0, "")
    assert json.loads(first.stdout)["curator"]["email"] == "zrot-curator@kalendarium.example"
    assert second.stdout == first.stdout


@pytest.mark.parametrize("service", ["ingest", "calendar", "distribution", "all-in-one", "demo", "dead-letters list"])
def test_broken_settings_are_told_in_a_line_each(service: str, tmp_path: Path) -> None:
    ended = run_command(*service.split(), folder=tmp_path, port="eighty", public_url="kalendarium.example")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == [
        "KAL_PUBLIC_URL=kalendarium.example: expected a web address such as https://kalendarium.example.org",
        "KAL_PORT=eighty: expected a whole number from 0 to 65535",
    ]


def test_setting_of_one_service_is_told_by_the_all_in_one_too(tmp_path: Path) -> None:
    ended = run_command("all-in-one", folder=tmp_path, feeds_megabytes="many")

    assert (ended.returncode, ended.stderr.splitlines()) == (
        1,
        ["KAL_FEEDS_MEGABYTES=many: expected a whole number from 16"],
    )


@pytest.mark.parametrize("service", ["ingest", "all-in-one"])
def test_broken_region_pack_is_one_line(service: str, tmp_path: Path) -> None:
    ended = run_command(service, folder=tmp_path, region=str(tmp_path))

    assert (ended.returncode, ended.stderr.splitlines()) == (
        1,
        ["The region pack cannot be used: region.toml: No such file or directory."],
    )


def test_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    ended = run_command("account", "list", folder=tmp_path, mongo_url=NOWHERE)

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert ended.stderr.startswith(f"MongoDB does not answer: {LOOPBACK}:1: ")
    assert ended.stderr.endswith(". Start it, or correct KAL_MONGO_URL.\n")


def test_event_log_that_is_away_is_one_line(tmp_path: Path) -> None:
    ended = run_command("dead-letters", "list", folder=tmp_path, mongo_url=NOWHERE, kafka_bootstrap=f"{LOOPBACK}:1")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert ended.stderr.startswith("The event log does not answer: ")


def test_the_probe_answers_by_its_exit_code(together: Child, port: int, tmp_path: Path) -> None:
    assert run_command("probe", str(port), folder=tmp_path).returncode == 0
    assert run_command("probe", str(find_free_port()), folder=tmp_path).returncode == 1


@pytest.fixture
def port() -> int:
    return find_free_port()


@pytest.fixture
def together(mongo_url: str, database_name: str, port: int, tmp_path: Path) -> Iterator[Child]:
    """The three services in one process, on the databases that ``command`` uses."""
    with together_process(tmp_path, port, mongo_url=mongo_url, database_prefix=database_name) as running:
        yield running


@pytest.mark.parametrize(("old", "new"), [("parked", "dead-letters"), ("together", "all-in-one"), ("healthy", "probe")])
def test_the_old_name_of_a_command_is_a_hidden_alias(old: str, new: str) -> None:
    commands: dict[str, Any] = vars(typer.main.get_command(kalendarium))["commands"]

    assert (commands[old].hidden, commands[new].hidden) == (True, False)
    assert [each.opts for each in commands[old].params] == [each.opts for each in commands[new].params]


async def test_dead_letter_is_listed_shown_and_replayed(
    together: Child, command: Command, mongo_url: str, database_name: str
) -> None:
    async with open_patiently(mongo_url, f"{database_name}_log") as database:
        log = EmbeddedLog(database)
        await log.send(Outgoing("decisions.v1", b"a-key", b"\xff\x1b[2J", [("ce_type", b"pl.kalendarium.Unheard.v1")]))

        async def parked() -> int:
            return len(await list_dead_letters(log))

        assert await eventually(parked, 1) == 1
        place = (await list_dead_letters(log))[0].place
        listed, shown = command("dead-letters", "list"), command("dead-letters", "show", place)
        replayed, repeated = command("dead-letters", "replay", place), command("dead-letters", "replay", place)
        assert await eventually(parked, 1) == 1
        await log.close()
    again = command("dead-letters", "list", "--replayed")

    assert (listed.returncode, listed.stdout.startswith(f"{place}  "), "key a-key" in listed.stdout) == (0, True, True)
    assert shown.stdout.splitlines()[0] == f"place      {place}"
    assert shown.stdout.splitlines()[1] == "from       decisions.v1, partition 0, offset 0"
    assert shown.stdout.endswith("\n\\xff\\x1b[2J\n"), "what could steer a terminal is written out"
    assert (replayed.stdout, repeated.stdout) == (
        "1 replayed, 0 already replayed before.\n",
        "0 replayed, 1 already replayed before.\n",
    )
    assert ("dead_letter_replayed" in replayed.stderr, repeated.stderr) == (True, "")
    assert again.stdout.startswith(f"{place}  ")


def test_an_empty_list_of_dead_letters_is_said(command: Command) -> None:
    assert command("dead-letters", "list").stdout == "There are no dead letters.\n"


def test_place_without_a_dead_letter_is_told_in_one_line(command: Command) -> None:
    for action in ("show", "replay"):
        ended = command("dead-letters", action, "decisions.v1.ingest.parked/0/7")
        assert (ended.returncode, ended.stderr) == (
            1,
            (
                "There is no dead letter at decisions.v1.ingest.parked/0/7; "
                "`kalendarium dead-letters list` shows the places.\n"
            ),
        )
