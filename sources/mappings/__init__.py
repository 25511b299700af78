"""How one vendor says a feed: `mappings/<vendor>.yml` of a county, data and not code.

Here: the language of a mapping file, its checks, the plan of one feed (contract column ← delivered headers). Not here:
which institution uses a mapping (county), reading files (connectors) or judging values (conforming).
"""
