"""What every room of `sources` uses and that knows nothing of medicine: paths, files, months, privacy, refusals, YAML.

Not here: feeds, mappings, counties. A module belongs here when it would be the same in a warehouse of anything else.
"""
