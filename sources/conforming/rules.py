"""Rules of conforming: what can be wrong with a value, what happens then, and how it is said.

A fault is a small number beside every value: 0 nothing, below QUARANTINE the row stays, from QUARANTINE on it goes to
quarantine. Not here: how a fault is found (statement) or counted (batch).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sources.connectors.remarks import (
    BLANK_ROWS,
    COUNT_DIFFERS,
    PART_NOT_READ,
    ROW_OF_NO_MONTH,
    TEXT_DAMAGED,
    TIME_BEFORE_MIDNIGHT,
)
from sources.contracts.contract import Contract
from sources.contracts.words import Column

QUARANTINE = 20
CONFORMING_VERSION = "6"


class Fault(IntEnum):
    NONE = 0
    VALUE_NULLED = 1
    PLACEHOLDER_DATE = 2
    DEFAULT_VALUE = 3
    ID_CARD_INVALID = 4
    ID_CARD_NOT_OWN = 5
    TEST_PATIENT = 6
    SEX_NOT_AS_ID_CARD = 7
    CODE_SYSTEM_DIFFERS = 8
    TEXT_CUT_OFF = 9
    PERSONAL_IN_TEXT = 10
    TIME_REVERSED = 11
    NAME_FOR_NUMBER = 12
    CODE_NULLED = 13
    PERSONAL_IN_KEY = 14
    VALUE_ROUNDED = 17
    TIME_BEFORE_MIDNIGHT = 18
    REQUIRED_MISSING = 21
    TYPE_INVALID = 22
    DATE_INVALID = 23
    DATE_OUT_OF_RANGE = 24
    VALUE_NOT_IN_SET = 25
    LENGTH_EXCEEDED = 26
    UNKNOWN_INSTITUTION = 27
    DICTIONARY_GAP = 28
    PART_NOT_FOUND = 29
    ROW_NOT_SELECTED = 30
    INSTITUTION_OF_ANOTHER = 31
    OPERATION_UNKNOWN = 32


RAGGED_ROW = "RAGGED_ROW"
KEY_REUSED = "KEY_REUSED"
ENTRY_REPEATED = "ENTRY_REPEATED"
DUPLICATE_ROW = "DUPLICATE_ROW"
UNMAPPED_COLUMN = "UNMAPPED_COLUMN"
MAPPED_COLUMN_ABSENT = "MAPPED_COLUMN_ABSENT"
BLOCK_ABSENT = "BLOCK_ABSENT"
ROW_OF_ANOTHER_FEED = "ROW_OF_ANOTHER_FEED"
OWNER_UNREAD = "OWNER_UNREAD"

QUARANTINED, NULLED, MARKED, DUPLICATE = "quarantined", "nulled", "marked", "duplicate"
# Marked values stay as they are: somebody shall look at them, nothing is known to be wrong.
MARKS = frozenset(
    {
        Fault.TEST_PATIENT,
        Fault.SEX_NOT_AS_ID_CARD,
        Fault.CODE_SYSTEM_DIFFERS,
        Fault.TEXT_CUT_OFF,
        Fault.PERSONAL_IN_TEXT,
        Fault.TIME_REVERSED,
        Fault.NAME_FOR_NUMBER,
        Fault.PERSONAL_IN_KEY,
        Fault.VALUE_ROUNDED,
        Fault.TIME_BEFORE_MIDNIGHT,
    }
)
# Told of a delivery as a whole, by its reader.
REMARKS = (BLANK_ROWS, COUNT_DIFFERS, PART_NOT_READ, ROW_OF_NO_MONTH, TEXT_DAMAGED, TIME_BEFORE_MIDNIGHT)


_OF_THE_FILE = (
    ENTRY_REPEATED,
    UNMAPPED_COLUMN,
    MAPPED_COLUMN_ABSENT,
    BLOCK_ABSENT,
    ROW_OF_ANOTHER_FEED,
    OWNER_UNREAD,
    *REMARKS,
)


@dataclass(frozen=True)
class Message:
    zh: str
    en: str


_TEXTS = {
    Fault.VALUE_NULLED.name: ("取值不合规定,已置空", "value not allowed, set to null"),
    Fault.CODE_NULLED.name: (
        "编码不在契约值域内,字典也不认识,值已置空(行保留);请在映射文件的字典中补上对应,再 feed replay",
        "no contract's value and no dictionary knows it, emptied (the row stays): add it to a dictionary of the mapping, then replay",
    ),
    Fault.PLACEHOLDER_DATE.name: (
        "占位日期(如 1900-01-01),已置空",
        "placeholder date such as 1900-01-01, set to null",
    ),
    Fault.DEFAULT_VALUE.name: ("系统默认填充值,已置空", "default value filled in by the system, set to null"),
    Fault.ID_CARD_INVALID.name: (
        "证件号校验不通过,不用于识别同一人;请核对证件或改为空",
        "identity card fails its check, not used for linking: verify it or leave it empty",
    ),
    Fault.ID_CARD_NOT_OWN.name: (
        "证件号中的出生日期与本人出生日期相差两年以上,疑为监护人证件,不用于识别同一人",
        "identity card of somebody born two or more years apart (a guardian's?), not used for linking",
    ),
    Fault.TEST_PATIENT.name: ("测试患者,不计入任何指标", "test patient, counts in no KPI"),
    Fault.SEX_NOT_AS_ID_CARD.name: (
        "性别与证件号第17位不符,按报送值保留;请核对性别或证件",
        "sex differs from the 17th digit of the identity card, kept as delivered: verify both",
    ),
    Fault.CODE_SYSTEM_DIFFERS.name: (
        "编码版本与映射文件声明的 code_system 不同,按报送值保留;请核对声明",
        "code system differs from what the mapping declares, kept as delivered: check `code_system`",
    ),
    Fault.TEXT_CUT_OFF.name: (
        "文本恰好达到源系统字段长度(cut_at),疑被截断,按报送值保留;请放宽源系统导出的字段长度",
        "text is exactly as long as the source's field (`cut_at`), probably cut off, kept: widen the field of the export",
    ),
    Fault.PERSONAL_IN_TEXT.name: (
        "文本中写有证件号、电话或像是姓名的字样,已用 * 遮盖;请勿在文本栏填写个人标识",
        "an identity card, telephone number or what looks like a name stood in the text, covered by *: keep them out of texts",
    ),
    Fault.TIME_REVERSED.name: (
        "早于它之前的环节(时钟不同步或录入有误),按报送值保留,时长不计;请核对两个时间",
        "lies before the step that precedes it (clocks differ?), kept as delivered, no duration is computed: check both",
    ),
    Fault.NAME_FOR_NUMBER.name: (
        "应填编号的列里像是姓名,已换成不可还原的代号;请改报工号或编号,或用 extract 只取编号",
        "what looks like a name stands where a number belongs, replaced by a stand-in: deliver numbers, or `extract` them",
    ),
    Fault.VALUE_ROUNDED.name: (
        "小数位数超过契约规定,已四舍五入;请核对单位与小数位数",
        "more decimals than the contract keeps, rounded: check unit and decimals",
    ),
    TIME_BEFORE_MIDNIGHT: (
        "由日期序号换算的时间落在午夜前一分钟内,可能是导出程序的误差(真实日期为次日),按报送值保留;请改为文本日期导出",
        "a time made from a day number lies within the minute before midnight, probably an error of the exporting program "
        "(the true day is the next), kept as delivered: export dates as text",
    ),
    TEXT_DAMAGED: (
        "文字在送来之前已转码损坏(成了 ?、乱码、私用字或空字节),按报送值保留,无法还原;请按 UTF-8 或 GB18030 重新导出该列",
        "text was damaged by an earlier conversion (?, mojibake, private characters), kept as delivered and not to be had "
        "back: export the column anew in UTF-8 or GB18030",
    ),
    ROW_OF_NO_MONTH: (
        "数据库里这些行的 month_by 为空、为零或不是日期,不属于任何月份,没有取来;请在源系统补上,或换用每行都有的时间列",
        "rows of the database whose `month_by` is empty, zero or no date: of no month and not read; fill it in, or name a column that every row has",
    ),
    PART_NOT_READ: (
        "这部分内容不是本数据源的表,没有读取;如应读取,请在映射文件写明 sheet,或单独报送",
        "this part is not the table of this feed and was not read: if it should be, name it by `sheet:` or deliver it by itself",
    ),
    BLANK_ROWS: (
        "全空的行,不计入;如本应有值,请核对导出程序",
        "rows without any value, not counted: if they should have some, check the export",
    ),
    COUNT_DIFFERS: (
        "文件里自己写的总数与行数不符;请核对是否漏了行,分页导出的请确认各页都已报送",
        "the count that stands in the file itself is not that of its rows: are rows missing, were all pages delivered?",
    ),
    Fault.PERSONAL_IN_KEY.name: (
        "编号或编码列里像是身份证号、手机号或电话,已换成不可还原的代号(同一值处处相同,仍可关联);请改用流水号",
        "what looks like an identity card or telephone number stands in a column of keys or codes, replaced by a stand-in "
        "(the same everywhere, joins still hold): use running numbers",
    ),
    Fault.REQUIRED_MISSING.name: (
        "必填项为空;请在源系统补录后重新报送",
        "required value is empty: fill it in and deliver again",
    ),
    Fault.TYPE_INVALID.name: (
        "不是合格的数值或编码;请更正后重新报送",
        "not a readable number or code: correct it and deliver again",
    ),
    Fault.DATE_INVALID.name: (
        "不是能识别的日期时间;请更正,或在映射文件写明日期次序",
        "not a readable date or time: correct it, or state the date order in the mapping",
    ),
    Fault.DATE_OUT_OF_RANGE.name: (
        "日期不在合理期间内;请核对年份,确需放宽的在 county.yml 写 settings.dates",
        "date outside the plausible period: check the year, or widen settings.dates in county.yml",
    ),
    Fault.VALUE_NOT_IN_SET.name: (
        "编码不在契约值域内;请在映射文件的字典中补上对应",
        "code is none of the contract's values: add it to a dictionary of the mapping",
    ),
    Fault.LENGTH_EXCEEDED.name: (
        "超过契约规定的长度;请核对是否错列",
        "longer than the contract allows: check for shifted columns",
    ),
    Fault.UNKNOWN_INSTITUTION.name: (
        "不是本县机构;请在 county.yml 增加机构,或在映射文件的 institution 字典补上对应",
        "no institution of this county: add it to county.yml or to the mapping's institution dictionary",
    ),
    Fault.DICTIONARY_GAP.name: (
        "厂商代码不在映射文件的字典中(不猜测);请在字典中补上对应",
        "the mapping's dictionary does not know this vendor code (never guessed): add it there",
    ),
    Fault.PART_NOT_FOUND.name: (
        "按 split/extract 取不到内容,或 expression 加减的不是数;请核对映射文件的写法或更正该值",
        "`split` or `extract` finds nothing in the text, or an `expression` adds what is no number: check the mapping or correct the value",
    ),
    Fault.ROW_NOT_SELECTED.name: (
        "同一文件的各数据源都没有选取该行;请在映射文件的 select 中补上它的取值",
        "no feed of this file selects the row: add its value to a `select` of the mapping",
    ),
    Fault.INSTITUTION_OF_ANOTHER.name: (
        "该行属于另一家机构,不是报送方本身,也不由它代报;请核对是否放错文件夹、导错库;确由其代报的,在 county.yml 该报送项写 delivers_for",
        "row of another institution than the deliverer and those it delivers for: wrong folder or export? else say `delivers_for` in county.yml",
    ),
    Fault.OPERATION_UNKNOWN.name: (
        "不认识的操作标志(不猜测是新增还是删除);请在映射文件给 op_flag 写 dictionary,译成 I、U 或 D",
        "operation that nobody knows (never guessed to be an insert or a deletion): give `op_flag` a dictionary to I, U or D in the mapping",
    ),
    RAGGED_ROW: (
        "坏行:列数不符、引号未闭合或含空字节;请从源系统重新导出该行",
        "damaged line: wrong number of columns, unclosed quote or NUL bytes: export it anew",
    ),
    KEY_REUSED: (
        "同批有内容不同的行使用同一主键({key}),且没有更新时间分出先后,无法判断哪一行为准,全部隔离;"
        "请核对编号是否重号、被截短或每次从头编,或在映射文件用 join 把几列合成编号、补上 src_update_ts",
        "other lines of the batch have the same key ({key}) and other content, and no time of change tells which is newer: "
        "all set apart. Do numbers begin anew, or were they cut off? `join` columns into a key or map src_update_ts",
    ),
    ENTRY_REPEATED: (
        "名册里同一主键({key})不止一行,{entry} 一致,视为同一条目的先后版本:以更新时间最晚、时间相同或没有时间时以最后一行为准,"
        "其余各行不再计入;如应各算一条,请核对编号",
        "the list has several lines of one key ({key}) that agree in {entry}: versions of one entry, the newest counts, without "
        "times the last line, the others no longer. If each should count, check the numbers",
    ),
    DUPLICATE_ROW: (
        "与本批前面某行完全相同,只计一次",
        "identical to an earlier line of this batch, counted once",
    ),
    UNMAPPED_COLUMN: (
        "报送了映射文件没有提到的列,未使用;如需使用请补映射",
        "column delivered that the mapping does not name: unused",
    ),
    MAPPED_COLUMN_ABSENT: (
        "映射文件提到的列没有报送,按空值处理;请核对列名是否改动",
        "column named by the mapping was not delivered, taken as empty: was it renamed?",
    ),
    BLOCK_ABSENT: (
        "横表的这一组(repeat 的 blocks)在文件里没有表头,一行也没有展开;请核对表头的写法,编号补零时写 {n:02}",
        "the file has no header of this block of a wide sheet (`repeat`), no row came of it: check how headers are written, zero-padded {n:02}",
    ),
    OWNER_UNREAD: (
        "映射把机构写成常量 {institution},这一列却写着机构编码,其中这些行是其他机构的,照样计入了报送方;"
        "若它说明该行属于谁,请在映射里对应到机构列(如 org_code),否则列入 ignore",
        "the mapping takes the deliverer for the owner of every row, and in these rows this column names another institution: map "
        "it if it says whose row it is, else list it under `ignore`",
    ),
    ROW_OF_ANOTHER_FEED: (
        "这些行按映射文件的 select 属于同一文件的另一数据源,不计入本批",
        "rows that belong to another feed of the same file by the mapping's `select`, not part of this batch",
    ),
}
RULE_IDS = tuple(sorted(_TEXTS))


def disposition(rule_id: str) -> str:
    """What happens to what breaks the rule: quarantined, nulled, marked or duplicate."""
    if rule_id == DUPLICATE_ROW:
        return DUPLICATE
    if rule_id in (RAGGED_ROW, KEY_REUSED):
        return QUARANTINED
    if rule_id in _OF_THE_FILE:
        return MARKED
    fault = Fault[rule_id]
    if fault in MARKS:
        return MARKED
    return QUARANTINED if fault >= QUARANTINE else NULLED


def key_reused(contract: Contract) -> Message:
    """The sentence about a key used again, with the columns of that key; of a list also with those that tell entries apart, and
    where villages may number alike with the way out.
    """
    said = _of_keys(KEY_REUSED, contract)
    if contract.same_entry:
        entry = ", ".join(contract.same_entry)
        said = Message(
            f"{said.zh}。名册里 {entry} 一致的行才算同一条目:这些行不一致,或没有一列是各行都报了的",
            f"{said.en}. Lines of a list are one entry where {entry} agree: here they differ, or none of them stands on every line",
        )
    if owner := contract.numbered_by:
        key = ", ".join(contract.key)
        said = Message(
            f"{said.zh};下属机构(村室)各自编号而重号的,用 join 把 {owner} 的列与编号合成 {key},引用它的各表也这样写",
            f"{said.en}; where villages of one deliverer number alike, `join` the column of {owner} and the number into {key}, "
            "and so wherever it is named",
        )
    return said


def entry_repeated(contract: Contract) -> Message:
    """The sentence about an entry that a list has several times."""
    return _of_keys(ENTRY_REPEATED, contract)


def _of_keys(rule_id: str, contract: Contract) -> Message:
    zh, en = _TEXTS[rule_id]
    words = {"key": ", ".join(contract.key), "entry": ", ".join(contract.same_entry)}
    return Message(zh.format(**words), en.format(**words))


def message(rule_id: str, column: Column | None, name: str | None = None) -> Message:
    """The rule's sentence, with the column it speaks of."""
    zh, en = _TEXTS[rule_id]
    if column is not None:
        return Message(f"列 {column.name}({column.business_name}):{zh}", f"column {column.name}: {en}")
    if rule_id in (PART_NOT_READ, COUNT_DIFFERS):
        return Message(f"“{name}”:{zh}", f"{name!r}: {en}")
    if name is not None:
        return Message(f"列“{name}”:{zh}", f"column {name!r}: {en}")
    return Message(zh, en)
