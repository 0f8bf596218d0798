"""What a user can cause and can fix.

    BilingualError
    ├── InputError        missing, empty, undecodable, unsupported input; a bad line ("path:line: ...")
    ├── OutputError       an output that cannot or must not be written
    ├── ModelError        a model that is absent, damaged or of an unknown kind; a missing optional dependency
    ├── AlignmentError    two documents that are not translations of each other
    └── LedgerError       text went missing inside the program: a fault of ours, never written to a file

A message says what is wrong, where, and what to type next. The command line catches `BilingualError` in one place,
prints the message as one line and exits with 1.
"""

from __future__ import annotations

__all__ = ["AlignmentError", "BilingualError", "InputError", "LedgerError", "ModelError", "OutputError"]


class BilingualError(Exception):
    """Something a user can cause and can fix; `str(error)` is the sentence to show."""


class InputError(BilingualError):
    """An input is missing, empty, undecodable, unsupported, or has a bad line."""


class OutputError(BilingualError):
    """An output cannot be written, or must not be, because it would replace a person's work."""


class ModelError(BilingualError):
    """A model is absent, damaged or of an unknown kind, or an optional dependency is missing."""


class AlignmentError(BilingualError):
    """Two documents are not translations of each other, or cannot be aligned as asked."""


class LedgerError(BilingualError):
    """A character of the source is not accounted for; nothing is written."""
