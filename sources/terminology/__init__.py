"""Codes a county decides for itself: which edition a vendor writes, and the map of what the national tables do not know.

Here: reading and judging the county's code files, the workbook of what is unmapped, suggestions. Not here: the national
tables (sources.reference) and how a code is translated (dbt_project/models/core/codes).
"""
