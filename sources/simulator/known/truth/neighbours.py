"""Which events have another of the same key near them in time: earlier (a first case, a repetition) or later (a return)."""

import numpy as np


def days(times: np.ndarray) -> np.ndarray:
    """datetime64 → days since 1970."""
    return times.astype("datetime64[D]").astype(np.int64)


def preceded(
    key: np.ndarray,
    times: np.ndarray,
    ties: tuple[np.ndarray, ...],
    within: int,
    before_time: np.ndarray | None = None,
) -> np.ndarray:
    """True where the same key has an earlier event at most `within` days before.

    Order: day, then `before_time` (smaller first), then time, then `ties`; so of two events of the same minute the one
    with the smaller ties is the earlier.
    """
    day = days(times)
    rank = before_time if before_time is not None else np.zeros(len(key), np.int64)
    order = np.lexsort((*reversed(ties), times, rank, day, key))
    same = np.zeros(len(key), bool)
    same[1:] = key[order][1:] == key[order][:-1]
    near = np.zeros(len(key), bool)
    near[1:] = day[order][1:] - day[order][:-1] <= within
    result = np.zeros(len(key), bool)
    result[order] = same & near
    return result


def followed(
    key: np.ndarray, day: np.ndarray, other_key: np.ndarray, other_day: np.ndarray, within: int
) -> np.ndarray:
    """True where `other` has an event of the same key in (day, day + within]."""
    other = np.sort(other_key * 100_000 + other_day)
    position = np.searchsorted(other, key * 100_000 + day + 1)
    found = other[np.minimum(position, len(other) - 1)] if len(other) else np.full(len(key), -1)
    return (position < len(other)) & (found <= key * 100_000 + day + within)


def happened_between(
    key: np.ndarray, times: np.ndarray, asked: np.ndarray, since: np.ndarray, until: np.ndarray
) -> np.ndarray:
    """How many events of the key that is asked for fall in [since, until], both datetime64."""
    known = np.unique(np.concatenate([key, asked]))

    def place(of: np.ndarray, when: np.ndarray) -> np.ndarray:
        """Numbers in the order of key, then time (seconds since 1970 have ten digits)."""
        return np.searchsorted(known, of) * 10**10 + when.astype("datetime64[s]").astype(np.int64)

    events = np.sort(place(key, times))
    return np.searchsorted(events, place(asked, until), "right") - np.searchsorted(
        events, place(asked, since)
    )
