"""The assessment kept: filings of the prefectures, investment entries and frozen score runs on the system of record.

In: the scheme of the province folder, filings with evidence, investment entries, counts of the registries, a scoreboard of the main job.
Out: scores of actions and cities, the counted targets with their forecast, published tables that can be computed anew byte for byte. A
room of records: `tanlu.assessment.score_tree` scores, this room keeps. It must not know pages.
"""

from tanlu.assessment.filing.tables import AssessmentFiling, AssessmentInvestment, ScoreRun

ROOM = "tanlu.assessment.filing"
"""Name under which `tanlu.records.Records.open` takes the tables of this room."""

__all__ = ["ROOM", "AssessmentFiling", "AssessmentInvestment", "ScoreRun"]
