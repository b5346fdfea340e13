"""The page of an office abroad."""

from __future__ import annotations

import re

import pytest

from tests.services.distribution.serving import serve


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/de/offices/pot-berlin", "Sprache des Feeds: Deutsch"),
        ("/pl/offices/pot-berlin", "Język kanału: niemiecki (Deutsch)"),
        ("/en/offices/pot-berlin", "Language of the feed: German (Deutsch)"),
    ],
)
async def test_language_of_a_feed_is_named_once_in_the_readers_language(path: str, said: str) -> None:
    async with serve() as served:
        page = (await served.client.get(path)).text

    line = re.findall('<p class="meta">(.+?)</p>', page)[0]
    assert re.sub("<[^>]+>", "", line).split(" · ")[1] == said
