"""`kalendarium backup` and `kalendarium restore`: an installation's databases as one file, and back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, BinaryIO, Final, ParamSpec

import typer

from services.admin.backup.container import verify
from services.admin.backup.manifest import BackupRefused, Manifest
from services.admin.backup.restore import NotEmpty, StillRunning
from services.admin.backup.restore import restore as restore_from
from services.admin.backup.take import NothingToBackUp, back_up, buffer_stream, write_atomically
from services.admin.cli.failure import fail
from services.admin.cli.rebuild import forget_snapshot
from shared.database.client import PyMongoError, is_unavailable
from shared.database.dump import NoSnapshot
from shared.settings import CommonSettings, read_settings

STREAM: Final = "-"
NEXT: Final = (
    "Next: `kalendarium rebuild` brings the event log up to it; `kalendarium rebuild distribution` wherever "
    "distribution runs makes it forget what it showed; then start the services."
)
MEGABYTE: Final = 1_000_000
REPORTED: Final = (BackupRefused, NotEmpty, NothingToBackUp, NoSnapshot, StillRunning)

P = ParamSpec("P")


def _report_errors(command: Callable[P, None]) -> Callable[P, None]:
    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except REPORTED as error:
            fail(str(error))
        except OSError as error:
            fail(f"{error.filename or 'The file'}: {error.strerror}.")
        except PyMongoError as error:
            if is_unavailable(error):
                raise
            fail(f"MongoDB refuses: {str(error).splitlines()[0]}")

    return told


@_report_errors
def backup(file: Annotated[str, typer.Argument(help="Where to; - for the standard output.")]) -> None:
    """Copy all databases, as they are at one moment, into one file; services may go on."""
    settings = read_settings(CommonSettings)
    if file == STREAM:
        manifest = asyncio.run(back_up(settings, sys.stdout.buffer))
        sys.stdout.buffer.flush()
    else:
        path = Path(file)
        with write_atomically(path) as out:
            manifest = asyncio.run(back_up(settings, out, scratch=path.parent))
    sys.stderr.write(f"Backed up: {_summarize(manifest)}\n")


@_report_errors
def restore(
    file: Annotated[str, typer.Argument(help="A backup; - for the standard input.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Lose what is in the databases.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is whole; change nothing.")] = False,
) -> None:
    """Put a backup in, with all services stopped; the whole file is verified before anything is changed."""
    settings = read_settings(CommonSettings)
    with _open_source(file) as source:
        if check:
            typer.echo(f"The backup is whole: {_summarize(verify(source))}")
            return
        manifest = asyncio.run(restore_from(settings, source, replace=replace))
    typer.echo(f"Restored: {_summarize(manifest)}")
    try:
        forget_snapshot(settings)  # it may hold newer states than the databases have now
    finally:
        typer.echo(NEXT)


@contextmanager
def _open_source(file: str) -> Iterator[BinaryIO]:
    if file == STREAM:
        with buffer_stream(sys.stdin.buffer) as source:
            yield source
    else:
        with Path(file).open("rb") as source:
            yield source


def _summarize(manifest: Manifest) -> str:
    return (
        f"{manifest.documents} documents in {len(manifest.parts)} collections, "
        f"{manifest.bytes / MEGABYTE:.1f} MB unpacked, as of {manifest.taken_at} (Kalendarium {manifest.product})."
    )
