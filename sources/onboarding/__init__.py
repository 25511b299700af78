"""Onboarding: what a person who adds a member is helped with, before anything is landed.

`vocabulary` what vendors call things · `sample` any file's first rows, without a mapping · `profile` what stands in its
columns · `suggest` which contract column each header may be · `draft` a mapping file written from that.
Not here: reading deliveries for good (intake), judging values (conforming). No clear personal value leaves here.
"""
