import http.server
import threading
from collections.abc import Iterator

import pytest

from deploy.local.answers import kafka_brokers, listens, says_ok
from deploy.local.ports import LOOPBACK, free_port


class OnlyReadyz(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing on the test's standard error."""


@pytest.fixture
def web_port() -> Iterator[int]:
    with http.server.HTTPServer((LOOPBACK, 0), OnlyReadyz) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_server_that_answers_200_says_ok(web_port: int) -> None:
    assert says_ok(f"http://{LOOPBACK}:{web_port}/readyz")


def test_server_that_answers_503_does_not_say_ok(web_port: int) -> None:
    assert not says_ok(f"http://{LOOPBACK}:{web_port}/livez")


def test_absent_server_neither_listens_nor_says_ok_nor_knows_brokers() -> None:
    port = free_port()

    assert (listens(port), says_ok(f"http://{LOOPBACK}:{port}/"), kafka_brokers(port)) == (False, False, 0)


def test_server_that_listens_is_seen_to(web_port: int) -> None:
    assert listens(web_port)
