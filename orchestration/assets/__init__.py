"""What Dagster knows as assets: feeds, the warehouse built from them, and the release."""
