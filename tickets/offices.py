"""Which office a request goes to: the one of the region's own level, with a higher one where that level has none."""

from __future__ import annotations

from tickets.load import Category


def office_of(category: Category, region: str | None) -> tuple[str, str | None]:
    """Return the department and the region code of the office that answers for a category in a region (six digits, GB/T 2260).

    A county's own office where the region is a county, else the city's; a town's office is named by whoever dispatches again.
    """
    if region and not region.endswith("00"):
        return category.county or category.department, region
    return category.department, region
