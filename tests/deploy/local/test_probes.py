import http.server
import threading
from collections.abc import Iterator

import pytest

from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import count_kafka_brokers, probe_http, probe_tcp


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


def test_http_probe_succeeds_on_200(web_port: int) -> None:
    assert probe_http(f"http://{LOOPBACK}:{web_port}/readyz")


def test_http_probe_fails_on_503(web_port: int) -> None:
    assert not probe_http(f"http://{LOOPBACK}:{web_port}/livez")


def test_every_probe_of_an_absent_server_fails() -> None:
    port = find_free_port()

    assert (probe_tcp(port), probe_http(f"http://{LOOPBACK}:{port}/"), count_kafka_brokers(port)) == (False, False, 0)


def test_tcp_probe_of_a_listening_server_succeeds(web_port: int) -> None:
    assert probe_tcp(web_port)
