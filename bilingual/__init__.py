"""Chinese-to-English translation and bilingual alignment for people who have to trust the result."""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
