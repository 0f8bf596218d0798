from __future__ import annotations

import pytest

from bilingual.bitext import Paragraph
from bilingual.reading import ReadOptions, read_text
from bilingual.reading.article import label_article

BODY = "青石河流经望川、临桑两市，上游排污、下游受害的纠纷持续了十多年。"
MORE = "去年，群众通过手机反映问题八千多件，大多数在三天之内就有了答复。"


def kinds(*blocks: str, lang: str | None = None) -> list[tuple[str, int]]:
    document = read_text("\n\n".join(blocks).encode(), "a.txt", ReadOptions("utf-8", lang))
    assert [p.text for p in document.paragraphs] == list(blocks)
    return [(p.kind, p.level) for p in document.paragraphs]


TEXT, HEAD, TITLE, META, LIST = ("text", 0), ("heading", 1), ("title", 0), ("metadata", 0), ("list_item", 1)


def test_title_dateline_and_repeated_lead_over_single_line_ends() -> None:
    dateline = "2024-04-18 08:30:12 来源:望川日报 责任编辑:沈知秋"
    source = f"让每条河都有人管\n{dateline}\n\u00a0\u00a0{BODY}\n\n\u00a0\u00a0{BODY}\n"
    document = read_text(source.encode(), "a.txt", ReadOptions())
    assert [(p.kind, p.text) for p in document.paragraphs] == [
        ("title", "让每条河都有人管"),
        ("metadata", dateline),
        ("text", BODY),
        ("text", BODY),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2016-10-24 09:51:29 来源:东湖日报 责任编辑:林月",
        "2016年10月24日 09:51 东湖网",
        "2016年10月24日09:51来源：东湖网",
        "来源：东湖日报",
        "责任编辑:沈知秋",
        "2024-04-18",
        "发布时间：2024-04-18 08:30",
        "作者：林见微 摄影：罗青山",
        "原标题：河水为什么这样清，听听他们怎么说",
        "來源：東湖日報　責任編輯：林月",
        "本报记者 季安然",
    ],
)
def test_metadata(line: str) -> None:
    assert kinds("让每条河都有人管", line, BODY, MORE)[1] == META


@pytest.mark.parametrize(
    "line",
    [
        "2024年4月18日，望川市启动了第二轮治水行动。",
        "2024年4月18日望川市水务局开工",
        "时间：每天上午九点到十一点",
        "来源：这个词在书里一共出现了三次，每次意思都不同。",
        "编辑部里一个人也没有。",
        "记者看到，河水已经变清。",
    ],
)
def test_what_only_looks_like_metadata(line: str) -> None:
    assert kinds("让每条河都有人管", BODY, line, MORE)[2] != META


def test_an_interview_is_no_metadata() -> None:
    talk = [("记者：您好" if i % 2 == 0 else "答：你好，请坐，我们慢慢说。") for i in range(8)]
    assert META not in kinds(*talk)


@pytest.mark.parametrize(
    "line", ["(本报记者 季安然)", "（记者 何晓帆 通讯员 罗青山）", "（作者系望川大学教授）", "(责任编辑：沈知秋)"]
)
def test_byline_at_the_end(line: str) -> None:
    assert kinds("让每条河都有人管", BODY, MORE, line)[-1] == META


def test_a_remark_in_parentheses_is_text() -> None:
    assert kinds(BODY, "（他笑了笑。）", MORE)[1] == TEXT


@pytest.mark.parametrize(
    "head",
    [
        "【关注】",
        "智慧巡河:提升全天候发现水平",
        "依法治水：化解跨界排污“老大难”",
        "多方参与",
        "一、总体要求",
        "第三章 河边的人",
    ],
)
def test_section_heads(head: str) -> None:
    assert kinds("让每条河都有人管", BODY, MORE, head, BODY, MORE) == [TITLE, TEXT, TEXT, HEAD, TEXT, TEXT]


def test_levels_of_numbered_heads() -> None:
    blocks = ("治水工作方案", "一、总体要求", BODY, "（二）主要任务", MORE, "第三节 保障", BODY)
    assert kinds(*blocks) == [TITLE, HEAD, TEXT, ("heading", 2), TEXT, ("heading", 2), TEXT]


@pytest.mark.parametrize(
    "line", ["答案是改革。", "为什么？", "他说：", "轰隆隆——", "“小心”", "* * *", "———", "……", "等等；", "123"]
)
def test_short_lines_that_are_no_heads(line: str) -> None:
    assert kinds("让每条河都有人管", BODY, line, MORE, BODY)[2] == TEXT


def test_a_novel_chapter_has_only_its_chapter_head() -> None:
    talk = [
        "“谁？”",
        "“是我。”",
        "门开了",
        "她往外看了一眼，院子里一个人也没有，只有那棵老槐树在风里摇。",
        "“你走吧。”",
        "“我不走，我还有话要说给你听。”",
    ]
    blocks = ["第二章 归来", "天黑以后，他才走到村口，远远看见那座石屋里还亮着一盏灯。", *talk]
    assert kinds(*blocks) == [TITLE] + [TEXT] * 7


def test_lists_and_poems_have_no_heads() -> None:
    assert kinds("雨伞", "水壶", "地图", "一双结实的鞋子") == [TEXT] * 4
    assert kinds("小河弯弯", "向着东方流去", "石桥上的月亮", "照着不归的人") == [TEXT] * 4
    assert kinds("一个标题也没有的一行") == [TEXT]


def test_long_numbered_paragraphs_are_text_and_short_ones_a_list() -> None:
    assert kinds(BODY, "一、" + BODY, "二、" + MORE) == [TEXT] * 3
    assert kinds(BODY, "一、雨伞", "二、水壶", "三、地图") == [TEXT, LIST, LIST, LIST]
    assert kinds(BODY, "1. " + BODY, "2. " + MORE) == [TEXT, LIST, LIST]
    assert kinds(BODY, "2016. " + BODY, MORE) == [TEXT] * 3


@pytest.mark.parametrize(
    "line", ["图1 望川市河网", "图为文敬之在河边捡拾垃圾。", "清晨的青石河 罗青山摄", "（资料图）", "▲治理后的青石河"]
)
def test_captions(line: str) -> None:
    assert kinds("让每条河都有人管", BODY, BODY, BODY, line, MORE, BODY)[4] == ("caption", 0)


TRAILER = [
    ("相关新闻", ("trailer", 1)),
    ("白桦区公布首批“最美河岸”名单", ("trailer", 2)),
    ("2024-04-16 10:05:41", META),
    ("近日，白桦区公布首批名单，十二处河岸入选。【详细】", ("trailer", 0)),
    ("临桑市启动青石河生态补水", ("trailer", 2)),
    ("2024-04-12 16:22:08", META),
    ("临桑市启动青石河生态补水", ("trailer", 0)),
    ("临桑市启动今年首次生态补水，计划十天完成。", ("trailer", 0)),
    ("【详细】", ("trailer", 0)),
    ("谁来管好家门口的河？", ("trailer", 2)),
    ("2024-04-09 09:17:30", META),
    ("“老师，水里真的有小虾！”孩子们说。", ("trailer", 0)),
    ("热门推荐", ("trailer", 1)),
]


def test_trailer() -> None:
    blocks = ["让每条河都有人管", BODY, MORE, "(本报记者 季安然)", *(text for text, _ in TRAILER)]
    assert kinds(*blocks) == [TITLE, TEXT, TEXT, META, *(label for _, label in TRAILER)]


def test_trailer_of_headlines_alone_and_its_frame() -> None:
    assert kinds(BODY, MORE, "【延伸阅读】", "第一条新闻的标题", "第二条新闻的标题")[2:] == [
        ("trailer", 1),
        ("trailer", 2),
        ("trailer", 2),
    ]


def test_a_section_that_goes_on_is_no_trailer() -> None:
    labels = kinds("让每条河都有人管", BODY, MORE, "延伸阅读", BODY, MORE, BODY)
    assert ("trailer", 1) not in labels
    assert labels[3] == HEAD


def test_many_trailer_heads_take_no_time() -> None:
    blocks = [Paragraph(t, 0, 1) for t in ["相关新闻", "一个标题"] * 20_000 + ["完。", "完。", "完。"]]
    assert len(label_article(blocks, "zh-Hans")) == 40_003


ENGLISH = "The old granary at the end of the village had stood empty for many winters before the books came."


def test_english_title_heads_and_dates() -> None:
    blocks = (
        "A Library in the Granary",
        "April 2, 2024",
        ENGLISH,
        "The first readers",
        ENGLISH,
        "He left.",
        ENGLISH,
        "CHAPTER II. The Road",
        ENGLISH,
    )
    assert kinds(*blocks, lang="en") == [TITLE, META, TEXT, HEAD, TEXT, TEXT, TEXT, HEAD, TEXT]


def test_english_lines_without_blank_lines_have_no_heads() -> None:
    document = read_text(f"A Library in the Granary\n{ENGLISH}\n{ENGLISH}".encode(), "a.txt", ReadOptions())
    assert {p.kind for p in document.paragraphs} == {"text"}
