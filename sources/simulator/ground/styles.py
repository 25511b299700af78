"""How each vendor writes: encoding, separators, dates and decimals.

The mapping file says which header and which code; this file says what a mapping does not need to know because
conforming finds it out by looking at the file. Not here: the spelling itself (delivered/spelling.py).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Style:
    """`date`: compact 20250301 | iso 2025-03-01 | slash 2025/03/01 | dmy 01/03/2025 | chinese 2025年3月1日 |
    serial 45717. `datetime`: one of these with the time behind it, java (Sat Mar 01 08:30:00 CST 2025), or utc
    (2025-03-01T00:30:00Z). `time`: seconds 08:30:00 | minutes 08:30. `decimals`: places of yuan, by feed ('' = the
    others). `short_codes`: diagnoses by the national standard (I10), without extensions."""

    encoding: str = "utf-8"
    newline: str = "\n"
    delimiter: str = ","
    date: str = "iso"
    datetime: str = "iso"
    time: str = "seconds"
    decimals: dict[str, int] = field(default_factory=dict)
    short_codes: bool = False

    def places(self, feed: str) -> int:
        return self.decimals.get(feed, self.decimals.get("", 2))


STYLES = {
    "vendor_a": Style(encoding="gb18030", newline="\r\n", date="compact"),
    "vendor_b": Style(date="slash", datetime="slash"),
    "vendor_c": Style(encoding="utf-8", newline="\r\n", date="serial", datetime="serial"),
    "vendor_d": Style(encoding="utf-8-sig", newline="\r\n", delimiter="|", date="dmy", datetime="java"),
    "vendor_e": Style(datetime="utc", short_codes=True),
    "vendor_f": Style(),
    "public_health": Style(encoding="utf-8-sig", newline="\r\n", date="chinese"),
    "insurance": Style(delimiter="\t", decimals={"": 2, "si_settlement": 4, "si_out_of_county": 6}),
    "county_centre": Style(),
}
