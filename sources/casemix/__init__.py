"""Casemix schemes (DRG): tables that group cases, as data.

Here: what the tables of a scheme look like, reading and judging a folder, the switches that a county may set, the rows the
warehouse groups by. Not here: grouping itself (dbt_project/models/casemix), which scheme is in force when (policy).
"""
