"""Databases as the way in: one feed of one month from PostgreSQL, MariaDB/MySQL, SQL Server, Oracle or SQLite, as text.

Here: reading, and only reading, with the driver of each server. Not here: what has landed before (sources.intake.extraction),
what a column means (conforming). Whatever the server says is never repeated: it may quote a value or a user.
"""

CONNECTOR = "databases"
