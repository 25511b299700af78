"""The checks as data: `feed.yml` over profiles compiled from the contracts, `core.yml`, `kpi.yml`,
`scoring.yml` over tables.
"""
