"""A flagged segment is decoded again, differently, until a candidate passes the checks."""

from bilingual.repair.ladder import REPAIRABLE, Flagged, badness, repair_segments
from bilingual.repair.pieces import cut_pieces

__all__ = ["REPAIRABLE", "Flagged", "badness", "cut_pieces", "repair_segments"]
