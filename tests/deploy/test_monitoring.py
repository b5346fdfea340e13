"""What watches the services: rules that Prometheus takes and that fire when they should, on numbers that there are."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from docs.metrics import PAGE, described, page
from shared.settings import CommonSettings
from shared.web.ops.exposition import MetricDescription, MetricRegistry, render_metrics
from shared.web.ops.health import Health
from tests.support.left_out import leave_out
from tests.support.running import REGION, ROOT

MONITORING: Final = ROOT / "deploy" / "monitoring"
RULES: Final = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: Final[dict[str, Any]] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
NO_PROMTOOL: Final = "No promtool found: on Debian run apt-get install prometheus."
BY_PROMETHEUS: Final = frozenset({"up", "ALERTS"})


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        leave_out("promtool", NO_PROMTOOL)
    return found


@pytest.mark.parametrize(
    "arguments",
    ["check rules --lint=all --lint-fatal alerts.yml", "check config prometheus.yml", "test rules alerts_test.yml"],
)
def test_prometheus_takes_what_we_give_it_and_every_rule_passes_its_tests(promtool: str, arguments: str) -> None:
    ended = subprocess.run(  # noqa: S603 - found on the PATH
        [promtool, *arguments.split()], cwd=MONITORING, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_metrics_are_what_prometheus_finds_in_order(promtool: str) -> None:
    """Its linter minds names and help texts; what it says of the Python client's own numbers is not ours to mend."""
    text = asyncio.run(render_metrics(Health("ingest").metrics))

    ended = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False, timeout=60)  # noqa: S603 - found on the PATH

    assert [line for line in ended.stderr.decode().splitlines() if line.startswith("kal_")] == []


@pytest.fixture
async def found(mongo_url: str, database_name: str, tmp_path: Path) -> dict[MetricDescription, list[str]]:
    """The numbers of the three services, from the services themselves."""
    settings = CommonSettings(
        mongo_url=mongo_url, database_prefix=database_name, region=REGION, data_dir=tmp_path, kafka_bootstrap=None
    )
    return await described(settings)


async def test_the_list_of_metrics_is_current(found: dict[MetricDescription, list[str]]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found), "run `python -m docs.metrics`"


async def test_rules_and_dashboard_name_only_numbers_that_there_are(found: dict[MetricDescription, list[str]]) -> None:
    known = BY_PROMETHEUS | {name for each in found for name in _series(each)} | await _of_the_process()
    expressions = {rule["alert"]: rule["expr"] for rule in RULES} | dict(_shown())

    assert {
        title: sorted(named - known) for title, each in expressions.items() if (named := _named(each)) - known
    } == {}


async def test_labels_that_rules_and_dashboard_ask_for_are_there(found: dict[MetricDescription, list[str]]) -> None:
    labels = {"service", "instance", "job", "le", "alertstate"} | {label for each in found for label in each.labels}
    expressions = [rule["expr"] for rule in RULES] + [expression for _, expression in _shown()]
    asked = {label for each in expressions for label in re.findall(r"(\w+)\s*(?:=~|!=|!~|=)\s*\"", each)}
    asked |= {each.strip() for by in re.findall(r"by \(([^)]*)\)", "".join(expressions)) for each in by.split(",")}

    assert asked - labels == set()


def test_every_alert_says_what_is_the_case_and_where_the_handbook_tells_what_to_do() -> None:
    assert [
        rule["alert"]
        for rule in RULES
        if rule["annotations"].get("runbook") != f"docs/operations.md#{rule['alert'].lower()}"
        or not rule["annotations"].get("summary")
        or rule["labels"]["severity"] not in {"critical", "warning"}
    ] == []


def test_the_handbook_has_a_heading_for_every_alert() -> None:
    handbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ (\w+)$", handbook, re.MULTILINE))

    assert {rule["alert"] for rule in RULES} - headings == set()


def test_every_alert_is_raised_by_its_test() -> None:
    tests = yaml.safe_load((MONITORING / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    raised = {each["alertname"] for test in tests for each in test.get("alert_rule_test", []) if each["exp_alerts"]}

    assert raised == {rule["alert"] for rule in RULES}


def _series(each: MetricDescription) -> set[str]:
    """Name what a query may ask for."""
    return {f"{each.name}_{part}" for part in ("bucket", "count", "sum")} if each.kind == "histogram" else {each.name}


async def _of_the_process() -> set[str]:
    text = (await render_metrics(MetricRegistry("ingest"))).decode()
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}


def _named(expression: str) -> set[str]:
    """Find the numbers that a query names: words that are no function, keyword, label or value."""
    bare = re.sub(r"\"[^\"]*\"|\{[^}]*\}|\[[^]]*\]|\b(by|without|on|ignoring)\s*\([^)]*\)", " ", expression)
    return {
        word for word in re.findall(r"[a-zA-Z_:][\w:]*(?!\w*\s*\()", bare) if word not in {"or", "and", "unless"}
    } - {"e9"}


def _shown() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
