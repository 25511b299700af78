"""GATES: judge the data before the next step may use it.

What belongs here: checks as data (`suites/`), the engine that judges them with Great Expectations on DuckDB,
waivers, and the pages people read when a gate fails. What does not: reading deliveries (sources), structure
tests (dbt), what happens after a failure (orchestration). Great Expectations costs seconds to import, so only
`gx_session` does it, and only when a gate runs.
"""
