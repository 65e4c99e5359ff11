"""Research toolkit for China's government information disclosure annual reports (政府信息公开工作年度报告).

>>> import govdisclose as gd
>>> report = gd.read_report("金湖县水利局2023年政府信息公开工作年度报告\\n| 行政许可 | 7 |\\n| 行政处罚 | 2 |\\n")
>>> report.year
2023
"""

from govdisclose.change import compare_years, decompose, standardise, trend
from govdisclose.compare import funnel, peers, robust, shrink
from govdisclose.corrections import read_corrections
from govdisclose.counted import counted
from govdisclose.dictionary import measure_table, measures_markdown
from govdisclose.errors import ReportError
from govdisclose.explore import Explored
from govdisclose.harmonise import harmonise
from govdisclose.lineage import lineage
from govdisclose.localise import explain
from govdisclose.measures import measure
from govdisclose.panel import Panel, open_panel, read_reports
from govdisclose.places import places, read_places
from govdisclose.report import Report, read_report

__all__ = [
    "Explored", "Panel", "Report", "ReportError", "compare_years", "counted", "decompose", "explain", "funnel", "harmonise",
    "lineage", "measure", "measure_table", "measures_markdown", "open_panel", "peers", "places", "read_corrections", "read_places",
    "read_report", "read_reports", "robust", "shrink", "standardise", "trend",
]  # fmt: skip
__version__ = "0.1.0"


def load_ipython_extension(shell: object) -> None:
    """What `%load_ext govdisclose` does: Tab completes measures inside strings."""
    from govdisclose.completion import register  # IPython is slow to import.

    register(shell)
