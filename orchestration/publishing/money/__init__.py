"""Pages on money: a statement per institution and community and month, a sheet per person and quarter.

Not here: what is entered (dbt_project/models/fund), how pages look in common (publishing/pages.py, page.css).
"""
