"""The data quality page that an institution can be sent: one self-contained file per deliverer and month.

`content` collects what stands on it from the build and the published marts, `page` writes the HTML. Not here: the scores
themselves (dbt_project/models/quality), the gates' own report (expectations.report).
"""
