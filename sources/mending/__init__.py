"""What people look at and mend after a delivery was taken in: rejected rows, emptied codes, the versions of a row.

Not here: deciding what is rejected (conforming) and how the warehouse counts (dbt).
"""
