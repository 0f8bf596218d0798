"""The lossless form: every field there and back, and the published schema agrees."""

import json
import math
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.errors import InputError
from bilingual.formats.jsonl import read_jsonl, write_jsonl
from unit_samples import HUMAN, MACHINE, extras_of, file_of, plain, units_of

RULES = json.loads(files("bilingual.formats").joinpath("unit.schema.json").read_text())
SCHEMA = jsonschema.Draft202012Validator(RULES)
ODD = st.sampled_from('\\"\t\n\r\x00\x7f\x85\u2028\ufeff')
TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), ODD))


def written(units: list[TranslationUnit]) -> str:
    file = file_of("")
    write_jsonl(units, file)
    return file.getvalue().decode()


def read(text: str | bytes) -> list[TranslationUnit]:
    return list(read_jsonl(file_of(text), "data/a.jsonl"))


def test_line_as_written() -> None:
    assert written([MACHINE]) == (
        '{"id": "00112233aabbccdd", "document": "news/lake.txt", "paragraph": 2, "sentence": 1, "kind": "text", '
        '"level": 0, "source_lang": "zh-Hans", "target_lang": "en", "source": "青禾镇去年接待游客3.2万人次。", '
        '"target": "Qinghe welcomed 32,000 visitors last year.", "log_prob": -0.41253, "confidence": null, '
        '"links": [[0, 3, 0, 6], [7, 9, 24, 32]], "issues": [{"code": "number-missing", "severity": "warning", '
        '"value": 32000.0, "message": "3.2万 is not in the translation.", "source_spans": [[7, 11]], '
        '"target_spans": [[16, 22]]}, {"code": "long", "severity": "info", "value": null, "message": "", '
        '"source_spans": [], "target_spans": []}], "origin": "machine", "status": "", "note": "", "extra": {}}\n'
    )


def test_schema_holds_every_field() -> None:
    assert set(RULES["required"]) == set(RULES["properties"]) == set(TranslationUnit.__slots__)
    assert list(SCHEMA.iter_errors(json.loads(written([HUMAN])))) == []
    assert list(SCHEMA.iter_errors({**json.loads(written([HUMAN])), "status": "ok"})) != []


@settings(deadline=None)
@given(st.data())
def test_reading_gives_what_was_written(data: st.DataObject) -> None:
    names = data.draw(extras_of(TEXT))
    units = [
        replace(unit, extra=tuple((name, data.draw(TEXT)) for name in names))
        for unit in data.draw(st.lists(units_of(TEXT), max_size=3))
    ]
    text = written(units)
    assert text.count("\n") == len(text.splitlines()) == len(units)
    for line in text.splitlines():
        SCHEMA.validate(json.loads(line))
    back = read(text)
    assert plain(back) == plain(units)
    assert written(back) == text


def test_half_a_surrogate_pair_and_infinity_survive_as_json() -> None:
    [unit] = read(written([replace(HUMAN, source="a\ud83db", log_prob=-math.inf)]))
    assert unit.source == "a\ud83db"
    assert unit.log_prob == -1.7976931348623157e308


def test_foreign_records() -> None:
    text = '{"translation": {"en": "Hi", "zh": "你好"}, "year": 2019}\n\n{"source": "一", "target": "1", "by": "Bo"}\n'
    defaults = {"document": "a.jsonl", "sentence": 1, "kind": "text", "level": 0, "origin": "human"}
    base = {**plain([HUMAN])[0], "confidence": None, "note": "", "status": "", **defaults}
    languages = {"source_lang": "zh", "target_lang": "en"}
    assert plain(read(text)) == [
        {**base, **languages, "id": unit_id("a.jsonl", "你好", 1), "paragraph": 1, "source": "你好", "target": "Hi",
         "extra": [["year", "2019"]]},
        {**base, **languages, "id": unit_id("a.jsonl", "一", 1), "paragraph": 2, "source": "一", "target": "1",
         "extra": [["by", "Bo"]]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n",
         "data/a.jsonl:1: not JSON: Expecting property name enclosed in double quotes; "
         "write one object on each line"),
        ('{"source": "a", "target": "b", "log_prob": NaN}',
         "data/a.jsonl:1: not JSON: NaN is no JSON; write one object on each line"),
        ('{"a": ' + "[" * 100_000,
         "data/a.jsonl:1: not JSON: a number or a nesting is too large; write one object on each line"),
        ('{"paragraph": ' + "1" * 5000 + "}",
         "data/a.jsonl:1: not JSON: a number or a nesting is too large; write one object on each line"),
        ("[1]", 'data/a.jsonl:1: the line holds no JSON object; write {"source": ..., "target": ...}'),
        ('{"source": "a"}', "data/a.jsonl:1: target is missing; add it"),
        ('{"source": "a", "target": null}', "data/a.jsonl:1: target is not a string; put it in quotes"),
        ('{"source": "a", "target": "b", "level": true}',
         "data/a.jsonl:1: level is not a whole number; write one, or leave it out"),
        ('{"source": "a", "target": "b", "confidence": "1"}',
         "data/a.jsonl:1: confidence is not a number; write one, or null"),
        ('{"source": "a", "target": "b", "issues": {}}',
         "data/a.jsonl:1: issues is not a list; write [], or leave it out"),
        ('{"source": "a", "target": "b", "issues": [1]}',
         'data/a.jsonl:1: an issue is not an object; write {"code": ..., "severity": ...}'),
        ('{"source": "a", "target": "b", "extra": [1]}',
         "data/a.jsonl:1: extra is not an object; write {}, or leave it out"),
        (
            '{"source": "a", "target": "b", "links": [[1, 2, 3]]}',
            "data/a.jsonl:1: links or spans are not lists of 4 whole numbers; write such as [[0, 1, 2, 3]]",
        ),
        (
            '{"source": "a", "target": "b", "kind": "verse"}',
            "data/a.jsonl:1: kind 'verse' is unknown; write one of: title, heading, text, list_item, quote, code, "
            "caption, metadata, trailer",
        ),
        (
            '{"translation": {"en": "a", "de": "b"}}',
            'data/a.jsonl:1: translation does not hold Chinese and one other language; write {"zh": ..., "en": ...}',
        ),
    ],
)  # fmt: skip
def test_bad_lines_are_named(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert str(caught.value) == message
