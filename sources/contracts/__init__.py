"""What a feed is: one YAML file per feed under `his/`, `ph/`, `si/`, `cfg/`, and what is derived from it.

Here: loading and judging contracts, comparing their versions, generating dictionary and staging models. Not here: how a
vendor's file is read (mappings) or how values are judged (conforming).
"""
