"""Many documents: a directory on one machine, shards of it on several, or Ray Data on a cluster.

A plan (`plan`) is a pure function of the directory and can be cut into shards; `run` translates what the journal
(`journal`) does not know as done, and writes the record of the run (`record`); `index` writes the overview; `merge`
makes one output folder of those of several shards. `ray` runs the same pipeline in the actors of a Ray cluster.
"""

from __future__ import annotations

from bilingual.batch.index import corpus_scores, write_index
from bilingual.batch.journal import Entry, Journal, read_journal, sha256_of
from bilingual.batch.merge import Merged, merge_batches
from bilingual.batch.plan import Item, Plan, Shard, parse_shard, plan_batch, shard_plan
from bilingual.batch.record import cite_record, find_record, note_scores, read_record
from bilingual.batch.run import Job, Step, Summary, run_batch

__all__ = [
    "Entry",
    "Item",
    "Job",
    "Journal",
    "Merged",
    "Plan",
    "Shard",
    "Step",
    "Summary",
    "cite_record",
    "corpus_scores",
    "find_record",
    "merge_batches",
    "note_scores",
    "parse_shard",
    "plan_batch",
    "read_journal",
    "read_record",
    "run_batch",
    "sha256_of",
    "shard_plan",
    "write_index",
]
