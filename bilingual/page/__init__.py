"""The page: both languages side by side, issues in words, and the reviewer's decisions."""

from bilingual.page.facts import IndexEntry, Offer, PageFacts
from bilingual.page.render import render_index, render_page
from bilingual.page.rows import text_hash

__all__ = ["IndexEntry", "Offer", "PageFacts", "render_index", "render_page", "text_hash"]
