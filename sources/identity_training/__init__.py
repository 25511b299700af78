"""Weights of the person index estimated from rehearsed registers; run by `make identity-model`, never by a run.

Here: making registers whose truth is known, and training on them. Not here: the index itself (identity).
"""
