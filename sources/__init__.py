"""IN: files of the member institutions become typed, accounted and pseudonymous rows.

Rooms, lowest first: `base` · `connectors` bytes to rows, `contracts` what a feed is, `reference` national tables · `mappings`
how a vendor says a feed · `county` who delivers what, `conforming` text to typed rows, `simulator` a county that does not
exist · `intake` inbox to settled batch, `terminology` a county's own codes · `onboarding`, `identity`, `handover`, `compacted` · `mending`,
`ingest` the front door. A room imports only what lies below (decision 0016). Not here: joins between feeds, KPIs, gates,
schedules. Knows files, Arrow and DuckDB and nothing downstream.
"""
