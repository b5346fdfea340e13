"""``python -m tests.browser.other_day FILE``: the three services on another day.

The file says how many days ago that is, each time somebody asks.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from services.runtime.all_in_one import AllInOne
from services.runtime.server import create_server
from shared.clock import utc_now
from shared.observability.logging import configure_logging
from shared.settings import CommonSettings, read_settings


def main(file: Path) -> None:
    settings = read_settings(CommonSettings)
    configure_logging(level=settings.log_level, style=settings.log_format)

    def now() -> datetime:
        return utc_now() - timedelta(days=int(file.read_text(encoding="utf-8")))

    create_server(AllInOne(settings, now=now), settings, name="Kalendarium", alone=True).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
