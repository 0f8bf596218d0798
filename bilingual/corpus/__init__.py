"""Many bitexts to one corpus that people can train on, with a report that says what went and why."""

from bilingual.corpus.build import Plan, build_corpus, planned_files
from bilingual.corpus.collect import Input, stated
from bilingual.corpus.fold import fold, hash64
from bilingual.corpus.report import Report, render_report, report_record
from bilingual.corpus.rules import DEFAULT_LIMITS, Rules, is_reviewed, reason_to_drop
from bilingual.corpus.sample import STRATA, sample_units
from bilingual.corpus.split import Split, read_splits
from bilingual.corpus.stats import Stats, stats_of

__all__ = [
    "DEFAULT_LIMITS",
    "STRATA",
    "Input",
    "Plan",
    "Report",
    "Rules",
    "Split",
    "Stats",
    "build_corpus",
    "fold",
    "hash64",
    "is_reviewed",
    "planned_files",
    "read_splits",
    "reason_to_drop",
    "render_report",
    "report_record",
    "sample_units",
    "stated",
    "stats_of",
]
