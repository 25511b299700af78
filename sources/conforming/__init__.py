"""Conforming: text as delivered becomes typed rows by contract, and every row is accounted for.

`rules` what can be wrong · `normalise` text made comparable · `values` text to value, as SQL · `statement` one SQL per
feed and mapping · `batch` pieces of batches judged · `sorting` every row in its one place · `judged` what goes in and comes
out · `accounting` received = accepted + quarantined + duplicate.
Not here: reading files (connectors), keeping them (intake), joins between feeds (the warehouse).
"""
