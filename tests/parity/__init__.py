"""One text, two engines: Spark builds what DuckDB builds, row for row (`make parity`)."""
