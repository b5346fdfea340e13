"""The files that pages are made of."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest

from shared.web.pages.static import StaticFileMissing, StaticFiles, load_static_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "slab.woff2").write_bytes(b"a font")
    (tmp_path / "reset.css").write_text("p{margin:0}")
    sheet = '@import url(reset.css);@font-face{src:url("fonts/slab.woff2")}a{background:url(#x) url(data:image/png,AA)}'
    (tmp_path / "site.css").write_text(sheet)
    return tmp_path


def test_a_name_holds_the_hash_of_what_it_names(folder: Path) -> None:
    before = StaticFiles(folder).get_url("fonts/slab.woff2")
    (folder / "fonts" / "slab.woff2").write_bytes(b"another font")

    after = StaticFiles(folder).get_url("fonts/slab.woff2")

    assert re.fullmatch(r"/static/fonts/slab\.[0-9a-f]{10}\.woff2", before)
    assert before != after


def test_a_sheet_changes_its_name_with_what_it_names(folder: Path) -> None:
    before = StaticFiles(folder).get_url("site.css")
    (folder / "fonts" / "slab.woff2").write_bytes(b"another font")

    assert StaticFiles(folder).get_url("site.css") != before


def test_a_file_that_is_named_and_not_there_is_found_at_the_start(folder: Path) -> None:
    (folder / "fonts" / "slab.woff2").unlink()

    with pytest.raises(StaticFileMissing, match=r"fonts/slab\.woff2"):
        StaticFiles(folder)


def test_a_page_that_names_a_file_that_is_not_there_fails(folder: Path) -> None:
    with pytest.raises(StaticFileMissing):
        StaticFiles(folder).get_url("script.js")


async def test_a_file_is_kept_for_ever_and_sent_in_gzip(caller: httpx.AsyncClient) -> None:
    url = load_static_files().get_url("site.css")

    packed = await caller.get(url, headers={"Accept-Encoding": "gzip"})
    plain = await caller.get(url, headers={"Accept-Encoding": "identity"})

    assert packed.status_code == 200
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"] == "text/css; charset=utf-8"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


@pytest.mark.parametrize("refused", ["gzip;q=0", "gzip;q=0.0, *", "identity, gzip;q=0.5", "*;q=0", "xgzip"])
async def test_a_file_is_not_sent_in_gzip_to_whom_refuses_it(caller: httpx.AsyncClient, refused: str) -> None:
    url = load_static_files().get_url("site.css")

    answer = await caller.get(url, headers={"Accept-Encoding": refused})

    assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == (None, "Accept-Encoding")


async def test_every_address_in_our_sheet_is_served(caller: httpx.AsyncClient) -> None:
    sheet = await caller.get(load_static_files().get_url("site.css"))

    named = re.findall(r'url\("([^"#]+)"\)', sheet.text)

    assert len(named) == 7
    assert [(await caller.get(f"/static/{each}")).status_code for each in named] == [200] * 7


@pytest.mark.parametrize(
    "path", ["/static/site.css", "/static/../application.py", "/static/%2e%2e/application.py", "/static/", "/static/x"]
)
async def test_nothing_else_is_served(caller: httpx.AsyncClient, path: str) -> None:
    assert (await caller.get(path)).status_code == 404


async def test_a_file_cannot_be_changed(caller: httpx.AsyncClient) -> None:
    assert (await caller.post(load_static_files().get_url("site.css"))).status_code == 405


@pytest.mark.parametrize(("sheet", "budget"), [("site.css", 12_000), ("staff.css", 9_000)])
def test_a_sheet_stays_within_its_budget(sheet: str, budget: int) -> None:
    folder = Path("shared/web/pages/static")

    packed = gzip.compress((folder / sheet).read_bytes(), 9)

    assert len(packed) <= budget
