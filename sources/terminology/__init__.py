"""Codes a county decides for itself: which edition a vendor writes, and the workbook of what the national tables do not know.

Here: editions for the warehouse, unmapped codes as a workbook, suggestions. Not here: reading the county's code files
(county.code_maps), the national tables (reference), how a code is translated (dbt_project/models/core/codes).
"""
