"""The same sheets in every format that holds several: XLSX, XLS, XLSB, ODS, XML spreadsheet and HTML, written byte by byte.

Only as much of each format as the readers look at. Not here: what is expected of the readers (test_safeguards).
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape


class Special(NamedTuple):
    """A cell that is no text: a number, a padded number (shown with six digits), an error, a formula without its value, or
    the first of two cells merged downwards.
    """

    kind: str
    value: float | str = 0


NUMBER, PADDED, ERROR, LOST, MERGED = "number", "padded", "error", "lost", "merged"
Cell = str | Special
Sheets = dict[str, Sequence[Sequence[Cell]]]
_CODE = "000000"


def _special(cell: Cell) -> Special:
    return cell if isinstance(cell, Special) else Special("text", cell)


def _zip(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# -- XLSX

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relations(count: int, suffix: str) -> str:
    each = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.{suffix}"/>'
        for n in range(1, count + 1)
    )
    styles = f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.{suffix}"/>'
    return f"<Relationships {_RELATIONS}>{each}{styles}</Relationships>"


def xlsx(sheets: Sheets, *, references: bool = True) -> bytes:
    """`references` false leaves out where rows and cells stand, which is allowed."""
    titles = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, start=1)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {_RELATIONS}><Relationship Id="a" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{titles}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(len(sheets), "xml"),
        "xl/styles.xml": f'<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="{_CODE}"/></numFmts>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    }
    for number, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _xlsx_sheet(rows, references)
    return _zip(parts)


def _xlsx_sheet(rows: Sequence[Sequence[Cell]], references: bool) -> str:
    lines, merged = [], []
    for r, row in enumerate(rows, start=1):
        cells = []
        for c, cell in enumerate(row):
            place = f"{chr(65 + c)}{r}"
            kind, value = _special(cell)
            where = f' r="{place}"' if references else ""
            if kind in ("text", MERGED):
                cells.append(f'<c{where} t="inlineStr"><is><t>{escape(str(value))}</t></is></c>')
            elif kind == ERROR:
                cells.append(f'<c{where} t="e"><v>#N/A</v></c>')
            elif kind == LOST:
                cells.append(f"<c{where}><f>1+1</f></c>")
            else:
                cells.append(f'<c{where} s="{int(kind == PADDED)}"><v>{value}</v></c>')
            if kind == MERGED:
                merged.append(f'<mergeCell ref="{place}:{chr(65 + c)}{r + 1}"/>')
        number = f' r="{r}"' if references else ""
        lines.append(f"<row{number}>{''.join(cells)}</row>")
    areas = f"<mergeCells>{''.join(merged)}</mergeCells>" if merged else ""
    return f"<worksheet {_MAIN}><sheetData>{''.join(lines)}</sheetData>{areas}</worksheet>"


# -- XLSB


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(content), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(sheets: Sheets) -> bytes:
    titles = b"".join(
        _record(156, struct.pack("<II", 0, n) + _wide(f"r{n}") + _wide(name))
        for n, name in enumerate(sheets, start=1)
    )
    xf = struct.pack("<HHHHHBBHH", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    padded = struct.pack("<HHHHHBBHH", 0, 164, 0, 0, 0, 0, 0, 0, 0)
    styles = (
        _record(278) + _record(615, struct.pack("<I", 1)) + _record(44, struct.pack("<H", 164) + _wide(_CODE))
    )
    styles += (
        _record(616)
        + _record(617, struct.pack("<I", 2))
        + _record(47, xf)
        + _record(47, padded)
        + _record(618)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f"<Relationships {_RELATIONS}/>",
        "xl/workbook.bin": _record(131) + _record(143) + titles + _record(144) + _record(132),
        "xl/_rels/workbook.bin.rels": _relations(len(sheets), "bin"),
        "xl/styles.bin": styles + _record(279),
    }
    for number, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.bin"] = _xlsb_sheet(rows)
    return _zip(parts)


def _xlsb_sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    width = max(map(len, rows), default=1)
    found = (
        _record(129) + _record(148, struct.pack("<4I", 0, max(len(rows) - 1, 0), 0, width - 1)) + _record(145)
    )
    merged = []
    for r, row in enumerate(rows):
        found += _record(0, struct.pack("<IIHHBI", r, 0, 300, 0, 0, 0))
        for c, cell in enumerate(row):
            kind, value = _special(cell)
            place = struct.pack("<II", c, int(kind == PADDED))
            if kind in ("text", MERGED):
                found += _record(6, place + _wide(str(value)))
            elif kind == ERROR:
                found += _record(3, place + b"\x2a")
            else:
                found += _record(5, place + struct.pack("<d", value))
            if kind == MERGED:
                merged.append(struct.pack("<4I", r, r + 1, c, c))
    found += _record(146)
    if merged:
        found += (
            _record(177, struct.pack("<I", len(merged)))
            + b"".join(_record(176, m) for m in merged)
            + _record(178)
        )
    return found + _record(130)


# -- XLS


def _biff(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def xls(sheets: Sheets) -> bytes:
    xf = struct.pack("<HH", 0, 0) + bytes(16)
    padded = struct.pack("<HH", 0, 164) + bytes(16)
    head = _biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0xDBB, 1996, 0, 6)) + _biff(
        0x42, struct.pack("<H", 1200)
    )
    head += (
        _biff(0x41E, struct.pack("<HHB", 164, len(_CODE), 0) + _CODE.encode())
        + _biff(0xE0, xf)
        + _biff(0xE0, padded)
    )
    bodies = [_xls_sheet(rows) for rows in sheets.values()]
    names = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    start = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    for name, body in zip(names, bodies, strict=True):
        head += _biff(0x85, struct.pack("<IBB", start, 0, 0) + name)
        start += len(body)
    return _ole(head + _biff(0x0A) + b"".join(bodies))


def _xls_sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    width = max(map(len, rows), default=0)
    found = _biff(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0xDBB, 1996, 0, 6))
    found += _biff(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    merged = []
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            kind, value = _special(cell)
            place = struct.pack("<HHH", r, c, int(kind == PADDED))
            if kind in ("text", MERGED):
                text = str(value)
                found += _biff(0x204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))
            elif kind == ERROR:
                found += _biff(0x205, place + b"\x2a\x01")
            elif kind == LOST:
                found += _biff(
                    0x06, place + b"\x03\x00\x00\x00\x00\x00\xff\xff" + bytes(6) + b"\x03\x00\x1e\x01\x00"
                )
            else:
                found += _biff(0x203, place + struct.pack("<d", value))
            if kind == MERGED:
                merged.append(struct.pack("<4H", r, r + 1, c, c))
    if merged:
        found += _biff(0xE5, struct.pack("<H", len(merged)) + b"".join(merged))
    return found + _biff(0x0A)


def _ole(stream: bytes) -> bytes:
    """A file system of one stream, in sectors of 512 bytes."""
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    stream = stream.ljust(4096, b"\x00")
    stream += bytes(-len(stream) % 512)
    sectors = len(stream) // 512
    chain = [table, end, *range(3, sectors + 2), end]
    chain += [free] * (-len(chain) % 128)
    assert len(chain) == 128, "one sector of the table is enough for a test"

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le")
        said = raw.ljust(64, b"\x00") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        return said + struct.pack("<III", free, free, child) + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream))
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack(
        "<109I", 0, *[free] * 108
    )
    return head + struct.pack("<128I", *chain) + directory.ljust(512, b"\x00") + stream


# -- ODS, XML spreadsheet, HTML


def ods(sheets: Sheets) -> bytes:
    tables = "".join(
        f'<table:table table:name="{name}">{"".join(map(_ods_row, _covered(rows)))}</table:table>'
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return _zip({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def _covered(rows: Sequence[Sequence[Cell]]) -> list[list[Special]]:
    """What lies below a merged cell is covered."""
    found = [[_special(cell) for cell in row] for row in rows]
    for r, row in enumerate(found[:-1]):
        for c, cell in enumerate(row):
            if cell.kind == MERGED:
                found[r + 1][c] = Special("covered")
    return found


def _ods_row(row: Sequence[Special]) -> str:
    cells = []
    for kind, value in row:
        span = ' table:number-rows-spanned="2" table:number-columns-spanned="1"' if kind == MERGED else ""
        if kind == "covered":
            cells.append("<table:covered-table-cell/>")
        elif kind in ("text", MERGED):
            text = f"<text:p>{escape(str(value))}</text:p>"
            cells.append(f'<table:table-cell office:value-type="string"{span}>{text}</table:table-cell>')
        elif kind == ERROR:
            cells.append(
                '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="">'
                "<text:p>#N/A</text:p></table:table-cell>"
            )
        elif kind == LOST:
            cells.append('<table:table-cell table:formula="of:=1+1"/>')
        else:
            shown = f"{value:06d}" if kind == PADDED else f"{value}"
            cells.append(
                f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'
            )
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def spreadsheet(sheets: Sheets) -> bytes:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    tables = "".join(
        f'<Worksheet ss:Name="{name}"><Table>{"".join(map(_spreadsheet_row, _covered(rows)))}</Table></Worksheet>'
        for name, rows in sheets.items()
    )
    style = f'<Styles><Style ss:ID="p"><NumberFormat ss:Format="{_CODE}"/></Style></Styles>'
    return f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">{style}{tables}</Workbook>'.encode()


def _spreadsheet_row(row: Sequence[Special]) -> str:
    cells = []
    for number, (kind, value) in enumerate(row, start=1):
        place = f' ss:Index="{number}"'
        if kind == "covered":
            continue
        if kind in ("text", MERGED):
            down = ' ss:MergeDown="1"' if kind == MERGED else ""
            cells.append(f'<Cell{place}{down}><Data ss:Type="String">{escape(str(value))}</Data></Cell>')
        elif kind == ERROR:
            cells.append(f'<Cell{place} ss:Formula="=NA()"><Data ss:Type="Error">#N/A</Data></Cell>')
        elif kind == LOST:
            cells.append(f'<Cell{place} ss:Formula="=1+1"/>')
        else:
            style = ' ss:StyleID="p"' if kind == PADDED else ""
            cells.append(f'<Cell{place}{style}><Data ss:Type="Number">{value}</Data></Cell>')
    return f"<Row>{''.join(cells)}</Row>"


def html(sheets: Sheets) -> bytes:
    tables = "".join(f"<table>{''.join(map(_html_row, _covered(rows)))}</table>" for rows in sheets.values())
    return f'<html><head><meta charset="utf-8"></head><body>{tables}</body></html>'.encode()


def _html_row(row: Sequence[Special]) -> str:
    cells = [
        f"<td{' rowspan=2' if kind == MERGED else ''}>{'#N/A' if kind == ERROR else escape(str(value))}</td>"
        for kind, value in row
        if kind != "covered"
    ]
    return f"<tr>{''.join(cells)}</tr>"


BOOKS: dict[str, Callable[[Sheets], bytes]] = {
    "xlsx": xlsx,
    "xlsx without places": lambda sheets: xlsx(sheets, references=False),
    "xls": xls,
    "xlsb": xlsb,
    "ods": ods,
    "xml spreadsheet": spreadsheet,
    "html": html,
}
