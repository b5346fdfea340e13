from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.local.errors import PortTaken, StartError
from deploy.local.ports import LOOPBACK, find_free_ports
from services.demo.stack import PORTS, create_service_process, start_stack


def processes_in(folder: Path) -> list[str]:
    """The command lines of running programs that name a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(folder) in line]


def test_taken_port_of_a_service_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(PortTaken, match=f"Port {port}, wanted for calendar, is taken"),
            start_stack(tmp_path, ports={"ingest": find_free_ports(1)[0], "calendar": port}),
        ):
            pass

    assert list(tmp_path.iterdir()) == []


def test_server_that_cannot_start_leaves_the_other_not_running(tmp_path: Path) -> None:
    (tmp_path / "kafka").write_text("a file where Kafka's folder should be")
    ports = dict(zip(PORTS, find_free_ports(len(PORTS)), strict=True))

    with pytest.raises(StartError), start_stack(tmp_path, ports=ports):
        pass

    assert processes_in(tmp_path) == []


def test_service_has_its_own_port_and_folder_beside_the_common_settings(tmp_path: Path) -> None:
    port = find_free_ports(1)[0]

    service = create_service_process(
        "ingest", port, folder=tmp_path, settings={"KAL_MONGO_URL": "mongodb://nowhere.example"}
    )

    assert (service.name, service.log) == (f"ingest on port {port}", tmp_path / "logs" / "ingest.log")
    assert not service.running
