"""Numbers by value: pairs that say the same must stay silent, near misses must not be read as numbers."""

from __future__ import annotations

import pytest

from bilingual.bitext import TranslationUnit
from bilingual.checks import check_units

# (source, target): the target says what the source says.
SAME = [
    ("全市有37条河流。", "The city has 37 rivers."),
    ("全市有３７条河流。", "The city has 37 rivers."),
    ("他三十七岁。", "He is thirty-seven."),
    ("销量达3.2亿元。", "Sales reached 320 million yuan."),
    ("共1.5万余户。", "More than 15,000 households."),
    ("投入12.8亿元。", "It invested 1.28 billion yuan."),
    ("人口一千二百万。", "It has a population of 12 million."),
    ("补水350万立方米。", "3.5 million cubic meters of water were added."),
    ("两万五千里。", "Twenty-five thousand li."),
    ("占百分之三十。", "It makes up 30 percent."),
    ("占30%。", "It makes up thirty percent."),
    ("增长了三成。", "It grew by 30 percent."),
    ("打八折。", "It is 20 percent off."),
    ("三分之二是退休职工。", "Two thirds are retired."),
    ("二分之一。", "One half."),
    ("2024年4月18日。", "April 18, 2024."),
    ("2024年4月18日。", "18 April 2024"),
    ("2024-04-18公布。", "It was published on April 18, 2024."),
    ("三月五日上午九点。", "At 9 a.m. on March 5."),
    ("第一万名读者。", "The ten-thousandth reader."),
    ("第三百位客人。", "The three hundredth guest."),
    ("第一百万辆车。", "The one millionth car."),
    ("90年代。", "The 1990s."),
    ("上世纪90年代。", "The 1990s."),
    ("上世纪九十年代。", "The 90s."),
    ("本世纪20年代。", "The 2020s."),
    ("二十世纪八十年代。", "The 1980s."),
    ("21世纪。", "The twenty-first century."),
    ("第三名。", "Third place."),
    ("第二十届会议。", "The 20th session."),
    ("3至5天。", "Three to five days."),
    ("三五天。", "Three to five days."),
    ("十多人。", "More than ten people."),
    ("近百人。", "Nearly a hundred people."),
    ("数十万人。", "Hundreds of thousands of people."),
    ("几十个国家。", "Dozens of countries."),
    ("十二个鸡蛋。", "A dozen eggs."),
    ("两个孩子。", "Two children."),
    ("一双鞋。", "A pair of shoes."),
    ("半年。", "Half a year."),
    ("一个半小时。", "An hour and a half."),
    ("12:30开始。", "It starts at 12:30."),
    ("增加了两倍。", "It tripled."),
    ("翻了一番。", "It doubled."),
    ("第二次世界大战。", "World War II."),
    ("第四章。", "Chapter IV"),
    ("上升1.2个百分点。", "It rose 1.2 percentage points."),
    ("一百二十三万四千五百六十七。", "1,234,567."),
    ("他们二三十岁。", "They are in their 20s and 30s."),
    ("约有四成语言濒危。", "About 40 percent of the languages are endangered."),
    ("东经123度28分。", "123 degrees 28 minutes east."),
    ("98年的报纸。", "A newspaper of 1998."),
    ("数百人。", "Some 300 people."),
    ("98年。", "'98."),
    ("1998年。", "'98."),
    ("一块5英寸的屏幕。", "A 5-inch screen."),
    ("Ⅱ型糖尿病。", "Type 2 diabetes."),
    ("投资了 500 多万英镑。", "It invested more than £5 million."),
    ("起始价61311万元。", "The starting price is 61,311 ten thousand yuan."),
    ("一米七八。", "1.78 meters."),
    ("俩人都来了。", "Both came."),
    ("近百分之五。", "Nearly 5 percent."),
    ("上个世纪7、80年代。", "The 1970s and 1980s."),
    ("七、八十年代。", "The 1970s and 1980s."),
    ("上世纪五六十年代。", "The 1950s and 1960s."),
    ("100亩地。", "6.7 hectares of land."),
    ("645英里（1040公里）。", "645 miles (1,040 km)."),
]
# (source, target): no number in either that must be found again.
NEAR_MISSES = [
    ("千分之一秒的差别。", "A difference of one thousandth of a second."),
    ("百分之一秒的差别。", "A hundredth of a second's difference."),
    ("万分感谢。", "Thank you so much."),
    ("千差万别。", "They differ greatly."),
    ("年代久远的书。", "A very old book."),
    ("这座桥很有年代感。", "The bridge feels old."),
    ("他生错了年代。", "He was born too late."),
    ("不同年代的人。", "People of all ages."),
    ("一代又一代的人。", "Generation after generation."),
    ("百姓安居乐业。", "The people live in peace."),
    ("第三方机构。", "A third-party agency."),
    ("千里眼和顺风耳。", "The all-seeing eye and the all-hearing ear."),
    ("他一度失望。", "He was once disappointed."),
    ("“十三五”期间。", "During the 13th Five-Year Plan."),
    ("一带一路。", "The Belt and Road."),
    ("一些人。", "Some people."),
    ("等一下。", "Wait a moment."),
    ("万一下雨。", "In case it rains."),
    ("千万别去。", "Do not go."),
    ("一样好。", "Just as good."),
    ("一起走吧。", "Let us go together."),
    ("他一直在等。", "He has been waiting."),
    ("一定要来。", "Be sure to come."),
    ("十分高兴。", "Very glad."),
    ("星期三见。", "See you on Wednesday."),
    ("周五开会。", "The meeting is on Friday."),
    ("三番五次地劝他。", "He was urged again and again."),
    ("五花八门。", "All kinds of things."),
    ("一心一意。", "Wholeheartedly."),
    ("七上八下。", "On tenterhooks."),
    ("乱七八糟。", "In a mess."),
    ("张三李四。", "Tom, Dick and Harry."),
    ("半途而废。", "To give up halfway."),
    ("四川的菜很辣。", "Sichuan food is spicy."),
    ("九寨沟。", "Jiuzhaigou."),
    ("三亚的海。", "The sea at Sanya."),
    ("统一思想。", "To unify thinking."),
    ("唯一的办法。", "The only way."),
    ("一路平安。", "Have a safe trip."),
    ("独一无二。", "Unique."),
    ("零售业。", "The retail trade."),
    ("一方面便宜。", "For one thing, it is cheap."),
    ("百分点。", "Percentage points."),
    ("万岁！", "Long live!"),
    ("三角形。", "A triangle."),
    ("两岸关系。", "Cross-strait relations."),
    ("二胡独奏。", "An erhu solo."),
    ("一旦失败。", "Once it fails."),
    ("初一的学生。", "Students in their first year of middle school."),
    ("四面八方的人都来了。", "People came from everywhere."),
    ("他三心二意。", "He is half-hearted."),
    ("五湖四海。", "From all over the world."),
    ("千方百计。", "By every means."),
    ("百家争鸣。", "Let all schools of thought contend."),
    ("万物生长。", "All things grow."),
    ("千万不要忘记。", "Never forget."),
    ("九牛一毛。", "A drop in the ocean."),
    ("一五一十地讲。", "To tell everything."),
    ("十全十美。", "Perfect."),
    ("三言两语。", "In a few words."),
    ("四合院。", "A courtyard house."),
    ("八卦新闻。", "Gossip."),
    ("六神无主。", "In a panic."),
    ("五角大楼。", "The Pentagon."),
    ("五星红旗。", "The national flag of China."),
    ("三明治。", "A sandwich."),
    ("第一时间赶到。", "They arrived at once."),
    ("第三世界。", "The Third World."),
    ("一对夫妇。", "A couple."),
    ("一会儿就来。", "I am coming soon."),
    ("一般来说。", "Generally speaking."),
    ("一切都好。", "All is well."),
    ("进一步。", "Further."),
    ("同一个人。", "The same person."),
    ("万众一心。", "All of one mind."),
    ("百货商店。", "A department store."),
    ("百科全书。", "An encyclopaedia."),
    ("二维码。", "A QR code."),
    ("三文鱼。", "Salmon."),
    ("七夕。", "The Qixi Festival."),
    ("重阳九月九。", "The Double Ninth Festival."),
    ("半信半疑。", "Half in doubt."),
    ("零星小雨。", "Scattered showers."),
    ("一国两制。", "One country, two systems."),
    ("四季如春。", "It is like spring all year round."),
    ("再三要求。", "To ask again and again."),
    ("说一不二。", "To stand by one's word."),
    ("三伏天。", "The dog days."),
    ("一笔勾销。", "To write it off."),
    ("四不像。", "A creature of no known kind."),
    ("千载难逢。", "A rare chance."),
    ("统统走开。", "Go away, all of you."),
    ("“九一八”事变。", "The Mukden Incident."),
]
# (source, target, code)
WRONG = [
    ("销量达3.2亿元。", "Sales reached 32 million yuan.", "number-scale"),
    ("共1.5万余户。", "More than 150,000 households.", "number-scale"),
    ("人口一千二百万。", "It has a population of 1.2 million.", "number-scale"),
    ("补水350万立方米。", "350,000 cubic meters of water were added.", "number-scale"),
    ("投入12.8亿元。", "It invested 12.8 billion yuan.", "number-scale"),
    ("全市有37条河流。", "The city has 73 rivers.", "number-mismatch"),
    ("占百分之三十。", "It makes up 13 percent.", "number-mismatch"),
    ("2024年4月18日。", "April 13, 2024.", "number-mismatch"),
    ("第二十届会议。", "The 12th session.", "number-mismatch"),
    ("办理8756件。", "8,765 cases were handled.", "number-mismatch"),
    ("在2021年。", "In 2012.", "number-mismatch"),
    ("每升4.7毫克。", "7.4 milligrams per liter.", "number-mismatch"),
    ("收到1200多份。", "More than 1,210 came in.", "number-mismatch"),
    ("12时33分停电。", "The power went off at 72:33 p.m.", "number-mismatch"),
    ("第一万名读者。", "The 2,000th reader.", "number-mismatch"),
    ("90年代的孩子。", "Children of the 190s.", "number-mismatch"),
    ("上世纪90年代。", "The 1890s.", "number-mismatch"),
    ("建于1984年。", "It was built in 1684.", "number-mismatch"),
    ("供餐200份，救助数百人。", "It serves 800 meals and helps hundreds of people.", "number-mismatch"),
    ("645英里（1040公里）。", "645 miles (1,060 km).", "number-mismatch"),
    ("投资了 500 多万英镑。", "It invested more than £500,000.", "number-scale"),
    ("一块5英寸的屏幕。", "A 7-inch screen.", "number-mismatch"),
    ("起始价61311万元。", "The starting price is 61,311 thousand yuan.", "number-scale"),
    ("化解产能1亿~1.5亿吨。", "Capacity of 100 billion to 150 million tons goes.", "number-scale"),
]


def codes(source: str, target: str) -> list[str]:
    """Give the codes of the number checks, errors and warnings."""
    unit = TranslationUnit("1", "a", 1, 1, "text", 0, "zh-Hans", "en", source, target)
    (checked,) = check_units([unit], only=["numbers"])
    return [issue.code for issue in checked.issues if issue.severity != "info"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("上百万人流离失所。", "More than 1 billion people were displaced."),
        ("上千块陶片。", "More than a million shards."),
        ("十亿亩农田。", "A million mu of farmland."),
        ("数百万人。", "Tens of thousands of people."),
    ],
)
def test_wrong_orders_of_magnitude_are_warnings(source: str, target: str) -> None:
    unit = TranslationUnit("1", "a", 1, 1, "text", 0, "zh-Hans", "en", source, target)
    (checked,) = check_units([unit], only=["numbers"])
    assert [(issue.severity, issue.code) for issue in checked.issues] == [("warning", "number-scale")]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_equal_values_are_silent(source: str, target: str) -> None:
    assert codes(source, target) == []


@pytest.mark.parametrize(("source", "target"), NEAR_MISSES)
def test_near_misses_are_silent(source: str, target: str) -> None:
    assert codes(source, target) == []


@pytest.mark.parametrize(("source", "target", "code"), WRONG)
def test_wrong_values_are_found_and_both_places_are_shown(source: str, target: str, code: str) -> None:
    unit = TranslationUnit("1", "a", 1, 1, "text", 0, "zh-Hans", "en", source, target)
    (checked,) = check_units([unit], only=["numbers"])
    assert [issue.code for issue in checked.issues] == [code]
    (issue,) = checked.issues
    assert issue.severity == "error"
    (start, end), (target_start, target_end) = issue.source_spans[0], issue.target_spans[0]
    assert any(c in "0123456789一二三四五六七八九十百千万亿" for c in source[start:end])
    assert any(c.isdigit() for c in target[target_start:target_end])


def test_the_sentence_names_both_values() -> None:
    unit = TranslationUnit("1", "a", 1, 1, "text", 0, "zh-Hans", "en", "共1.5万余户。", "Over 150,000 households.")
    (checked,) = check_units([unit], only=["numbers"])
    assert checked.issues[0].message == "The source says 1.5万 (15,000), the target says 150,000."


def test_half_of_the_table_are_near_misses() -> None:
    assert len(NEAR_MISSES) >= 80
    assert 2 * len(NEAR_MISSES) >= len(SAME) + len(NEAR_MISSES) + len(WRONG)
