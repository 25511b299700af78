"""CHS-DRG grouping told a second time. Not here: the warehouse's own tests (tests/dbt_project)."""
