"""The data dictionary: every feed and column in Chinese and English, written from the contracts.

`python -m sources.dictionary` writes it; a test holds the file against the contracts. Not here: the contracts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.contract import Column, Contract, conformed_name, load_contracts

PATH = Path(__file__).parent.parent / "docs" / "generated" / "data_dictionary.md"
_DOMAINS = {
    "his": "医院信息系统 / hospital information systems",
    "ph": "公共卫生 / public health",
    "si": "医保 / insurance",
    "cfg": "配置、账本与治理 / configuration, ledgers and governance",
}
_DELIVERY = {
    "events": "本月发生的 / events of the month",
    "snapshot": "每月全量 / the whole list every month",
    "changes": "首月全量,以后新增与变更 / the whole list first, then what is new or changed",
}
_HEAD = """\
# 数据字典 / Data dictionary

由契约生成,请勿手改:`python -m sources.dictionary`。Generated from the contracts in `sources/contracts`: do not edit.

读法 / how to read: **必填** R = required; **级别** P0–P4 = how personal (P3 direct identifier, P4 sensitive);
**离开来源层后** = the name under which the column (or what stands for it) reaches the warehouse, — = it never does.
金额一律为整数分 / money is whole fen.
"""


def dictionary() -> str:
    """The whole document as Markdown."""
    contracts = load_contracts()
    parts = [_HEAD, _contents(contracts)]
    for domain, title in _DOMAINS.items():
        parts.append(f"## {title}\n")
        parts += [_feed(contract) for contract in contracts.values() if contract.domain == domain]
    return "\n".join(parts)


def _contents(contracts: dict[str, Contract]) -> str:
    lines = ["| 数据表 / feed | 名称 | 粒度 / one row per | 报送方式 / delivery |", "|---|---|---|---|"]
    for contract in contracts.values():
        grain = f"{contract.grain.zh} / {contract.grain.en}"
        lines.append(
            f"| [`{contract.feed}`](#{contract.feed}) | {contract.name} | {grain} | {_DELIVERY[contract.delivery]} |"
        )
    return "\n".join(lines) + "\n"


def _feed(contract: Contract) -> str:
    lines = [
        f'### <a id="{contract.feed}"></a>`{contract.feed}` {contract.name}',
        "",
        f"{contract.description.zh} / {contract.description.en}",
        "",
        f"键 / key: {', '.join(f'`{name}`' for name in contract.key)}(与报送方一起唯一 / unique together with the deliverer)。",
        f"已知差异 / known differences: {contract.known_differences}。",
        "",
        "| 列 / column | 名称 | English | 类型 / type | 必填 | 级别 | 值域或编码 / values or code | 离开来源层后 / leaves as |",
        "|---|---|---|---|---|---|---|---|",
        *_rows(contract),
        "",
    ]
    return "\n".join(lines)


def _rows(contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        cells = (
            f"`{column.name}`",
            column.business_name,
            column.description,
            column.physical_type,
            "R" if column.required else "",
            column.classification,
            _values(column),
            _leaves_as(column),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _values(column: Column) -> str:
    values = " ".join(f"`{value}`" for value in column.valid_values)
    return " ".join(part for part in (values, column.code_system or "") if part)


def _leaves_as(column: Column) -> str:
    rule = column.privacy
    if rule is not None and rule.drop:
        return "—"
    names = [conformed_name(column)]
    if rule is not None and rule.id_card:
        names.append(rule.id_card.status_as)
    return ", ".join(f"`{name}`" for name in names)


def main() -> None:
    """Write the document."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(dictionary(), encoding="utf-8")
    print(f"wrote {PATH.name}")


if __name__ == "__main__":
    main()
