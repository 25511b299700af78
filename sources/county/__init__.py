"""A county as configuration: who its institutions are, who delivers what, which policy is in force.

Here: `county.yml` and the tables beside it (policy, code maps, decisions on persons), read and judged with every problem
at once. Not here: the shape of mappings (mappings) or what has been delivered (intake).
"""
