"""The data dictionary: every feed and column in Chinese and English, written from the contracts.

One page lists the feeds, one page per system describes them. `python -m sources.contracts.dictionary` writes them; a test holds
the files against the contracts. Not here: the contracts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.contracts.words import DOMAINS, Column, Domain, conformed_name

FOLDER = Path(__file__).parents[2] / "docs" / "generated"
_DOMAINS: dict[Domain, str] = {
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
_GENERATED = """\
由契约生成,请勿手改:`make generated`。Generated from the contracts in `sources/contracts`: do not edit.
"""
_HEAD = f"""\
# 数据字典 / Data dictionary

{_GENERATED}"""
_LEGEND = """\
读法 / how to read: **必填** R = required, K = required and part of the key; **级别** P0–P4 = how personal (P3 direct identifier,
P4 sensitive); **离开来源层后** = the name under which the column (or what stands for it) reaches the warehouse, — = it
never does. 金额一律为整数分 / money is whole fen. 例值均为虚构 / examples are invented.
"""


def pages() -> dict[Path, str]:
    """Every page as Markdown: the list of feeds, and one page per system."""
    contracts = load_contracts()
    found = {FOLDER / "data_dictionary.md": _contents(contracts)}
    for domain in DOMAINS:
        found[FOLDER / _page(domain)] = _system(
            domain, [each for each in contracts.values() if each.domain == domain]
        )
    return found


def _page(domain: str) -> str:
    return f"data_dictionary_{domain}.md"


def _contents(contracts: dict[str, Contract]) -> str:
    columns = sum(len(contract.columns) for contract in contracts.values())
    lines = [_HEAD, f"{len(contracts)} 张表,{columns} 列 / {len(contracts)} feeds, {columns} columns.", ""]
    for domain, title in _DOMAINS.items():
        lines += [f"## [{title}]({_page(domain)})", ""]
        lines += ["| 数据表 / feed | 名称 | 粒度 / one row per | 报送方式 / delivery |", "|---|---|---|---|"]
        lines += [_entry(contract) for contract in contracts.values() if contract.domain == domain]
        lines.append("")
    return "\n".join(lines)


def _entry(contract: Contract) -> str:
    link = f"[`{contract.feed}`]({_page(contract.domain)}#{contract.feed})"
    grain = f"{contract.grain.zh} / {contract.grain.en}"
    own = " · 产品自有 / the product's own" if contract.provider == "product" else ""
    return f"| {link} | {contract.name} | {grain} | {_DELIVERY[contract.delivery]}{own} |"


def _system(domain: Domain, contracts: list[Contract]) -> str:
    head = f"# {_DOMAINS[domain]}\n\n{_GENERATED}\n{_LEGEND}"
    return "\n".join([head, *(_feed(contract) for contract in contracts)])


def _feed(contract: Contract) -> str:
    lines = [
        f'## <a id="{contract.feed}"></a>`{contract.feed}` {contract.name}',
        "",
        f"{contract.description.zh} / {contract.description.en}",
        "",
        f"键 / key: {', '.join(f'`{name}`' for name in contract.key)}(与报送方一起唯一 / unique together with the deliverer)。",
        f"版本 / version {contract.version} · 来源 / source: {contract.source_system} · 频率 / refresh: {contract.refresh} · "
        f"已知差异 / known differences: {contract.known_differences}。",
        *_unread(contract),
        "",
        "| 列 / column | 名称 | English | 类型 / type | 必填 | 级别 | 值域或编码 / values or code | 例 / example | 离开来源层后 / leaves as |",
        "|---|---|---|---|---|---|---|---|---|",
        *_rows(contract),
        "",
    ]
    return "\n".join(lines)


def _unread(contract: Contract) -> Iterator[str]:
    if why := contract.unread_because:
        yield f"仓库不读 / no model reads it: {why.zh} / {why.en}。"


def _rows(contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        cells = (
            f"`{column.name}`",
            column.business_name,
            column.description,
            column.physical_type,
            "K" if column.primary_key else "R" if column.required else "",
            column.classification,
            _values(column),
            " ".join(f"`{example}`" for example in column.examples),
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
    if rule is not None and rule.pseudonym and rule.pseudonym.beside:
        names.append(rule.pseudonym.as_)
    return ", ".join(f"`{name}`" for name in names)


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
