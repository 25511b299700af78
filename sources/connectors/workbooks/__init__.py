"""Workbooks (XLSX, XLS, XLSB, ODS): one reader for their cells, and one scan for each kind of what that reader does not say.

Here: `workbook` reads, `scan` is what a scan finds, the others look through one kind each. Not here: workbooks saved as XML
or as HTML (xml_rows, html_rows).
"""
