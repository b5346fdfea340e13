"""What an audit makes of what it is told."""

from __future__ import annotations

import pytest

from deploy.audit import (
    ROOT,
    VENDORED,
    Package,
    complete_sbom,
    is_permitted_licence,
    parse_lock,
    parse_report,
    parse_vendored,
    render_licences,
)


def test_a_lock_file_names_its_packages_as_indexes_do() -> None:
    lock = "# a comment\nPy_Mongo==4.20.0 ; python_version >= '3.11' \\\n    --hash=sha256:00\nuvloop==0.23.0 \\\n"

    assert parse_lock(lock) == {"py-mongo": "4.20.0", "uvloop": "0.23.0"}


def test_what_nobody_could_be_asked_about_is_not_called_clean() -> None:
    report = {
        "dependencies": [
            {"name": "good", "version": "1", "vulns": []},
            {"name": "bad", "version": "1", "vulns": [{"id": "CVE-2026-1"}, {"id": "GHSA-2"}]},
            {"name": "unknown", "skip_reason": "not found"},
        ]
    }

    found = parse_report(report)

    assert (found.vulnerable, found.unknown) == ({"bad": ["CVE-2026-1", "GHSA-2"]}, ["unknown"])


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "MIT License",
        "Apache Software License; MIT License",
        "BSD License; GNU Lesser General Public License v3 or later (LGPLv3+)",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "Apache-2.0 AND BSD-2-Clause",
        "(MIT OR GPL-3.0-only)",
        "GPL-2.0-only OR Apache-2.0",
        "ISC License (ISCL)",
        "3-Clause BSD License",
        "OFL-1.1",
        "BSD-0-Clause",
    ],
)
def test_licences_that_let_us_ship(licence: str) -> None:
    assert is_permitted_licence(licence)


@pytest.mark.parametrize(
    "licence", ["", "UNKNOWN", "Proprietary", "SSPL-1.0", "MIT AND SSPL-1.0", "BUSL-1.1", "CC-BY-NC-4.0", "MITX"]
)
def test_licences_that_do_not(licence: str) -> None:
    assert not is_permitted_licence(licence)


def test_a_bill_of_materials_holds_what_is_vendored_and_not_where_it_was_fetched() -> None:
    sbom = {
        "bomFormat": "CycloneDX",
        "components": [
            {"name": "Jinja2", "externalReferences": [{"url": "https://index.example"}], "description": "x"}
        ],
    }

    found = complete_sbom(sbom, [Package("@fontsource/bitter", "5.3.0", "OFL-1.1")], {"jinja2": "BSD-3-Clause"})

    assert found["components"] == [
        {"name": "Jinja2", "licenses": [{"license": {"name": "BSD-3-Clause"}}]},
        {
            "type": "library",
            "bom-ref": "npm:@fontsource/bitter",
            "name": "@fontsource/bitter",
            "version": "5.3.0",
            "purl": "pkg:npm/%40fontsource/bitter@5.3.0",
            "licenses": [{"license": {"name": "OFL-1.1"}}],
        },
    ]


def test_everything_vendored_may_be_shipped_and_is_listed() -> None:
    found = [each for file in VENDORED for each in parse_vendored((ROOT / file).read_text(encoding="utf-8"))]

    assert {"htmx.org", "lucide-static", "@fontsource/bitter"} <= {each.name for each in found}
    assert [each for each in found if not is_permitted_licence(each.licence)] == []
    assert "| htmx.org | 4.0.1 | BSD-0-Clause |" in render_licences(found)
