"""`kalendarium backup` and `kalendarium restore`: an installation's databases as one file, and back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NoReturn, ParamSpec

import typer

from services.backup.container import verify
from services.backup.manifest import BackupRefused, Manifest
from services.backup.restoring import NotEmpty, StillRunning
from services.backup.restoring import restore as restore_from
from services.backup.taking import NothingToBackUp, seekable, take, written_whole
from services.commands.rebuild import forget_snapshot
from shared.database import PyMongoError, is_away
from shared.database_copy import NoMoment
from shared.settings import CommonSettings, read_settings

STREAM: Final = "-"
NEXT: Final = (
    "Next: `kalendarium rebuild` brings the event log up to it; `kalendarium rebuild distribution` wherever "
    "distribution runs makes it forget what it showed; then start the services."
)
MEGABYTE: Final = 1_000_000
TOLD: Final = (BackupRefused, NotEmpty, NothingToBackUp, NoMoment, StillRunning)

P = ParamSpec("P")


def _tells_in_a_line(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command say in one line why it cannot be done, and end with 1."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except TOLD as error:
            _refuse(str(error))
        except OSError as error:
            _refuse(f"{error.filename or 'The file'}: {error.strerror}.")
        except PyMongoError as error:
            if is_away(error):
                raise
            _refuse(f"MongoDB refuses: {str(error).splitlines()[0]}")

    return told


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    raise typer.Exit(1) from None


@_tells_in_a_line
def backup(file: Annotated[str, typer.Argument(help="Where to; - for the standard output.")]) -> None:
    """Copy all databases, as they are at one moment, into one file; services may go on."""
    settings = read_settings(CommonSettings)
    if file == STREAM:
        manifest = asyncio.run(take(settings, sys.stdout.buffer))
        sys.stdout.buffer.flush()
    else:
        path = Path(file)
        with written_whole(path) as out:
            manifest = asyncio.run(take(settings, out, scratch=path.parent))
    sys.stderr.write(f"Backed up: {_summed_up(manifest)}\n")


@_tells_in_a_line
def restore(
    file: Annotated[str, typer.Argument(help="A backup; - for the standard input.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Lose what is in the databases.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is whole; change nothing.")] = False,
) -> None:
    """Put a backup in, with all services stopped; the whole file is verified before anything is changed."""
    settings = read_settings(CommonSettings)
    with _opened(file) as source:
        if check:
            typer.echo(f"The backup is whole: {_summed_up(verify(source))}")
            return
        manifest = asyncio.run(restore_from(settings, source, replace=replace))
    typer.echo(f"Restored: {_summed_up(manifest)}")
    try:
        forget_snapshot(settings)  # it may hold newer states than the databases have now
    finally:
        typer.echo(NEXT)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == STREAM:
        with seekable(sys.stdin.buffer) as source:
            yield source
    else:
        with Path(file).open("rb") as source:
            yield source


def _summed_up(manifest: Manifest) -> str:
    return (
        f"{manifest.documents} documents in {len(manifest.parts)} collections, "
        f"{manifest.bytes / MEGABYTE:.1f} MB unpacked, as of {manifest.taken_at} (Kalendarium {manifest.product})."
    )
