"""The proxy's file says from where a request came, also behind another proxy; tried with nginx itself."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import httpx
import pytest

from deploy.local.ports import LOOPBACK, find_free_port, is_taken
from deploy.local.processes import Child
from services.runtime.server import KEEP_ALIVE_SECONDS
from tests.support.left_out import leave_out
from tests.support.running import ROOT

FILE: Final = ROOT / "deploy" / "proxy" / "nginx.conf"
KINDS: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
STRANGER: Final = "203.0.113.9"


class Echo(BaseHTTPRequestHandler):
    """Stands for a service: answers what it was told about the client."""

    def do_GET(self) -> None:
        told = json.dumps([self.headers["X-Forwarded-For"], self.headers["X-Forwarded-Proto"]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def proxied(folder: Path, configuration: str) -> Iterator[httpx.Client]:
    """Start nginx with a configuration, in front of an echo."""
    nginx, port = shutil.which("nginx"), find_free_port()
    assert nginx is not None
    with ThreadingHTTPServer((LOOPBACK, 0), Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in KINDS)
        configuration = re.sub(r"server [a-z]+:\d+;", f"server {LOOPBACK}:{echo.server_port};", configuration)
        configuration = configuration.replace("listen 8080;", f"listen {LOOPBACK}:{port};")
        file = folder / "nginx.conf"
        file.write_text(configuration.replace("http {", "http {" + folders, 1), encoding="utf-8")
        command: list[str | Path] = [
            nginx,
            "-p",
            folder,
            "-c",
            file,
            "-e",
            "stderr",
            "-g",
            "daemon off; pid nginx.pid;",
        ]
        started = Child("nginx", command, log=folder / "nginx.log", ready=lambda: is_taken(port))
        with started, httpx.Client(base_url=f"http://{LOOPBACK}:{port}", timeout=60) as client:
            yield client
        echo.shutdown()


def told(client: httpx.Client, **headers: str) -> list[str]:
    """Give the address and the scheme that a service is told."""
    answer = client.get("/pl/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    found: list[str] = answer.raise_for_status().json()
    return found


@pytest.fixture(autouse=True)
def _nginx() -> None:
    if shutil.which("nginx") is None:
        leave_out("nginx", "No nginx found: on Debian and Ubuntu run apt-get install nginx-light.")


def test_the_proxy_lets_go_of_a_connection_before_a_service_does() -> None:
    """A POST that meets a connection which is just being closed may have been taken: nginx would answer 502."""
    written = FILE.read_text(encoding="utf-8")
    kept = [int(seconds) for seconds in re.findall(r"keepalive \d+; keepalive_timeout (\d+)s;", written)]

    assert len(kept) == len(re.findall(r"upstream \w+ \{", written)) == 3
    assert max(kept) + 10 <= KEEP_ALIVE_SECONDS


def test_a_proxy_in_front_is_believed_and_a_client_before_it_is_not(tmp_path: Path) -> None:
    with proxied(tmp_path, FILE.read_text(encoding="utf-8")) as proxy:
        assert told(proxy) == [LOOPBACK, "http"]
        assert told(proxy, X_Forwarded_For=STRANGER, X_Forwarded_Proto="https") == [STRANGER, "https"]
        assert told(proxy, X_Forwarded_For=f"127.0.0.1, {STRANGER}, 10.0.0.7")[0] == STRANGER
        assert told(proxy, X_Forwarded_Proto="gopher") == [LOOPBACK, "http"]


def test_who_comes_from_elsewhere_says_nothing_about_himself(tmp_path: Path) -> None:
    elsewhere = FILE.read_text(encoding="utf-8").replace("127.0.0.0/8", "192.0.2.0/24")
    with proxied(tmp_path, elsewhere) as proxy:
        assert told(proxy, X_Forwarded_For=STRANGER, X_Forwarded_Proto="https") == [LOOPBACK, "http"]


def test_nobody_in_a_private_network_passes_for_the_machine_itself(tmp_path: Path) -> None:
    configuration = FILE.read_text(encoding="utf-8").replace("$realip_remote_addr;", "seen;")
    with proxied(tmp_path, configuration) as proxy:
        assert told(proxy, X_Forwarded_For="127.0.0.1")[0] == "seen"
