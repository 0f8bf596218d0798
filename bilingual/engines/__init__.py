"""Translators: a model on this machine, loaded into CTranslate2 or transformers."""

from __future__ import annotations

from bilingual.engines.check import ModelReport, check_model
from bilingual.engines.convert import convert_model
from bilingual.engines.load import DEFAULT_MODEL, Engine, load_translator
from bilingual.engines.models import Model, find_model, list_models, user_cache
from bilingual.engines.pull import HUB, pull_model
from bilingual.engines.script import simplify_segment
from bilingual.engines.segments import is_passthrough
from bilingual.engines.translator import MAX_SOURCE_TOKENS, SegmentTranslator

__all__ = [
    "DEFAULT_MODEL",
    "HUB",
    "MAX_SOURCE_TOKENS",
    "Engine",
    "Model",
    "ModelReport",
    "SegmentTranslator",
    "check_model",
    "convert_model",
    "find_model",
    "is_passthrough",
    "list_models",
    "load_translator",
    "pull_model",
    "simplify_segment",
    "user_cache",
]
