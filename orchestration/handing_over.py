"""What the warehouse is given besides deliveries, once the approvals that it would stand on can be relied on.

Not here: what is handed over (sources.handover), what makes an approval reliable (publishing.approvals).
"""

from collections.abc import Iterable

from orchestration.resources import Place


def hand_over(place: Place, months: Iterable[str]) -> None:
    """County, policy, months and standing entries for a run of these months. Raises CountyError, NotIntactError."""
    from orchestration.publishing.approvals import require_approvals
    from orchestration.publishing.manifest import published_months
    from sources.ingest import prepare

    require_approvals(place.county.folder, place.home)
    prepare(place.county, place.home, months, published_months(place.home))
