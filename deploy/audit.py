"""Supply-chain audit of the locked dependencies: known vulnerabilities, software bill of materials, licences.

``python -m deploy.audit`` (``make audit``) writes ``sbom.json`` (CycloneDX) and ``licences.md`` into ``var/audit``. Its
exit code is 0 if nothing was found, 1 if something was, and 3 if nothing was but some packages could not be checked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
LOCKS: Final = ("requirements.lock", "requirements-dev.lock")
VENDORED: Final = ("shared/web/pages/static/vendor/vendor.toml",)
SERVICES: Final = ("pypi", "osv")
# They only repeat the lock file's lines and name the package index.
DROPPED_FIELDS: Final = frozenset({"externalReferences", "description"})
TIMEOUT_SECONDS: Final = 180
FOUND, INCOMPLETE = 1, 3

# Permissive licences, and those of the EUPL-1.2's compatibility list.
PERMITTED_LICENCES: Final = re.compile(
    r"(3-clause )?(mit(-0|-cmu)?|apache([- ]2\.0)?|apache software|(0)?bsd(-[0-4]-clause)?|isc|mpl-2\.0|psf-2\.0|"
    r"python software foundation|mozilla public license 2\.0|unlicense|zlib|hpnd|ofl-1\.1|eupl-1\.2|cc0-1\.0|"
    r"lgpl-(2\.1|3\.0)-(only|or-later)|gnu lesser general public license v3 or later|dfsg approved)( licen[cs]e)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Package:
    """``licence`` is empty if it is not installed here."""

    name: str
    version: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class VulnerabilityReport:
    """Vulnerability ids by package, and the packages that the service does not know."""

    vulnerable: Mapping[str, Sequence[str]]
    unknown: Sequence[str]


def parse_lock(lock: str) -> dict[str, str]:
    """Versions by normalized package name."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE)
    return {normalize_name(name): version for name, version in pinned}


def normalize_name(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_report(report: Mapping[str, Any]) -> VulnerabilityReport:
    found = report["dependencies"]
    vulnerable = {each["name"]: [one["id"] for one in each["vulns"]] for each in found if each.get("vulns")}
    return VulnerabilityReport(vulnerable, [each["name"] for each in found if "skip_reason" in each])


def is_permitted_licence(licence: str) -> bool:
    """``licence`` is an SPDX expression or a list of classifiers."""
    whole = licence[1:-1] if licence.startswith("(") and licence.endswith(")") else licence
    alternatives = re.split(r"\s+or\s+(?!later)", whole, flags=re.IGNORECASE)
    return any(
        all(_is_on_list(each) for each in re.split(r" and |;", one, flags=re.IGNORECASE)) for one in alternatives
    )


def _is_on_list(licence: str) -> bool:
    # A classifier repeats its short name in brackets.
    return PERMITTED_LICENCES.fullmatch(re.sub(r" \([^)]*\)$", "", licence.strip())) is not None


def parse_vendored(written: str) -> list[Package]:
    return [Package(each["name"], each["version"], each["licence"]) for each in tomllib.loads(written)["library"]]


def complete_sbom(sbom: Mapping[str, Any], more: Iterable[Package], licences: Mapping[str, str]) -> dict[str, Any]:
    """Add vendored libraries and licences, drop the URLs of the package index."""
    components = [
        {name: value for name, value in each.items() if name not in DROPPED_FIELDS}
        | _build_licence_field(licences.get(normalize_name(each["name"]), ""))
        for each in sbom.get("components", ())
    ]
    components += [
        {
            "type": "library",
            "bom-ref": f"npm:{each.name}",
            "name": each.name,
            "version": each.version,
            "purl": f"pkg:npm/{each.name.replace('@', '%40')}@{each.version}",
            **_build_licence_field(each.licence),
        }
        for each in more
    ]
    return {**sbom, "components": components}


def _build_licence_field(licence: str) -> dict[str, Any]:
    return {"licenses": [{"license": {"name": licence}}]} if licence else {}


def render_licences(packages: Iterable[Package]) -> str:
    rows = [f"| {each.name} | {each.version} | {each.licence or 'not installed here'} |" for each in packages]
    head = [
        "# What Kalendarium ships, and under which licences",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def main() -> int:
    folder = ROOT / "var" / "audit"
    folder.mkdir(parents=True, exist_ok=True)
    vulnerabilities = _check_vulnerabilities()
    ours = parse_lock((ROOT / LOCKS[0]).read_text(encoding="utf-8"))
    installed = _read_installed_licences()
    copied = [each for file in VENDORED for each in parse_vendored((ROOT / file).read_text(encoding="utf-8"))]
    shipped = [*(Package(name, version, installed.get(name, "")) for name, version in sorted(ours.items())), *copied]
    (folder / "licences.md").write_text(render_licences(shipped), encoding="utf-8")
    sbom = complete_sbom(_generate_sbom(), copied, installed)
    (folder / "sbom.json").write_text(json.dumps(sbom, indent=1) + "\n", encoding="utf-8")
    unsuitable = [each for each in shipped if each.licence and not is_permitted_licence(each.licence)]
    for each in unsuitable:
        _print(f"{each.name} {each.version}: {each.licence!r} is not on the list of licences that we may ship")
    _print(
        f"{len(shipped)} packages are listed in var/audit/licences.md, {len(sbom['components'])} in var/audit/sbom.json"
    )
    return FOUND if unsuitable else vulnerabilities


def _check_vulnerabilities() -> int:
    """Development tools included; returns the exit code."""
    code = 0
    for lock in LOCKS:
        found = _query_services(lock)
        if found is None:
            _print(f"{lock}: not checked, no vulnerability service answers from here")
            code = code or INCOMPLETE
            continue
        for name, ids in found.vulnerable.items():
            _print(f"{lock}: {name} has {', '.join(ids)}")
            code = FOUND
        if found.unknown:
            _print(f"{lock}: not checked, as the service does not know them: {', '.join(found.unknown)}")
            code = code or INCOMPLETE
        _print(f"{lock}: {'no known vulnerability' if not found.vulnerable else 'vulnerable'}")
    return code


def _query_services(lock: str) -> VulnerabilityReport | None:
    """Query the services in turn; None if none knows a single package."""
    for service in SERVICES:
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        said = _run("pip_audit", "--requirement", lock, "--vulnerability-service", service, *options)
        report = json.loads(said) if said.startswith("{") else None
        if report and any("skip_reason" not in each for each in report["dependencies"]):
            return parse_report(report)
    return None


def _read_installed_licences() -> dict[str, str]:
    found = json.loads(_run("piplicenses", "--format=json", "--from=mixed"))
    return {normalize_name(each["Name"]): each["License"] for each in found}


def _generate_sbom() -> dict[str, Any]:
    command = ("requirements", "--output-reproducible", "--output-format", "JSON", LOCKS[0])
    found: dict[str, Any] = json.loads(_run("cyclonedx_py", *command))
    return found


def _run(module: str, *arguments: str) -> str:
    """Empty on a timeout."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
