"""The accessibility statement."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from shared.region import RegionPackBroken
from shared.settings import CommonSettings
from shared.web.application import create_application
from tests.shared.web.example import browser


@asynccontextmanager
async def nothing_to_open(_app: FastAPI) -> AsyncIterator[None]:
    yield


def public_app(region: Path) -> FastAPI:
    return create_application(
        service="distribution",
        title="Public",
        settings=CommonSettings(public_url="https://kalendarium.test", region=region),
        lifespan=nothing_to_open,
        routers=[],
        openapi_url="/api/v1/openapi.json",
    )


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return Path(shutil.copytree("deploy/region", tmp_path / "region"))


async def test_the_statement_is_said_in_the_language_of_its_address(region: Path) -> None:
    async with browser(public_app(region)) as visitor:
        polish, german = await visitor.get("/pl/accessibility"), await visitor.get("/de/accessibility")

    assert '<time id="a11y-data-publikacja" datetime="2026-11-21">21 listopada 2026</time>' in polish.text
    assert '<time id="a11y-data-publikacja" datetime="2026-11-21">21. November 2026</time>' in german.text
    assert "Automatische Tests (WCAG 2.2, Stufe AA)" in german.text
    assert "Regionale Tourismusorganisation Westpommern" in german.text


async def test_the_footer_leads_to_the_statement(region: Path) -> None:
    async with browser(public_app(region)) as visitor:
        page = await visitor.get("/en/nowhere")

    assert '<a href="https://kalendarium.test/en/accessibility">Accessibility statement</a>' in page.text


async def test_there_is_no_statement_in_a_language_of_no_page(region: Path) -> None:
    async with browser(public_app(region)) as visitor:
        assert (await visitor.get("/uk/accessibility")).status_code == 404


async def test_a_region_without_a_statement_has_no_page_and_no_link(region: Path) -> None:
    (region / "accessibility.toml").unlink()

    async with browser(public_app(region)) as visitor:
        page = await visitor.get("/pl/accessibility")

    assert page.status_code == 404
    assert "Deklaracja dostępności" not in page.text


def test_a_statement_that_cannot_be_read_is_refused(region: Path) -> None:
    with (region / "accessibility.toml").open("a") as file:
        file.write('\n[contact]\nemail = "x"\n')

    with pytest.raises(RegionPackBroken, match=r"accessibility\.toml"):
        public_app(region)
