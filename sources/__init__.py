"""IN: files of the member institutions become typed, accounted and pseudonymous rows.

Here: contracts (what a feed is), counties and mappings (who sends it and how it looks), landing (write-once, as
delivered), conforming (typed by contract; what does not fit is quarantined with a reason), identity.
Not here: joins between feeds, KPIs, gates, schedules. This room knows files, Arrow and DuckDB and nothing downstream.
"""
