from __future__ import annotations

import pytest

from bilingual.reading import detect_language


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("岚溪县的图书馆", "zh-Hans"),
        ("你好", "zh-Hans"),
        ("嵐溪縣的圖書館", "zh-Hant"),
        ("台灣", "zh-Hant"),
        ("这里说的後字是引用的", "zh-Hans"),
        ("使用 kubectl apply -f deployment.yaml 部署", "zh-Hans"),
        ("The word 关注 means attention, and it is often the head of a section in the news.", "en"),
        ("Hello.", "en"),
        ("これは日本語の文です", "und"),
        ("한국어 문장입니다", "und"),
        ("Это русский текст", "und"),
        ("123 🙂 ...", "und"),
        ("", "und"),
        ("Le chat dort sur le canapé pendant que la pluie tombe sur les toits de la petite ville. " * 3, "und"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert detect_language(text) == lang
