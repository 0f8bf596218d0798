r"""Chinese-to-English translation and bilingual alignment for people who have to trust the result.

import bilingual
bitext = bilingual.translate("article.txt")
for unit in bilingual.units(bitext):
    print(unit.source, unit.target, sep="\t")
"""

from __future__ import annotations

from pathlib import Path

from bilingual.bitext import Bitext, Document, TranslationUnit, units
from bilingual.errors import BilingualError

__version__ = "0.1.0"

__all__ = ["BilingualError", "Bitext", "Document", "TranslationUnit", "__version__", "translate", "units"]


def translate(text_or_path: str | Path, *, model: str | Path = "zh-en-small", beam: int = 4) -> Bitext:
    """Translate a Chinese text or file.

    Args:
        text_or_path: A `Path`, or a string that names an existing file, is read; any other string is the text itself.
        model: A bundled model, a directory, or a hub id that was pulled.
        beam: Hypotheses kept while searching; 1 is greedy and fastest.

    Returns:
        Both documents and the beads between them, one per source sentence; `units` makes rows of it.

    Raises:
        InputError: The file is missing, empty or unreadable.
        ModelError: The model is absent or damaged.
    """
    from bilingual.engines import load_translator
    from bilingual.pipeline import Options, load_document, translate_documents
    from bilingual.protocols import Decoding
    from bilingual.segment import cut_sentence

    is_text = isinstance(text_or_path, str) and ("\n" in text_or_path or not Path(text_or_path).is_file())
    if is_text:
        document = load_document(None, str(text_or_path).encode("utf-8"), name="text")
    else:
        document = load_document(Path(text_or_path))
    translator = load_translator(model, cut=cut_sentence)
    options = Options(decoding=Decoding(beam=beam, links=True), checks=False)
    (translated,) = translate_documents([document], translator, options=options)
    return translated.bitext
