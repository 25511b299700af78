"""Resident identity cards (GB 11643) of people who do not exist.

The division code 340699 is assigned to no district, so a generated card can belong to nobody, while dates, sequence
parity and check digit are those of a real one.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.text import digits, from_bytes

DIVISION = 340699
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)


def cards(birth: np.ndarray, sex: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    """Return an (n, 18) uint8 matrix of cards; `sequence` counts people of the same birthday and sex (below 500)."""
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = birth.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (birth - birth.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    serial = sequence * 2 + (sex == 1)  # the 17th digit is odd for men
    number = np.column_stack(
        [
            digits(np.full(len(birth), DIVISION), 6),
            digits(year * 10_000 + month * 100 + day, 8),
            digits(serial, 3),
        ]
    )
    remainder = ((number.astype(np.int64) - ord("0")) * _WEIGHTS).sum(axis=1) % 11
    return np.column_stack([number, _CHECK[remainder]])


def as_text(matrix: np.ndarray) -> pa.StringArray:
    return from_bytes(matrix)


def first_generation(matrix: np.ndarray) -> np.ndarray:
    """Return the 15-digit form (before 1999): no century, no check digit. Only for people born before 2000."""
    return np.delete(matrix, [6, 7, 17], axis=1)
