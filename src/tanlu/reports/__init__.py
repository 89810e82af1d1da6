"""Printable documents from the results of a run.

In: `Results` of the charts room. Out: one self-contained HTML file with Chinese and English, pictures inside, no script and no request.
It must not know the portal or the workspace.
"""

from tanlu.reports.html import report_html, write_report

__all__ = ["report_html", "write_report"]
