"""Which tests one of xdist's workers plays together: those of a module, and modules that share something costly.

xdist 3.8's own ``loadgroup`` does not work with pytest 9.2.
"""

from __future__ import annotations

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SHARING: Final = {
    "tests/browser/test_every_page.py": "a system and a browser that looks at every page",
    "tests/browser/test_campaign.py": "a system with a clock of its own",
    "tests/browser/": "a system and a browser for what is done there",
    "tests/connected/test_compose.py": "the services' own ports, and the demonstrated stack",
    "tests/connected/test_metrics.py": "the services' own ports, and the demonstrated stack",
    "tests/connected/test_same_bytes.py": "the services' own ports, and the demonstrated stack",
    "tests/connected/test_stack.py": "the services' own ports, and the demonstrated stack",
}
"""What modules share, by what their path begins with: the first that fits. Who looks at every page takes long alone."""

LONG: Final = (
    "a system and a browser that looks at every page",
    "the services' own ports, and the demonstrated stack",
    "tests/connected/test_crashes.py",
    "tests/connected/test_backup.py",
    "tests/connected/test_stop.py",
    "a system and a browser for what is done there",
    "a system with a clock of its own",
    "tests/connected/test_doctor.py",
    "tests/connected/test_snapshot.py",
    "tests/connected/test_eventlog_outages.py",
    "tests/security/test_schemathesis.py",
    "tests/services/demo/test_walkthrough.py",
    "tests/security/test_server.py",
    "tests/connected/test_eventlog_groups.py",
    "tests/test_access.py",
    "tests/connected/test_topics_at_start.py",
    "tests/security/test_hostile.py",
)
"""The groups that take longest, longest first: begun first, so that none is left for the end. Most of them wait more
than they compute, so others have the processors meanwhile."""


class BySharing(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a worker all tests of a group, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """What a test is played together with: what its module shares with others, else its module."""
    module = nodeid.split("::", 1)[0]
    return next((shared for path, shared in SHARING.items() if module.startswith(path)), module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySharing:
    """Schedule so, whatever ``--dist`` says."""
    config.option.loadscopereorder = False  # by the number of tests, which says little about time
    return BySharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long groups first, where there are workers among which they are divided."""
    if hasattr(config, "workerinput"):
        order = {long: place for place, long in enumerate(LONG)}
        items.sort(key=lambda item: order.get(group(item.nodeid), len(order)))
