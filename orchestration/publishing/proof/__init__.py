"""Proof of releases: signatures over every file, the ledger of what was done, its signed head, and checking all of it offline.

Belongs here: keys, envelopes, statements, the Merkle tree, the ledger. Does not: what a release holds (publishing), who may approve
what (county policy).
"""
