"""DRIVE and OUT: Dagster wiring, the command line, and publishing. Computes nothing itself."""
