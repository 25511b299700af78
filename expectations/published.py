"""Which dimensions of `core` a release publishes as they stand: judged as marts are, and copied with them.

Not here: their keys, and how they are written (orchestration.publishing.marts). Imports nothing: definitions load it.
"""

PUBLISHED_DIMENSIONS = (
    "dim_institution",
    "dim_institution_history",
    "dim_unit",
    "dim_department",
    "dim_kpi",
    "dim_month",
    "dim_day",
    "dim_diagnosis",
    "dim_procedure",
    "dim_drug",
    "dim_service_item",
)
