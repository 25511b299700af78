"""The calendar of a simulated county: accounting months, seasons, working days and the Spring Festival.

Sources of the shape: respiratory peak from November to February and the Spring Festival dip are assumptions of the
feed specification; the festival dates are those of the Chinese calendar. Not here: what happens on a day.
"""

from dataclasses import dataclass

import numpy as np

_SPRING_FESTIVAL = {
    2020: "2020-01-25", 2021: "2021-02-12", 2022: "2022-02-01", 2023: "2023-01-22", 2024: "2024-02-10",
    2025: "2025-01-29", 2026: "2026-02-17", 2027: "2027-02-06", 2028: "2028-01-26", 2029: "2029-02-13",
    2030: "2030-02-03", 2031: "2031-01-23", 2032: "2032-02-11", 2033: "2033-01-31", 2034: "2034-02-19",
    2035: "2035-02-08",
}  # fmt: skip
# What the State Council's notice of a year changes of its weeks: days off that are no weekend, weekends worked.
_NOTICES = {
    2024: (
        "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 10-01 10-02 10-03 10-04 10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}
_WEEKEND, _FESTIVAL = 0.62, 0.35
_VOLUME = np.array([1.06, 0.99, 1.02, 0.98, 0.97, 0.97, 0.98, 0.98, 0.97, 0.99, 1.03, 1.06])
_WINTER = np.array([1.7, 1.5, 1.1, 0.9, 0.75, 0.65, 0.6, 0.6, 0.75, 0.95, 1.25, 1.6])
_SUMMER = np.array([0.5, 0.5, 0.7, 0.9, 1.1, 1.5, 1.8, 1.8, 1.3, 0.9, 0.6, 0.5])
_SPRING = np.array([0.7, 0.8, 1.4, 1.7, 1.4, 0.9, 0.8, 0.9, 1.2, 1.0, 0.7, 0.6])
SEASONS = {"": np.ones(12), "winter": _WINTER, "summer": _SUMMER, "spring": _SPRING}


@dataclass(frozen=True)
class CalendarMonth:
    """One accounting month. `number` counts from the first simulated month (0); earlier months are negative."""

    number: int
    value: np.datetime64  # unit M

    @property
    def name(self) -> str:
        return str(self.value)

    @property
    def compact(self) -> str:
        return self.name.replace("-", "")

    @property
    def start(self) -> np.datetime64:
        return self.value.astype("datetime64[s]")

    @property
    def end(self) -> np.datetime64:
        """First second after the month."""
        return (self.value + 1).astype("datetime64[s]")

    @property
    def first_day(self) -> np.datetime64:
        return self.value.astype("datetime64[D]")

    @property
    def last_day(self) -> np.datetime64:
        return (self.value + 1).astype("datetime64[D]") - 1

    @property
    def days(self) -> np.ndarray:
        return np.arange(self.first_day, self.last_day + 1)

    @property
    def year(self) -> int:
        return int(self.name[:4])

    @property
    def of_year(self) -> int:
        """1 for January to 12 for December."""
        return int(self.name[5:])

    @property
    def new_year(self) -> np.datetime64:
        """The first day of the month's year."""
        return np.datetime64(f"{self.year}-01-01")

    @property
    def workdays(self) -> int:
        """Days on which offices work: weekdays, less the days off, plus the weekends worked."""
        off, worked = (
            np.array([f"{self.year}-{day}" for day in days.split()], "datetime64[D]")
            for days in _NOTICES.get(self.year, ("", ""))
        )
        weekdays = self.days[np.is_busday(self.days)]
        return int((~np.isin(weekdays, off)).sum() + np.isin(worked, self.days).sum())

    @property
    def half_year(self) -> str:
        """2025H1, 2025H2."""
        return f"{self.year}H{1 if self.of_year <= 6 else 2}"

    @property
    def arrival(self) -> int:
        """When the month's files arrive: the 8th of the next month at 02:00 UTC, in seconds since 1970."""
        return int((self.end + 7 * 86_400 + 2 * 3_600).astype(np.int64))

    @property
    def id_base(self) -> int:
        """Numbers of this month's events start here: yymm × 10^6, so that ids sort by month."""
        return int(self.compact[2:]) * 1_000_000

    def shifted(self, months: int) -> "CalendarMonth":
        return CalendarMonth(self.number + months, self.value + months)

    def season(self, kind: str = "") -> float:
        return float(SEASONS[kind][self.of_year - 1])

    def volume(self) -> float:
        """How busy the month is against an average one: season × what weekends and the festival leave of its days."""
        return float(_VOLUME[self.of_year - 1] * self.day_weights().mean() / 0.89)

    def day_weights(self) -> np.ndarray:
        """Relative number of patients on each day of the month."""
        days = self.days
        weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        weights = np.where(weekday >= 5, _WEEKEND, 1.0)
        festival = np.datetime64(_SPRING_FESTIVAL.get(self.year, f"{self.year}-02-05"))
        weights[(days >= festival - 1) & (days <= festival + 6)] = _FESTIVAL
        return weights


def month_range(end: str, months: int) -> list[CalendarMonth]:
    """Return `months` consecutive months ending with `end` ('YYYY-MM')."""
    last = np.datetime64(end, "M")
    return [CalendarMonth(i, last - (months - 1) + i) for i in range(months)]
