from __future__ import annotations

import html as html_escapes
from pathlib import Path

import pytest

from bilingual.bitext import Document
from bilingual.errors import InputError
from bilingual.reading import ReadOptions, read_document, read_html

EXAMPLES = Path(__file__).parent.parent / "examples"


def read(source: str, *, whole: bool = True) -> Document:
    return read_html(source.encode(), "a.html", ReadOptions("utf-8", whole_page=whole))


def kinds(source: str) -> list[tuple[str, int, str]]:
    return [(p.kind, p.level, p.text) for p in read(source).paragraphs]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>他<b>说</b>，<a href='/x'>好</a>的</p>", [("text", 0, "他说，好的")]),
        ("<p>河水\n  <i>清</i>\n了 a\nb</p>", [("text", 0, "河水清了 a b")]),
        ("<p>一<br>二<br/><br>三</p>四", [("text", 0, "一"), ("text", 0, "二"), ("text", 0, "三"), ("text", 0, "四")]),
        (
            "<h1>上<br>下</h1><h2>小</h2><h1>再</h1>",
            [("title", 0, "上 下"), ("heading", 2, "小"), ("heading", 1, "再")],
        ),
        (
            "<ul><li>甲<ul><li>乙</li></ul></li><li><p>丙</p></li></ul>",
            [("list_item", 1, "甲"), ("list_item", 2, "乙"), ("list_item", 1, "丙")],
        ),
        ("<blockquote><p>水</p>河</blockquote>", [("quote", 0, "水"), ("quote", 0, "河")]),
        ("<figure><img alt='不读'><figcaption>桥</figcaption></figure>", [("caption", 0, "桥")]),
        (
            "<table><caption>表</caption><tr><th>甲<td>乙<br>丙</table>",
            [("caption", 0, "表"), ("text", 0, "甲"), ("text", 0, "乙 丙")],
        ),
        ("<pre>\na  b\n  c\n</pre>", [("code", 0, "a  b\n  c")]),
        ("<p>&nbsp;&nbsp;&#20013;&amp;&lt;b&gt;&copy;</p>", [("text", 0, "中&<b>©")]),
        (
            "字<script>var a='<p>不';</script><style>p{}</style><template>不</template><noscript>不</noscript>",
            [("text", 0, "字")],
        ),
        ("<p hidden>不</p><p style='display: none'>不</p><input type=hidden value=不><p>字", [("text", 0, "字")]),
        ("<ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby>字", [("text", 0, "汉字")]),
        ("<p>他<!-- 注 -->说<wbr>了<?pi x?></p>", [("text", 0, "他说了")]),
        ("<div>前<p>中<div>里<p>后</div></span></b>尾", [("text", 0, t) for t in ("前", "中", "里", "后", "尾")]),
        (
            "<?xml version='1.0' encoding='gbk'?><html xmlns='http://www.w3.org/1999/xhtml'><body><p>字</p></body></html>",
            [("text", 0, "字")],
        ),
        ("没有标签的字", [("text", 0, "没有标签的字")]),
        ("<p>甲\x00乙</p>", [("text", 0, "甲乙")]),
        (
            "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><p>字&e;</p>",
            [("text", 0, "]>"), ("text", 0, "字&e;")],
        ),
    ],
)
def test_blocks(source: str, expected: list[tuple[str, int, str]]) -> None:
    assert kinds(source) == expected


def page(article: str, *, inner_trailer: bool = True) -> str:
    lines = [line for line in article.split("\n") if line.strip()]
    title, dateline, *rest = lines
    at = rest.index("相关新闻")

    def blocks(texts: list[str]) -> str:
        marked = (html_escapes.escape(text).replace("“千里眼”", "<b>“千里眼”</b>") for text in texts)
        return "\n".join(f"<p>{text}</p>" for text in marked)

    trailer = f"<div class=rel>{blocks(rest[at:])}</div>"
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}_望川日报网</title></head><body>
<div id=top><a href="/">首页</a><h1>望川日报网</h1></div><nav><ul><li>时政</li><li>社会</li></ul></nav>
<div class=main><div class=left><h1>{title}</h1><div class=info>{dateline}</div>
<div class=content>{blocks(rest[:at])}</div>{trailer if inner_trailer else ""}</div>{"" if inner_trailer else trailer}
<div class=right><h3>排行</h3><ul><li><a href="#">一条别的新闻</a></li></ul></div></div>
<footer>版权所有 望川日报社</footer></body></html>"""


@pytest.mark.parametrize("inner", [True, False])
def test_the_page_gives_the_same_blocks_as_the_text(inner: bool) -> None:
    article = (EXAMPLES / "governance.txt").read_text(encoding="utf-8")
    text = read_document(EXAMPLES / "governance.txt", name="governance.txt")
    document = read(page(article, inner_trailer=inner), whole=False)
    expected = [(p.kind, p.level, p.text) for p in text.paragraphs]
    found = [(p.kind, p.level, p.text) for p in document.paragraphs]
    assert found[: len(expected)] == expected or not inner
    assert {t for _, _, t in expected} <= {t for _, _, t in found}
    assert not any("首页" in t or "版权" in t or "时政" in t for _, _, t in found)
    assert any("left out (menus, sidebars); --whole-page keeps them" in note for note in document.notes)


def test_the_whole_page_is_kept_on_request() -> None:
    article = (EXAMPLES / "governance.txt").read_text(encoding="utf-8")
    found = [p.text for p in read(page(article)).paragraphs]
    assert "版权所有 望川日报社" in found
    assert "时政" in found


def test_without_an_article_the_body_is_kept() -> None:
    document = read("<nav>菜单</nav><p>字</p>", whole=False)
    assert [p.text for p in document.paragraphs][-1] == "字"


@pytest.mark.parametrize("declared", ["gb2312", "big5", "utf-8"])
def test_the_declared_encoding(declared: str) -> None:
    codec = {"gb2312": "gbk"}.get(declared, declared)
    source = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}"></head><p>有水的地方'
    document = read_html(source.encode(codec), "a.html", ReadOptions(whole_page=True))
    assert [p.text for p in document.paragraphs] == ["有水的地方"]


def test_a_wrong_declaration_is_told() -> None:
    source = '<meta charset="utf-8"><p>河水为什么这样清，听他们怎么说。'
    document = read_html(source.encode("gbk"), "a.html", ReadOptions(whole_page=True))
    assert document.paragraphs[0].text == "河水为什么这样清，听他们怎么说。"
    assert document.notes == (
        "read as GB18030; if the characters are wrong, say which encoding it is with --encoding",
        "the page says that it is utf-8, but it is not",
    )


@pytest.mark.parametrize("tag", ["div", "b", "ul", "blockquote"])
def test_deep_nesting_loses_nothing(tag: str) -> None:
    source = f"<{tag}>" * 10_000 + "里面" + f"</{tag}>" * 10_000 + "<p>外面</p>"
    assert [p.text for p in read(source, whole=False).paragraphs] == ["里面", "外面"]


def test_a_page_without_text() -> None:
    with pytest.raises(InputError, match="no text on the page"):
        read("<html><body><script>x</script></body></html>")
