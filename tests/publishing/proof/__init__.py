"""Proof of releases: signatures, ledger, head."""
