"""The main job: it calls the rooms in order and freezes what they return.

In: a province folder and a seed. Out: one run in a workspace (tables, lineage, summary, manifest) and the report.
It calculates nothing itself.
"""

from tanlu.job.main import RunResult, run_main_job

__all__ = ["RunResult", "run_main_job"]
