import socket
from collections.abc import Iterator

import pytest

from deploy.local.errors import PortTaken
from deploy.local.ports import LOOPBACK, find_free_port, find_free_ports, is_taken, require_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server


def test_port_is_taken_while_somebody_listens_and_free_afterwards(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    while_open = is_taken(port)
    listener.close()

    assert (while_open, is_taken(port)) == (True, False)


def test_taken_port_is_refused_in_one_line_that_says_what_wanted_it(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    with pytest.raises(PortTaken) as refusal:
        require_free(port, "the demo")

    assert str(refusal.value) == (
        f"Port {port}, wanted for the demo, is taken: stop the program on it or choose another port."
    )


def test_free_ports_are_all_different_and_none_of_those_excepted() -> None:
    excepted = find_free_ports(100)

    ports = find_free_ports(100, excluding=excepted)

    assert len({*ports, *excepted}) == 200


def test_free_port_can_be_listened_on() -> None:
    port = find_free_port()

    with socket.create_server((LOOPBACK, port)) as server:
        assert server.getsockname()[1] == port
