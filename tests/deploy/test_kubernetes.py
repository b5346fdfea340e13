"""The manifests say what the code, the image and the other ways to run say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import typer.main
import yaml

import services.calendar.app
import services.distribution.app
import services.ingest.app
import services.ingest.media.api
import services.ingest.media.pages
from services.cli import kalendarium
from services.runtime.server import SHUTDOWN_SECONDS
from shared.eventlog.topics import PARTITIONS, TOPICS
from shared.settings import PREFIX, CommonSettings
from shared.web.ops.health import health_router
from tests.deploy.kustomize import Document, build, build_with_kustomize, containers, read
from tests.support.compose import SERVICES, read_image
from tests.support.left_out import leave_out
from tests.support.running import ROOT

FOLDER: Final = ROOT / "deploy" / "kubernetes"
BUILT: Final = ("overlays/region", "overlays/country", "once")
VERSIONS: Final = ("1.30", kubernetes_validate.latest_version())
SETTINGS: Final = {
    "ingest": services.ingest.app.Settings,
    "calendar": services.calendar.app.Settings,
    "distribution": services.distribution.app.Settings,
}
DATA: Final = read_image().environment["KAL_DATA_DIR"]
USER: Final = 10001
COPIES: Final = 3


def made(name: str) -> list[Document]:
    return build(FOLDER / name)


def of_kind(documents: list[Document], kind: str) -> dict[str, Document]:
    return {document["metadata"]["name"]: document for document in documents if document["kind"] == kind}


def templates(documents: list[Document]) -> dict[str, Document]:
    """The pods that documents describe, by the name of what describes them."""
    found = {}
    for document in documents:
        spec = document.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[document["metadata"]["name"]] = spec["template"]
    return found


def everywhere() -> list[tuple[str, str, Document]]:
    """Every pod that is described anywhere, with the folder and the name."""
    return [(folder, name, pod) for folder in BUILT for name, pod in templates(made(folder)).items()]


PODS: Final = [pytest.param(pod, id=f"{folder}-{name}") for folder, name, pod in everywhere()]
REGION: Final = made("overlays/region")


@pytest.mark.parametrize("folder", BUILT)
def test_the_real_kustomize_makes_the_same(folder: str) -> None:
    real = build_with_kustomize(FOLDER / folder)
    if real is None:
        leave_out("kustomize", "Neither kustomize nor kubectl is on the PATH.")

    def by_name(documents: list[Document]) -> dict[tuple[str, str], Document]:
        return {(document["kind"], document["metadata"]["name"]): document for document in documents}

    assert by_name(real) == by_name(made(folder))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", BUILT)
def test_every_document_is_valid_and_says_nothing_that_kubernetes_does_not_know(folder: str, version: str) -> None:
    for document in made(folder):
        kubernetes_validate.validate(document, version, strict=True)


def test_a_misspelt_field_would_be_found() -> None:
    document = of_kind(made("overlays/region"), "Deployment")["ingest"]
    document["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[0], strict=True)


@pytest.mark.parametrize("pod", PODS)
def test_every_pod_runs_with_as_few_rights_as_there_are(pod: Document) -> None:
    spec = pod["spec"]
    (container,) = spec["containers"]

    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert (spec["automountServiceAccountToken"], spec["enableServiceLinks"]) == (False, False)
    assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC", "initContainers"}
    assert all(volume.keys() & {"emptyDir", "persistentVolumeClaim"} for volume in spec["volumes"])
    assert container["resources"].keys() == {"requests", "limits"}
    assert f"--uid {USER} " in " ".join(read_image().commands)


@pytest.mark.parametrize("pod", PODS)
def test_every_pod_may_write_where_the_image_keeps_its_data_and_nowhere_it_does_not_mount(pod: Document) -> None:
    (container,) = pod["spec"]["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}

    assert (mounts["data"], mounts["tmp"]) == (DATA, "/tmp")  # noqa: S108 - the container's own
    assert {volume["name"] for volume in pod["spec"]["volumes"]} == mounts.keys()


@pytest.mark.parametrize("pod", PODS)
def test_every_image_is_the_one_that_the_overlay_names(pod: Document) -> None:
    assert [container["image"] for container in pod["spec"]["containers"]] == ["registry.example.org/kalendarium:1.0.0"]


@pytest.mark.parametrize("pod", PODS)
def test_every_setting_is_one_that_somebody_reads_and_comes_from_what_is_there(pod: Document) -> None:
    (container,) = pod["spec"]["containers"]
    known = {f"{PREFIX}{field}".upper() for each in SETTINGS.values() for field in each.model_fields}
    (shared,) = container["envFrom"]
    given = of_kind(REGION, "ConfigMap")[shared["configMapRef"]["name"]]["data"].keys()
    own = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container.get("env", ())}

    assert given | own.keys() <= known
    assert not given & own.keys()
    assert set(own.values() and [(ref["name"], ref["key"]) for ref in own.values()]) <= {
        ("kalendarium-mongodb", "connectionString.standard"),
        ("kalendarium-smtp", "url"),
    }


@pytest.mark.parametrize("overlay", ["overlays/region", "overlays/country"])
@pytest.mark.parametrize("service", SERVICES)
def test_the_services_take_the_settings_as_they_are_given(overlay: str, service: str) -> None:
    documents = made(overlay)
    given = of_kind(documents, "ConfigMap")["kalendarium"]["data"]
    fields: dict[str, Any] = {name.removeprefix(PREFIX).lower(): value for name, value in given.items()}
    settings: CommonSettings = SETTINGS[service](**fields)

    (rule,) = of_kind(documents, "Ingress")["kalendarium"]["spec"]["rules"]
    (tls,) = of_kind(documents, "Ingress")["kalendarium"]["spec"]["tls"]
    assert settings.public_url == f"https://{rule['host']}"
    assert tls["hosts"] == [rule["host"]]
    assert settings.kafka_bootstrap


def words_of(container: Document) -> list[list[str]]:
    """The commands of `kalendarium` that a container runs."""
    if "command" not in container:
        return [container["args"]]
    lines = [shlex.split(line) for line in "\n".join(container["args"]).splitlines()]
    return [words[1:] for words in lines if words and words[0] == read_image().entrypoint[0]]


@pytest.mark.parametrize("pod", PODS)
def test_every_command_is_one_of_ours(pod: Document) -> None:
    (container,) = pod["spec"]["containers"]
    commands = words_of(container)

    assert commands
    for words in commands:
        command: Any = typer.main.get_command(kalendarium)
        rest = list(words)
        while rest and hasattr(command, "commands"):
            command = command.commands[rest.pop(0)]
        assert not hasattr(command, "commands"), words
        command.make_parser(command.make_context(None, list(rest), resilient_parsing=True))


@pytest.mark.parametrize("service", SERVICES)
def test_ports_and_probes_are_those_of_the_code(service: str) -> None:
    pod = templates(REGION)[service]
    (container,) = pod["spec"]["containers"]
    (port,) = container["ports"]
    routes = {route.path for route in health_router.routes}  # type: ignore[attr-defined] # they are all routes of an API
    probes = {name: probe["httpGet"] for name, probe in container.items() if name.endswith("Probe")}
    notes = pod["metadata"]["annotations"]

    assert container["args"] == [service]
    assert port == {"name": "http", "containerPort": SETTINGS[service].model_fields["port"].default}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startupProbe": "/livez",
        "livenessProbe": "/livez",
        "readinessProbe": "/readyz",
    }
    assert {probe["port"] for probe in probes.values()} == {"http"}
    assert {notes["prometheus.io/path"], *(probe["path"] for probe in probes.values())} == routes
    assert int(notes["prometheus.io/port"]) == port["containerPort"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_has_time_to_stop_and_none_goes_before_another_is_ready(service: str) -> None:
    deployment = of_kind(REGION, "Deployment")[service]["spec"]
    pod = deployment["template"]["spec"]
    _, pause = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]

    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert pod["terminationGracePeriodSeconds"] > int(pause) + SHUTDOWN_SECONDS
    assert [spread["topologyKey"] for spread in pod["topologySpreadConstraints"]] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]


@pytest.mark.parametrize("overlay", ["overlays/region", "overlays/country"])
@pytest.mark.parametrize("service", SERVICES)
def test_several_of_each_service_are_kept_found_and_not_all_taken_away(overlay: str, service: str) -> None:
    documents = made(overlay)
    deployment = of_kind(documents, "Deployment")[service]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    scaler = of_kind(documents, "HorizontalPodAutoscaler")[service]["spec"]
    budget = of_kind(documents, "PodDisruptionBudget")[service]["spec"]
    address = of_kind(documents, "Service")[service]["spec"]

    assert deployment["selector"]["matchLabels"] == budget["selector"]["matchLabels"] == address["selector"] == labels
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": service}
    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]
    assert service == "distribution" or scaler["maxReplicas"] <= PARTITIONS
    assert "replicas" not in deployment
    assert (budget["maxUnavailable"], address["ports"][0]["targetPort"]) == (1, "http")


def test_the_ingress_leads_where_the_proxy_of_compose_leads() -> None:
    conf = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    proxy = {
        path: to or "nowhere"
        for path, to in re.findall(r"location =? ?(/\w*) \{ (?:proxy_pass http://(\w+)|return 404)", conf)
    }
    ingress = of_kind(REGION, "Ingress")["kalendarium"]
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    found = of_kind(REGION, "Service")

    assert {path["path"]: path["backend"]["service"]["name"] for path in paths} == proxy
    assert {path["path"] for path in paths if path["pathType"] == "Exact"} == {"/livez", "/readyz", "/metrics"}
    assert {path["backend"]["service"]["name"] for path in paths} <= found.keys()
    assert "hash $remote_addr consistent;" in conf


def test_every_proxy_waits_for_what_makes_a_picture() -> None:
    conf = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    places = re.findall(r"location (=? ?)(\S+) \{ client_max_body_size 21m; proxy_read_timeout 90s; [^}]*\}", conf)
    notes = of_kind(REGION, "Ingress")["kalendarium"]["metadata"]["annotations"]

    form = services.ingest.media.pages.router.prefix.partition("/{")[0]
    assert places == [("", services.ingest.media.api.PREFIX), ("", form)]
    assert (notes["nginx.ingress.kubernetes.io/proxy-read-timeout"], notes["nginx.org/proxy-read-timeout"]) == (
        "90",
        "90s",
    )
    assert notes["haproxy.org/timeout-server"] == "90s"


def test_a_client_stays_on_one_replica() -> None:
    notes = of_kind(REGION, "Ingress")["kalendarium"]["metadata"]["annotations"]

    assert notes["nginx.org/lb-method"] == "hash $remote_addr consistent"
    assert notes["nginx.ingress.kubernetes.io/upstream-hash-by"] == "$binary_remote_addr"
    assert notes["haproxy.org/load-balance"] == "source"
    assert of_kind(REGION, "Service")["distribution"]["spec"]["sessionAffinity"] == "ClientIP"


def takes(policy: Document, pod: Document) -> bool:
    """Whether a network policy is about a pod."""
    labels, selector = pod["metadata"]["labels"], policy["spec"]["podSelector"]
    return selector["matchLabels"].items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


def test_nobody_reaches_what_it_does_not_need() -> None:
    policies = of_kind(REGION, "NetworkPolicy")
    pods = templates(REGION) | templates(made("once"))
    may = {name: {each for each, policy in policies.items() if takes(policy, pod)} for name, pod in pods.items()}

    everybody = {"nobody", "to-names"}
    assert policies["nobody"]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not policies["nobody"]["spec"].keys() & {"ingress", "egress"}
    assert may == {
        "ingest": everybody | {"from-proxy-and-prometheus", "to-kafka", "to-mail", "to-mongodb"},
        "calendar": everybody | {"from-proxy-and-prometheus", "to-kafka", "to-mail", "to-mongodb"},
        "distribution": everybody | {"from-proxy-and-prometheus", "to-kafka", "to-mongodb"},
        "backup": everybody | {"to-mongodb"},
        "region-load": everybody | {"to-mongodb"},
    }


def test_whoever_may_reach_mongodb_and_nobody_else_knows_its_password() -> None:
    policy = of_kind(REGION, "NetworkPolicy")["to-mongodb"]
    pods = templates(REGION) | templates(made("once"))

    assert {name for name, pod in pods.items() if any("env" in each for each in containers(pod))} == {
        name for name, pod in pods.items() if takes(policy, pod)
    }


@pytest.mark.parametrize(
    ("ages", "newest_bytes", "left"),
    [
        ([40, 31, 29, 1], 1_000, [29, 1, 0]),
        ([50, 40, 31], 1_000, [31, 0]),
        ([3, 2, 1], 8 << 40, [1, 0]),
        ([], 0, [0]),
    ],
    ids=["old ones go", "the newest stays however old", "a full volume makes room", "the first"],
)
def test_a_backup_makes_room_before_it_begins(
    ages: list[int], newest_bytes: int, left: list[int], tmp_path: Path
) -> None:
    pod = templates(REGION)["backup"]["spec"]["containers"][0]
    programs, backups = tmp_path / "bin", tmp_path / "backups"
    programs.mkdir()
    backups.mkdir()
    (programs / "kalendarium").write_text('#!/bin/sh\nls -A > ../seen\n: > "$2"\n', encoding="utf-8")
    (programs / "kalendarium").chmod(0o700)
    for age in ages:
        file = backups / f"kalendarium-{90 - age:02}.tar.xz"
        file.touch()
        os.truncate(file, newest_bytes if age == ages[-1] else 0)  # takes no room
        os.utime(file, (time.time() - age * 86_400 - 3_600,) * 2)
    part = backups / ".kalendarium-20270101T021700Z.tar.xz.abc.part"
    part.touch()
    os.utime(part, (0, 0))

    subprocess.run(  # noqa: S603 - what the pod runs
        [*pod["command"], pod["args"][0].replace("/backups", str(backups))],
        env={"PATH": f"{programs}:{os.defpath}"},
        check=True,
    )

    kept = [f"kalendarium-{90 - age:02}.tar.xz" for age in left if age]
    assert (tmp_path / "seen").read_text(encoding="utf-8").split() == kept
    assert len(list(backups.iterdir())) == len(left)


def test_nothing_holds_a_token_of_the_cluster() -> None:
    account = of_kind(REGION, "ServiceAccount")["kalendarium"]

    assert account["automountServiceAccountToken"] is False
    assert {pod["spec"]["serviceAccountName"] for _, _, pod in everywhere()} == {"kalendarium"}


def test_no_document_but_the_namespace_is_outside_of_it() -> None:
    assert {document["metadata"].get("namespace") for document in REGION} == {None, "kalendarium"}
    assert [each["kind"] for each in REGION if "namespace" not in each["metadata"]] == ["Namespace"]
    assert not of_kind(REGION, "Secret")


def operators(name: str) -> list[Document]:
    return read((FOLDER / "operators" / name).read_text(encoding="utf-8"))


def test_the_topics_are_those_of_the_code() -> None:
    found = {each["metadata"]["name"]: each["spec"] for each in operators("topics.yaml")}

    assert found == {
        topic.name: {"partitions": PARTITIONS, "replicas": COPIES, "config": dict(topic.settings)} for topic in TOPICS
    }
    assert {each["metadata"]["labels"]["strimzi.io/cluster"] for each in operators("topics.yaml")} == {"kalendarium"}


def test_kafka_and_mongodb_are_found_under_the_names_that_the_services_use() -> None:
    pool, kafka = operators("kafka.yaml")
    (mongo,) = operators("mongodb.yaml")
    policies = of_kind(REGION, "NetworkPolicy")
    bootstrap = of_kind(REGION, "ConfigMap")["kalendarium"]["data"]["KAL_KAFKA_BOOTSTRAP"]
    (plain,) = kafka["spec"]["kafka"]["listeners"]
    (to_kafka,), (to_mongo,) = (policies[name]["spec"]["egress"] for name in ("to-kafka", "to-mongodb"))

    assert bootstrap == f"{kafka['metadata']['name']}-kafka-bootstrap:{plain['port']}"
    assert to_kafka["to"][0]["podSelector"]["matchLabels"]["strimzi.io/cluster"] == kafka["metadata"]["name"]
    assert to_mongo["to"][0]["podSelector"]["matchLabels"] == {"app": f"{mongo['metadata']['name']}-svc"}
    assert mongo["spec"]["users"][0]["connectionStringSecretName"] == "kalendarium-mongodb"
    assert (pool["spec"]["replicas"], mongo["spec"]["members"]) == (COPIES, 3)


def test_kafka_keeps_what_it_answered() -> None:
    config = operators("kafka.yaml")[1]["spec"]["kafka"]["config"]

    assert {name: config[name] for name in ("min.insync.replicas", "default.replication.factor")} == {
        "min.insync.replicas": 2,
        "default.replication.factor": COPIES,
    }
    assert (config["unclean.leader.election.enable"], config["auto.create.topics.enable"]) == (False, False)


def test_the_readme_names_files_that_are_there() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:base|once|operators|overlays|deploy)/[\w./-]*)`", text))

    assert named
    assert [name for name in sorted(named) if not any(Path(root, name).exists() for root in (FOLDER, ROOT))] == []
    assert yaml.safe_load((FOLDER / "base" / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]


@pytest.mark.parametrize("folder", BUILT)
def test_only_the_cluster_says_from_where_a_request_came(folder: str) -> None:
    for settings in of_kind(made(folder), "ConfigMap").values():
        trusted = settings["data"].get("KAL_FORWARDED_ALLOW_IPS", "127.0.0.1").split(",")

        assert "*" not in trusted
        assert all(ip_network(each).is_private and ip_network(each).prefixlen >= 8 for each in trusted)
