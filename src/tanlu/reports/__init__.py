"""Printable documents from the results of a run.

In: `Results` of the charts room, or a folder of results of an account. Out: one self-contained HTML file with Chinese and English,
pictures inside, no script and no request (`write_report`); and office documents (`reports.office`): a Markdown template that an office
can edit becomes a `Document` of blocks, and the same document a PDF, a Word file, a workbook or a page.
It must not know the portal or the workspace.
"""

from tanlu.reports.html import report_html, write_report

__all__ = ["report_html", "write_report"]
