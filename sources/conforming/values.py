"""Text to value as DuckDB expressions: dates in every shape vendors send, exact money, numbers, identity cards.

Every function takes the name of a text expression and gives an expression that is null when the text cannot be read.
A quick branch takes the usual shape; the slow one is only evaluated for what is left. Not here: rules.
"""

from __future__ import annotations

from decimal import Decimal

_GROUPED = "[+-]?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?"
_CLOCK = "[ T]*(?:([0-9]{1,2})[:时点]?(?:([0-9]{1,2})[:分]?(?:([0-9]{1,2})(?:\\.[0-9]+)?秒?)?)?)?$"
_YEAR_FIRST = "^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?" + _CLOCK
_COMPACT = "^([0-9]{4})([0-9]{2})([0-9]{2})" + _CLOCK
_YEAR_LAST = "^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})" + _CLOCK
_ISO = "\\1-\\2-\\3 \\4:\\5:\\6:"
_ISO_YEAR_LAST = {"dmy": "\\3-\\2-\\1 \\4:\\5:\\6:", "mdy": "\\3-\\1-\\2 \\4:\\5:\\6:"}

# What carries a zone of its own; and seconds or milliseconds since 1970 (2001 to 2030), as JSON exports write them.
_ZONED = "regexp_matches({text}, '^[0-9]{{4}}-.*[ T][0-9]{{2}}:[0-9:.]+(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
_EPOCH = "1[0-8][0-9]{8}([0-9]{3})?"
# The zone, not a fixed distance: it had summer time from 1986 to 1991, and people are born in it.
_ZONE = "Asia/Shanghai"
_WORDED_SHAPES = (
    "%a %b %d %H:%M:%S %Y", "%d-%b-%y", "%d-%b-%Y", "%d-%b-%y %I.%M.%S %p", "%d-%b-%Y %H:%M:%S", "%d-%m-%y", "%d-%m-%y %H:%M:%S",
    "%b %d %Y %I:%M%p", "%b %d %Y %I:%M:%S%p", "%Y-%m-%d %I:%M:%S %p", "%Y/%m/%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y/%m/%d %I:%M %p",
)  # fmt: skip

FIRST_SERIAL, LAST_SERIAL = 20000, 80000
PLACEHOLDER_DATES = ("0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "9999-12-31")


def timestamp(text: str, date_order: str = "dmy", timezone: str = "Asia/Shanghai") -> str:
    """A TIMESTAMP (Shanghai wall time) from ISO, compact digits, Excel serial, Chinese, Java or day-first text.

    V06, V07, V40. What carries a time zone is moved to Shanghai, and so is a time of day without one when the vendor
    keeps UTC; a bare date is not. Fractions of a second are cut off unless ISO.
    """
    usual = f"strlen({text}) in (10, 16, 19) and {text}[5] in ('-', '/') and right({text}, 1) <> 'Z'"
    zoned = rf"regexp_replace({text}, '([+-][0-9]{{2}})([0-9]{{2}})$', '\1:\2')"
    wall = f"""coalesce(
        case when {usual} then try_cast({text} as timestamp) end,
        case
            when regexp_full_match({text}, '[0-9]{{5}}(\\.[0-9]+)?') then {_serial(text)}
            when {_ZONED.format(text=text)} or regexp_full_match({text}, '{_EPOCH}') then null
            when regexp_matches({text}, '^[A-Z][a-z]{{2}} |[0-9]-[A-Za-z]{{3}}-|月 *-|午|[0-9] ?[AP]M$') then {_worded(text)}
            else {_rearranged(text, date_order)}
        end)"""
    moved = f"""case
        when {_ZONED.format(text=text)}
            then timezone('{_ZONE}', try_cast({zoned} as timestamptz))
        when regexp_full_match({text}, '{_EPOCH}')
            then timezone('{_ZONE}', make_timestamptz(rpad({text}, 16, '0')::bigint))
        end"""
    if timezone == "UTC":
        has_clock = f"regexp_matches({text}, '[:时点]|^[0-9]{{5}}[.]|^[0-9]{{10,14}}$|午|[AP]M')"
        wall = f"case when {has_clock} then timezone('{_ZONE}', timezone('UTC', {wall})) else {wall} end"
    return f"coalesce({wall}, {moved})"


def _worded(text: str) -> str:
    """Months and halves of the day in words: Java, Oracle (also in Chinese), SQL Server."""
    plain = rf"regexp_replace(regexp_replace({text}, ' (CST|CDT|GMT\+0[89]:?00) ', ' '), '^([0-9]{{1,2}})-([0-9]{{1,2}})月 *-', '\1-\2-')"
    latin = rf"regexp_replace(replace(replace({plain}, '上午', 'AM'), '下午', 'PM'), '^(.*\S) *([AP]M) *([0-9][0-9:]*)$', '\1 \3 \2')"
    shapes = ", ".join(f"'{shape}'" for shape in _WORDED_SHAPES)
    return f"try_strptime({latin}, [{shapes}])"


def _rearranged(text: str, date_order: str) -> str:
    """Other shapes of day and time, rewritten as ISO; what fits none of them is null."""
    iso = text
    for pattern, order in ((_YEAR_FIRST, _ISO), (_COMPACT, _ISO), (_YEAR_LAST, _ISO_YEAR_LAST[date_order])):
        iso = f"regexp_replace({iso}, '{pattern}', '{order}')"
    # A rewritten text always differs: it ends in a colon, which goes together with the missing parts before it.
    bare = f"rtrim(nullif({iso}, {text}), ': ')"
    return f"coalesce(try_cast({bare} as timestamp), try_cast({bare} || ':00' as timestamp))"


def _serial(text: str) -> str:
    """Excel's day number, 1900 system, to the second."""
    number = f"try_cast({text} as double)"
    moment = f"timestamp '1899-12-30' + to_seconds(round({number} * 86400)::bigint)"
    return f"case when {number} between {FIRST_SERIAL} and {LAST_SERIAL} then {moment} end"


def before_midnight(text: str, moment: str) -> str:
    """True for a moment made from Excel's day number that lies within the minute before midnight (an error of seconds?)."""
    return f"({moment}::time >= time '23:59:00' and regexp_full_match({text}, '[0-9]{{5}}\\.[0-9]+'))"


def with_hour(day: str, hour: str) -> str:
    """A date and an hour delivered apart (V08); an hour beyond 23 makes it unreadable, none means midnight."""
    number = f"try_cast(regexp_extract({hour}, '^([0-9]{{1,2}})(:00(:00)?|时)?$', 1) as integer)"
    good = f"{number} between 0 and 23"
    return f"case when {hour} is null then {day} when {good} then date_trunc('day', {day}) + to_hours({number}) end"


def month(text: str) -> str:
    """'YYYY-MM' from 2025-03, 202503 or any readable date."""
    return f"""case
        when regexp_full_match({text}, '[0-9]{{4}}-(0[1-9]|1[0-2])') then {text}
        when regexp_full_match({text}, '[0-9]{{4}}(0[1-9]|1[0-2])') then left({text}, 4) || '-' || right({text}, 2)
        when regexp_full_match({text}, '[0-9]{{4}}年[0-9]{{1,2}}月') then strftime(try_strptime({text}, '%Y年%m月'), '%Y-%m')
        else strftime({timestamp(text)}, '%Y-%m')
    end"""


def money(text: str, unit: str) -> str:
    """Whole fen (BIGINT) from yuan, 10,000 yuan or fen, half up, exactly: never through floating point (V25, V26).

    Rounding half up looks only at the digit after the last one kept, so the digits beyond it are cut off first. An amount
    has at most twelve digits before the point in yuan; more (a bar code, a card number) is none and gives null, and so does
    what is written like a mobile number. In fen such a number is an ordinary sum of a fund.
    """
    zeros, digits = {"fen": (0, 4), "yuan": (2, 4), "wanyuan": (6, 8)}[unit]
    factor, most = 10**zeros, 14 - zeros
    # The usual shape fits 18 digits also when multiplied; the slow one is computed in 38.
    short = 18 - digits - zeros

    def fen(number: str, exact: str) -> str:
        return f"try_cast(round(try_cast({number} as {exact}) * {factor}, 0) as bigint)"

    def bounded(number: str) -> str:
        exact = f"decimal(38, {digits})"
        return f"case when abs(try_cast({number} as {exact})) < 1{'0' * most} then {fen(number, exact)} end"

    bare = rf"regexp_replace({text}, '^([+-]?)[¥¥]?(.*?)元?$', '\1\2')"
    ungrouped = (
        f"case when regexp_full_match({bare}, '{_GROUPED}') then replace({bare}, ',', '') else {bare} end"
    )
    cut = rf"regexp_extract({ungrouped}, '^([+-]?[0-9]*(\.[0-9]{{0,{digits}}})?)[0-9]*$', 1)"
    plain = f"[+-]?[0-9]{{1,{short}}}(\\.[0-9]{{1,{digits}}})?"
    amount = f"""coalesce(
        case when regexp_full_match({text}, '{plain}') then {fen(text, f"decimal(18, {digits})")} end,
        case when regexp_full_match({text}, '[+-]?[0-9](\\.[0-9]+)?[eE][+-]?[0-9]{{1,2}}') then {bounded(text)}
        else {bounded(f"nullif({cut}, '')")} end)"""
    return amount if unit == "fen" else f"case when not {_mobile(text)} then {amount} end"


def _mobile(text: str) -> str:
    """True for the number of somebody's telephone, where a quantity belongs."""
    return rf"(strlen({text}) > 10 and regexp_full_match({text}, '[¥¥]?(\+?(00)?86)?1[3-9][0-9]{{9}}(\.0*)?元?'))"


def integer(text: str, duckdb_type: str) -> str:
    """A whole number; a fraction of zeros is allowed (138.0)."""
    return f"case when regexp_full_match({text}, '[+-]?[0-9]{{1,18}}(\\.0*)?') then try_cast({text} as {duckdb_type}) end"


def decimal(text: str, duckdb_type: str) -> str:
    """A decimal number, thousands separators allowed."""
    plain = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
    return f"""case
        when {_mobile(text)} then null
        when regexp_full_match({text}, '{plain}') then try_cast({text} as {duckdb_type})
        when regexp_full_match({text}, '{_GROUPED}') then try_cast(replace({text}, ',', '') as {duckdb_type})
    end"""


def beyond_scale(text: str, scale: int) -> str:
    """True for a number written with more decimals than are kept, zeros at the end aside."""
    decimals = f"strlen({text}) - instr({text}, '.') > {scale}"
    # Powers of ten move the point: nobody writes quantities so.
    pattern = f"[^eE]*\\.[0-9]{{{scale}}}[0-9]*[1-9][^0-9eE]*"
    return f"(instr({text}, '.') > 0 and {decimals} and regexp_full_match({text}, '{pattern}'))"


def beyond_scale_of_money(text: str, unit: str) -> str:
    """True for an amount that is no whole number of fen."""
    return beyond_scale(text, {"fen": 0, "yuan": 2, "wanyuan": 6}[unit])


def scaled(text: str, duckdb_type: str, factor: Decimal) -> str:
    """A number in another unit (metres for centimetres): multiplied exactly; a whole number must come out whole."""
    number = f"({decimal(text, 'DECIMAL(18, 6)')}::decimal(38, 6) * {factor:f}::decimal(16, 6))"
    if duckdb_type in ("INTEGER", "BIGINT"):
        return f"case when {number} = round({number}, 0) then try_cast({number} as {duckdb_type}) end"
    return f"try_cast({number} as {duckdb_type})"


def beyond_scale_when_scaled(text: str, value: str, factor: Decimal) -> str:
    """True for a number whose value in another unit has more decimals than are kept."""
    exact = f"({decimal(text, 'DECIMAL(18, 6)')}::decimal(38, 6) * {factor:f}::decimal(16, 6))"
    return f"({exact} <> {value})"


def lost_digits(text: str) -> str:
    """True for a code that a spreadsheet turned into a number in scientific notation (V34)."""
    return f"contains({text}, '+') and regexp_full_match({text}, '[0-9](\\.[0-9]+)?[eE]\\+[0-9]+')"


def bare_words(text: str) -> str:
    """A name without what only writes it otherwise: blanks, dots between its parts, lower case."""
    return rf"nullif(upper(regexp_replace({text}, '[\s\x{{3000}}·•・.]', '', 'g')), '')"


# -- identity cards (GB 11643): 17 digits and a check character; the 15-digit form lacks the century and the check.


def id_card_body(text: str) -> str:
    """The first 17 digits as BIGINT, the century added to a 15-digit card."""
    return f"""case
        when regexp_full_match({text}, '[0-9]{{17}}[0-9Xx]') then left({text}, 17)::bigint
        when regexp_full_match({text}, '[0-9]{{15}}') then (left({text}, 6) || '19' || right({text}, 9))::bigint
    end"""


def id_card_check(body: str) -> str:
    """The check character that belongs to 17 digits (ISO 7064 MOD 11-2)."""
    weights = [2**power % 11 for power in range(17, 0, -1)]
    terms = [f"{weight} * (({body} // {10 ** (16 - place)}) % 10)" for place, weight in enumerate(weights)]
    return f"substr('10X98765432', (({' + '.join(terms)}) % 11 + 1)::integer, 1)"


def id_card_birth(body: str) -> str:
    """The date of birth inside the 17 digits, null when it is none."""
    return f"try_strptime((({body} // 1000) % 100000000)::varchar, '%Y%m%d')"
