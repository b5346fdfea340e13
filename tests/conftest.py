"""The fixtures that every test may ask for stand in the plugins named here."""

import gc
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.left_out", "tests.support.scheduling", "tests.support.servers"]

# How long an example takes, and how long it takes to draw one, says how busy the machine is and nothing of ours.
settings.register_profile("kalendarium", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kalendarium")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage, and never look through what was collected: that is a third of the time.

    Afterwards look more seldom than Python does: applications that are made for a test are many objects.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        gc.enable()
