"""All communes of the region pack, each with a county that has it and one that has none of its name."""

from __future__ import annotations

from typing import Final

from shared.region import Region, load_region
from tests.support.running import REGION

COMMUNES: Final = 113


def list_combinations() -> list[tuple[str, str, bool]]:
    """Town, county, and whether the list of communes has the two together; two of each commune."""
    region = load_region(REGION)
    assert len(region.municipalities) == COMMUNES
    right = [(each.name, each.county, True) for each in region.municipalities.values()]
    return right + [(name, _find_other(region, name), False) for name, _county, _right in right]


def _find_other(region: Region, name: str) -> str:
    return next(code for code in region.counties if code not in region.find_counties(name))
