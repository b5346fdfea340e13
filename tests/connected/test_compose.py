"""docker-compose.yml without Docker: the very commands and environment that it names, as processes.

Replaced is only what Docker's network would give: where Kafka and MongoDB are, and that a service listens on loopback.
The processes see no file that the image has not.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from deploy.local.kafka import start_kafka
from deploy.local.ports import LOOPBACK, find_free_port, is_taken
from deploy.local.probes import probe_http
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import start_replica_set
from tests.support.builders import make_submission
from tests.support.clients import Curator, Editor, Reader, answered, eventually
from tests.support.compose import SERVICES, read_compose, read_image
from tests.support.demonstrations import make_small_pack
from tests.support.left_out import leave_out
from tests.support.running import ROOT, run

TRIES: Final = 5
MONGO: Final = "mongodb://mongo:27017/?replicaSet=rs0"
KAFKA: Final = "kafka:9092"
COMPOSE: Final = read_compose()
IMAGE: Final = read_image()


def of(service: str) -> dict[str, Any]:
    """What compose says of a service."""
    found: dict[str, Any] = COMPOSE["services"][service]
    return found


def port_of(service: str) -> int:
    """The port on which compose has a service listen."""
    return int(of(service)["environment"]["KAL_PORT"])


@dataclass(frozen=True)
class Composed:
    """The three services as compose starts them, and the folder that stands for the image's."""

    app: Path
    environments: Mapping[str, Mapping[str, str]]

    def run(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a service's container, as `docker compose run` or a health check would."""
        return run(program(command[0]), *command[1:], folder=self.app, environment=self.environments[service])


@pytest.fixture(scope="module")
def composed(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    for service in SERVICES:
        if is_taken(port_of(service)):
            leave_out("ports", f"{service}'s port {port_of(service)} is taken: stop the program on it.")
    folder = tmp_path_factory.mktemp("compose")
    app = IMAGE.unpack(folder / "app")
    shutil.rmtree(app / "deploy" / "region")  # two organisations: each one's first password takes a moment to hash
    make_small_pack(app / "deploy" / "region", ["um-szczecin", "zrot"])
    with start_kafka(folder / "kafka") as kafka, start_replica_set(folder / "mongo") as mongo:
        there = {KAFKA: kafka.bootstrap, MONGO: mongo.url, "0.0.0.0": LOOPBACK}  # noqa: S104 - it is replaced
        environments = {name: environment_of(name, app, folder / "data" / name, there) for name in SERVICES}
        composed = Composed(app, environments)
        children = [child(composed, name, folder / "logs") for name in SERVICES]
        start_all(children)
        yield composed
        stop_all(children)
    shutil.rmtree(folder)


def environment_of(service: str, app: Path, data: Path, there: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a container: the image's, then compose's, with what Docker's network gives."""
    container = {**IMAGE.environment, **of(service)["environment"], "KAL_DATA_DIR": str(data)}
    replaced = {name: there.get(str(value), str(value)) for name, value in container.items()}
    return replaced | {"PATH": os.environ["PATH"], "PYTHONPATH": str(app)}


def child(composed: Composed, service: str, logs: Path) -> Child:
    """A service as compose starts it; it is ready when its own health check says so, which is asked once it may."""
    return Child(
        service,
        [program(IMAGE.entrypoint[0]), *of(service)["command"]],
        log=logs / f"{service}.log",
        ready=lambda: probe_http(f"{address(service)}/readyz") and is_healthy(composed, service),
        environment=composed.environments[service],
        folder=composed.app,
    )


def is_healthy(composed: Composed, service: str) -> bool:
    """Whether the check that compose names ends well."""
    kind, *check = of(service)["healthcheck"]["test"]
    assert kind == "CMD"
    return composed.run(service, *check).returncode == 0


def program(name: str) -> str:
    """A program of the virtual environment, where the image has its own on the PATH."""
    return str(Path(sys.executable).with_name(name))


def load_region(composed: Composed) -> Any:  # noqa: ANN401 - what the command prints
    """Give the log-ins that loading the region makes; tried again where a busy machine's MongoDB answered too late."""
    for _ in range(TRIES):
        loaded = composed.run("ingest", *IMAGE.entrypoint, "region", "load")
        if loaded.returncode == 0:
            return json.loads(loaded.stdout)
    pytest.fail(loaded.stderr)


@pytest.mark.connected
@pytest.mark.slow
async def test_submission_goes_through_what_compose_starts(composed: Composed) -> None:
    logins = await asyncio.to_thread(load_region, composed)
    editor_key, curator_key = logins["organisations"]["um-szczecin"]["api_key"], logins["curator"]["api_key"]
    async with (
        Editor(address("ingest"), editor_key) as editor,
        Curator(address("calendar"), curator_key) as curator,
        Reader(address("distribution")) as reader,
    ):
        sent = await answered(lambda: editor.send(make_submission(title={"pl": "Żagle"}), key="zagle-2027"))
        assert await eventually(curator.waiting, {sent.id: 1}) == {sent.id: 1}

        async def accepted() -> str:
            if (entry := await curator.find(sent.id)).state != "waiting":
                return entry.state  # an acceptance that was answered too late was done all the same
            return (await curator.accept(sent.id)).state

        assert await eventually(accepted, "accepted") == "accepted"
        public = {"ics": "Żagle", "rss": "Żagle", "json": "Żagle"}
        assert await eventually(lambda: reader.titles(sent.id), public) == public


def address(service: str) -> str:
    """Where a service is."""
    return f"http://{LOOPBACK}:{port_of(service)}"


@pytest.mark.connected
def test_health_checks_turn_red_where_nothing_listens(composed: Composed) -> None:
    kind_and_command = [(of(service)["healthcheck"]["test"][0], is_healthy(composed, service)) for service in SERVICES]

    assert kind_and_command == [("CMD", True)] * len(SERVICES)
    assert composed.run("ingest", *IMAGE.entrypoint, "probe", str(find_free_port())).returncode == 1


@pytest.mark.connected
async def test_proxy_puts_all_behind_one_port_and_hides_what_is_internal(composed: Composed, tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None:
        leave_out("nginx", "No nginx found: on Debian and Ubuntu run apt-get install nginx-light.")
    port = find_free_port()
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(here(proxy_configuration(), port, tmp_path), encoding="utf-8")
    started = Child(
        "nginx",
        [nginx, "-p", tmp_path, "-c", configuration, "-e", "stderr", "-g", "daemon off; pid nginx.pid;"],
        log=tmp_path / "nginx.log",
        ready=lambda: is_taken(port),
    )
    with started:
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
            paths = (
                "/feeds/programme.ics",
                "/ingest/login",
                "/calendar/login",
                "/robots.txt",
                "/livez",
                "/readyz",
                "/metrics",
            )
            answers = {path: (await client.get(path)).status_code for path in paths}

    assert answers == {
        "/feeds/programme.ics": 200,
        "/ingest/login": 200,
        "/calendar/login": 200,
        "/robots.txt": 200,
        "/livez": 404,
        "/readyz": 404,
        "/metrics": 404,
    }


def proxy_configuration() -> str:
    """The file that compose gives to the proxy."""
    volume: str = of("proxy")["volumes"][0]
    source, target, mode = volume.split(":")
    assert (target, mode) == ("/etc/nginx/nginx.conf", "ro")
    return (ROOT / source).read_text(encoding="utf-8")


def here(configuration: str, port: int, folder: Path) -> str:
    """The same configuration where the services' names are not known and the image's folders are not there."""
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    for service in SERVICES:
        configuration = configuration.replace(f"server {service}:", f"server {LOOPBACK}:")
    listening = configuration.replace("listen 8080;", f"listen {LOOPBACK}:{port};")
    return listening.replace("http {", "http {" + folders, 1)


def test_kafka_is_the_official_image_in_kraft_mode() -> None:
    kafka = of("kafka")

    assert re.fullmatch(r"apache/kafka:4\.\d+\.\d+", kafka["image"])
    assert kafka["environment"]["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{KAFKA}"
    assert kafka["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_mongodb_is_a_replica_set_of_a_supported_release() -> None:
    mongo = of("mongo")

    assert mongo["image"] == "mongo:8"
    assert mongo["command"][:3] == ["mongod", "--replSet", "rs0"]
    assert "rs.initiate({_id: 'rs0', members: [{_id: 0, host: 'mongo:27017'}]})" in mongo["healthcheck"]["test"][-1]


def test_services_find_kafka_and_mongodb_by_their_names() -> None:
    for service in SERVICES:
        assert of(service)["environment"]["KAL_MONGO_URL"] == MONGO
        assert of(service)["environment"]["KAL_KAFKA_BOOTSTRAP"] == KAFKA
        assert {name: how["condition"] for name, how in of(service)["depends_on"].items()} == {
            "kafka": "service_healthy",
            "mongo": "service_healthy",
        }


def test_everything_has_a_health_check_and_comes_back() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_only_the_proxy_has_a_port_outside() -> None:
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    outside = {name: ports for name, ports in published.items() if not ports[0].startswith("127.0.0.1:")}

    assert outside == {"proxy": ["8080:8080"]}
    profiles = {COMPOSE["services"][name]["profiles"][0] for name in published.keys() - outside.keys()}
    assert profiles == {"monitoring", "dev"}


def test_mail_catcher_catches_what_the_services_send_in_its_profile() -> None:
    assert of("mailpit")["profiles"] == ["dev"]
    for service in ("ingest", "calendar"):
        assert of(service)["environment"]["KAL_SMTP_URL"] == ""


def test_image_is_built_from_locked_requirements_and_runs_as_nobody_special() -> None:
    assert IMAGE.user == "kalendarium"
    assert any("useradd --system --uid 10001" in command for command in IMAGE.commands)
    assert any("pip install --no-cache-dir --require-hashes -r requirements.lock" in each for each in IMAGE.commands)
    for service in SERVICES:
        assert of(service)["read_only"] is True
        assert of(service)["cap_drop"] == ["ALL"]
        assert of(service)["security_opt"] == ["no-new-privileges:true"]


def test_what_the_image_copies_is_not_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}

    assert {source for source, _ in IMAGE.copied} == let_in


def test_volumes_are_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", ())
        if not volume.startswith(".")
    }

    assert used == set(COMPOSE["volumes"])
