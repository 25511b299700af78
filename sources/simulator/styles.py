"""How each vendor writes: encoding, separators, dates and decimals.

The mapping file says which header and which code; this file says what a mapping does not need to know because
conforming finds it out by looking at the file.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Style:
    """`date`: compact 20250301 | iso 2025-03-01 | slash 2025/03/01 | chinese 2025年3月1日 | serial 45717.
    `time`: seconds 08:30:00 | minutes 08:30. `decimals`: places of yuan, by feed ('' = the others)."""

    encoding: str = "utf-8"
    newline: str = "\n"
    delimiter: str = ","
    date: str = "iso"
    datetime: str = "iso"
    time: str = "seconds"
    decimals: dict[str, int] = field(default_factory=dict)

    def places(self, feed: str) -> int:
        return self.decimals.get(feed, self.decimals.get("", 2))


STYLES = {
    "vendor_a": Style(encoding="gb18030", newline="\r\n", date="compact"),
    "vendor_b": Style(date="slash", datetime="slash"),
    "vendor_c": Style(encoding="utf-8", newline="\r\n", date="serial", datetime="serial"),
    "public_health": Style(encoding="utf-8-sig", newline="\r\n", date="chinese"),
    "insurance": Style(delimiter="\t", decimals={"": 2, "si_settlement": 4, "si_out_of_county": 6}),
    "county_centre": Style(),
}
