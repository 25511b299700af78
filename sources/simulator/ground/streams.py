"""Random streams: one independent generator per subject and month.

A subject never draws from another subject's stream, so adding a draw in one module leaves every other module's
rows as they were, and the defects (their own streams) never change what truly happened.
"""

import zlib

import numpy as np

_MONTH_OFFSET = 1_000  # months before the first one have negative numbers; spawn keys must not


def stream(seed: int, subject: str, month: int = 0) -> np.random.Generator:
    """Return the generator of one subject in one month (0 = the first simulated month, negative = before it)."""
    key = (zlib.crc32(subject.encode()), month + _MONTH_OFFSET)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=key)))


def draw(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Draw `size` indices with probability proportional to `weights` (1-D, non-negative, not all zero)."""
    edges = np.cumsum(weights, dtype=np.float64)
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").astype(np.int64)
