from __future__ import annotations

from pathlib import Path

import pytest

from bilingual.bitext import Document
from bilingual.reading import ReadOptions, read_document, read_markdown

EXAMPLES = Path(__file__).parent.parent / "examples"


def read(source: str) -> Document:
    return read_markdown(source.encode(), "a.md", ReadOptions("utf-8"))


def kinds(source: str) -> list[tuple[str, int, str]]:
    return [(p.kind, p.level, p.text) for p in read(source).paragraphs]


def markup(source: str) -> list[str]:
    document = read(source)
    return [document.text[a:b] for a, b in document.markup]


@pytest.mark.parametrize(
    ("source", "expected", "signs"),
    [
        (
            "# 标题\n\n## 小标题 ##\n\n正文\n====\n",
            [("title", 0, "标题"), ("heading", 2, "小标题"), ("heading", 1, "正文")],
            ["#", "##", "##", "===="],
        ),
        ("他*恐怕*写了**七年**日记", [("text", 0, "他恐怕写了七年日记")], ["*", "*", "**", "**"]),
        ("~~旧~~新 `代码` 2 * 3", [("text", 0, "旧新 代码 2 * 3")], ["~~", "~~", "`", "`"]),
        (
            "- 一\n  - 二\n\n1. 三\n",
            [("list_item", 1, "一"), ("list_item", 2, "二"), ("list_item", 1, "三")],
            ["-", "-", "1."],
        ),
        ("> 水是\n> 新的\n>\n> 河", [("quote", 0, "水是新的"), ("quote", 0, "河")], [">", ">", ">\n>"]),
        (
            '见[我的*主*页](http://a.example/ "题")吧',
            [("text", 0, "见我的主页吧")],
            ["[", "*", "*", '](http://a.example/ "题")'],
        ),
        ('见[主页][a]。\n\n[a]: /u "题"\n', [("text", 0, "见主页。")], ["[", "][a]", '[a]: /u "题"']),
        ("<https://例.example/%E4> 见", [("text", 0, "https://例.example/%E4 见")], ["<", ">"]),
        ("![桌上的\n笔](p.jpg)", [("caption", 0, "桌上的笔")], ["![", "](p.jpg)"]),
        ("点![笔](p.jpg)这里", [("text", 0, "点笔这里")], ["![", "](p.jpg)"]),
        ("前\n\n```py\na = 1\n\n  b\n```\n", [("text", 0, "前"), ("code", 0, "a = 1\n\n  b")], ["```py", "```"]),
        ("前\n\n    缩进\n      代码\n", [("text", 0, "前"), ("code", 0, "缩进\n  代码")], []),
        ("> ```\n> 甲\n> 乙\n> ```\n", [("code", 0, "甲\n乙")], ["> ```\n>", ">", "> ```"]),
        (
            "| 甲 | 乙\\|丙 |\n|---|:-:|\n| 一 | **二** |\n",
            [("text", 0, "甲"), ("text", 0, "乙|丙"), ("text", 0, "一"), ("text", 0, "二")],
            ["|", "|", "\\", "|\n|---|:-:|\n|", "| **", "** |"],
        ),
        ("\\*不是\\* 星\\字", [("text", 0, "*不是* 星\\字")], ["\\", "\\"]),
        (
            "一\\\n二  \n三<br>四",
            [("text", 0, "一"), ("text", 0, "二"), ("text", 0, "三"), ("text", 0, "四")],
            ["\\", "<br>"],
        ),
        ("one\ntwo 中\n文", [("text", 0, "one two 中文")], []),
        ("他<b>说</b>了", [("text", 0, "他说了")], ["<b>", "</b>"]),
        (
            "<div align='x'>\n他<b>说</b>了&amp;\n<!-- 注 -->\n</div>\n",
            [("text", 0, "他说了&")],
            ["<div align='x'>", "<b>", "</b>", "<!-- 注 -->\n</div>"],
        ),
        ("---\n\n***\n\n字", [("text", 0, "字")], ["---\n\n***"]),
        ("-\n\n1.\n\n字", [("text", 0, "字")], ["-\n\n1."]),
    ],
)
def test_every_sign_is_markup(source: str, expected: list[tuple[str, int, str]], signs: list[str]) -> None:
    assert kinds(source) == expected
    assert markup(source) == signs


def test_character_references_are_resolved_in_the_text_and_left_in_code() -> None:
    document = read("A&amp;B &lt;&#20013;&nbsp;文&gt; `&amp;`\r\n\r\n河&hellip;")
    assert document.text == "A&B <中\u00a0文> `&amp;`\r\n\r\n河…"
    assert [(p.text, document.text[p.start : p.end]) for p in document.paragraphs] == [
        ("A&B <中\u00a0文> &amp;", "A&B <中\u00a0文> `&amp;"),
        ("河…", "河…"),
    ]


def test_cells_beyond_the_columns_are_kept() -> None:
    assert kinds("|甲|乙|\n|---|---|\n|一|二|三|\n||四|") == [("text", 0, t) for t in "甲乙一二三四"]


def test_front_matter() -> None:
    source = '---\ntitle: "河边"\ntags:\n  - 水\nauthor: 林见微\ndate: 2024-03-09\ndraft: true\n---\n# 河边\n字\n'
    assert kinds(source) == [
        ("title", 0, "河边"),
        ("metadata", 0, "林见微"),
        ("metadata", 0, "2024-03-09"),
        ("heading", 1, "河边"),
        ("text", 0, "字"),
    ]
    assert markup(source)[0] == '---\ntitle: "'


def test_two_rules_are_no_front_matter() -> None:
    assert kinds("---\n他说了一句话。\n\n---\n") == [("text", 0, "他说了一句话。")]
    assert kinds("---\n这里：一句话\n---\n后") == [("heading", 2, "这里：一句话"), ("text", 0, "后")]


@pytest.mark.parametrize(
    "source", [">" * 5_000 + "字", "".join(" " * i + "- 字\n" for i in range(300)), "[" * 2_000 + "字", "*字" * 2_000]
)
def test_nesting_without_end_loses_nothing(source: str) -> None:
    assert "".join(p.text for p in read(source).paragraphs).count("字") == source.count("字")


def test_the_example() -> None:
    document = read_document(EXAMPLES / "blog.md", name="blog.md")
    assert [(p.kind, p.level) for p in document.paragraphs[:8]] == [
        ("title", 0),
        ("metadata", 0),
        ("metadata", 0),
        ("heading", 1),
        ("text", 0),
        ("quote", 0),
        ("quote", 0),
        ("text", 0),
    ]
    assert sum(p.kind == "list_item" for p in document.paragraphs) == 8
    assert sum(p.kind == "code" for p in document.paragraphs) == 1
