"""What we ship, and whether it may be shipped: known vulnerabilities, a bill of materials, licences.

``python -m deploy.audit`` (``make audit``) writes ``sbom.json`` (CycloneDX) and ``licences.md`` into ``var/audit`` and
ends with 0 if all is well, 1 if something was found, and 3 if nothing was found but not everything could be looked up.
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
VENDORED: Final = ("shared/web/static/vendor/vendor.toml",)
SERVICES: Final = ("pypi", "osv")
LEFT_OUT: Final = frozenset({"externalReferences", "description"})
"""What a bill of materials says of the lock file's lines and of the index that was asked."""
LOOK_UP_SECONDS: Final = 180
FOUND, NOT_ASKED = 1, 3

MAY_BE_SHIPPED: Final = re.compile(
    r"(3-clause )?(mit(-0|-cmu)?|apache([- ]2\.0)?|apache software|(0)?bsd(-[0-4]-clause)?|isc|mpl-2\.0|psf-2\.0|"
    r"python software foundation|mozilla public license 2\.0|unlicense|zlib|hpnd|ofl-1\.1|eupl-1\.2|cc0-1\.0|"
    r"lgpl-(2\.1|3\.0)-(only|or-later)|gnu lesser general public license v3 or later|dfsg approved)( licen[cs]e)?",
    re.IGNORECASE,
)
"""Licences under which something may be part of a work under the EUPL-1.2: permissive ones, and those of its list."""


@dataclass(frozen=True, slots=True)
class Package:
    """Something that we ship, or work with, and under which licence; empty if that is not known here."""

    name: str
    version: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What is known of some packages: vulnerabilities by package, and the packages that nobody could be asked about."""

    vulnerable: Mapping[str, Sequence[str]]
    unknown: Sequence[str]


def locked(lock: str) -> dict[str, str]:
    """Read a lock file: versions by the packages' names, written as indexes write them."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE)
    return {canonical(name): version for name, version in pinned}


def canonical(name: str) -> str:
    """Write a package's name as indexes do."""
    return re.sub(r"[-_.]+", "-", name).lower()


def looked_up(report: Mapping[str, Any]) -> LookedUp:
    """Read what pip-audit reports."""
    found = report["dependencies"]
    vulnerable = {each["name"]: [one["id"] for one in each["vulns"]] for each in found if each.get("vulns")}
    return LookedUp(vulnerable, [each["name"] for each in found if "skip_reason" in each])


def may_be_shipped(licence: str) -> bool:
    """Tell whether a licence, an SPDX expression or a list of classifiers, lets us ship what is under it."""
    whole = licence[1:-1] if licence.startswith("(") and licence.endswith(")") else licence
    alternatives = re.split(r"\s+or\s+(?!later)", whole, flags=re.IGNORECASE)
    return any(all(_is_known(each) for each in re.split(r" and |;", one, flags=re.IGNORECASE)) for one in alternatives)


def _is_known(licence: str) -> bool:
    """Tell whether one licence is on the list; a classifier repeats its short name in brackets."""
    return MAY_BE_SHIPPED.fullmatch(re.sub(r" \([^)]*\)$", "", licence.strip())) is not None


def vendored(written: str) -> list[Package]:
    """Read which libraries are copied into the repository."""
    return [Package(each["name"], each["version"], each["licence"]) for each in tomllib.loads(written)["library"]]


def completed(sbom: Mapping[str, Any], more: Iterable[Package], licences: Mapping[str, str]) -> dict[str, Any]:
    """Put what is vendored and every licence into a bill of materials, and take out where it was installed from."""
    components = [
        {name: value for name, value in each.items() if name not in LEFT_OUT}
        | _licensed(licences.get(canonical(each["name"]), ""))
        for each in sbom.get("components", ())
    ]
    components += [
        {
            "type": "library",
            "bom-ref": f"npm:{each.name}",
            "name": each.name,
            "version": each.version,
            "purl": f"pkg:npm/{each.name.replace('@', '%40')}@{each.version}",
            **_licensed(each.licence),
        }
        for each in more
    ]
    return {**sbom, "components": components}


def _licensed(licence: str) -> dict[str, Any]:
    return {"licenses": [{"license": {"name": licence}}]} if licence else {}


def licence_list(packages: Iterable[Package]) -> str:
    """Write the licences of what we ship as a page."""
    rows = [f"| {each.name} | {each.version} | {each.licence or 'not installed here'} |" for each in packages]
    head = [
        "# What Kalendarium ships, and under which licences",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def main() -> int:
    """Look everything up, write the two files, and say what was found; gives the exit code."""
    folder = ROOT / "var" / "audit"
    folder.mkdir(parents=True, exist_ok=True)
    vulnerabilities = _vulnerabilities()
    ours = locked((ROOT / LOCKS[0]).read_text(encoding="utf-8"))
    installed = _licences()
    copied = [each for file in VENDORED for each in vendored((ROOT / file).read_text(encoding="utf-8"))]
    shipped = [*(Package(name, version, installed.get(name, "")) for name, version in sorted(ours.items())), *copied]
    (folder / "licences.md").write_text(licence_list(shipped), encoding="utf-8")
    sbom = completed(_sbom(), copied, installed)
    (folder / "sbom.json").write_text(json.dumps(sbom, indent=1) + "\n", encoding="utf-8")
    unsuitable = [each for each in shipped if each.licence and not may_be_shipped(each.licence)]
    for each in unsuitable:
        _say(f"{each.name} {each.version}: {each.licence!r} is not on the list of licences that we may ship")
    _say(
        f"{len(shipped)} packages are listed in var/audit/licences.md, {len(sbom['components'])} in var/audit/sbom.json"
    )
    return FOUND if unsuitable else vulnerabilities


def _vulnerabilities() -> int:
    """Ask about everything that is locked, what we only work with included."""
    code = 0
    for lock in LOCKS:
        found = _ask(lock)
        if found is None:
            _say(f"{lock}: not checked, no vulnerability service answers from here")
            code = code or NOT_ASKED
            continue
        for name, ids in found.vulnerable.items():
            _say(f"{lock}: {name} has {', '.join(ids)}")
            code = FOUND
        if found.unknown:
            _say(f"{lock}: not checked, as the service does not know them: {', '.join(found.unknown)}")
            code = code or NOT_ASKED
        _say(f"{lock}: {'no known vulnerability' if not found.vulnerable else 'vulnerable'}")
    return code


def _ask(lock: str) -> LookedUp | None:
    """Ask one vulnerability service after the other; None if none of them knows a single package."""
    for service in SERVICES:
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        said = _run("pip_audit", "--requirement", lock, "--vulnerability-service", service, *options)
        report = json.loads(said) if said.startswith("{") else None
        if report and any("skip_reason" not in each for each in report["dependencies"]):
            return looked_up(report)
    return None


def _licences() -> dict[str, str]:
    found = json.loads(_run("piplicenses", "--format=json", "--from=mixed"))
    return {canonical(each["Name"]): each["License"] for each in found}


def _sbom() -> dict[str, Any]:
    command = ("requirements", "--output-reproducible", "--output-format", "JSON", LOCKS[0])
    found: dict[str, Any] = json.loads(_run("cyclonedx_py", *command))
    return found


def _run(module: str, *arguments: str) -> str:
    """Run a tool of this environment and give what it says; nothing if it takes too long."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LOOK_UP_SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
