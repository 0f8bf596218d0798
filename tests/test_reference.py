from __future__ import annotations

from pathlib import Path

from bilingual.bitext import TranslationUnit
from bilingual.encoders import load_encoder
from bilingual.pipeline import load_document
from bilingual.reference import Matched, match_reference
from command import Command

EXAMPLES = Path(__file__).parent.parent / "examples"
ENGLISH = (EXAMPLES / "news.en.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")


def no_encoder() -> None:
    raise AssertionError("a reference that lines up needs no encoder")


def match(reference: Path) -> Matched:
    """Match a reference to the example, whose "translation" is the human one, line by line."""
    source = load_document(EXAMPLES / "news.txt")
    units = [
        TranslationUnit(str(n), "news.txt", 1, n, "text", 0, "zh", "en", segment, english)
        for n, (segment, english) in enumerate(zip(source.segments, ENGLISH, strict=True))
    ]
    return match_reference(source, units, reference, load_encoder)


def test_lines_that_match_are_taken_one_by_one() -> None:
    source = load_document(EXAMPLES / "news.txt")
    units = [
        TranslationUnit(str(n), "news.txt", 1, n, "text", 0, "zh", "en", segment, "x")
        for n, segment in enumerate(source.segments)
    ]
    matched = match_reference(source, units, EXAMPLES / "news.en.txt", no_encoder)  # type: ignore[arg-type]
    assert (matched.references, matched.aligned, len(matched.by_unit)) == (tuple(ENGLISH), False, len(units))


def test_an_article_of_other_paragraphs_is_aligned_and_scores_the_same(tmp_path: Path) -> None:
    """The same English as the hypothesis, in paragraphs of three lines: every pair must find itself again."""
    path = tmp_path / "article.txt"
    path.write_text("\n\n".join(" ".join(ENGLISH[i : i + 3]) for i in range(0, len(ENGLISH), 3)), encoding="utf-8")
    matched = match(path)
    assert matched.aligned
    assert matched.hypotheses == matched.references
    assert (matched.source_covered, matched.reference_covered) == (1.0, 1.0)
    assert [round(score.score) for score in matched.scores()] == [100, 100, 0]
    pairs = f"Scored on {len(matched.hypotheses)} aligned pairs, 100% of the source and 100% of the reference."
    assert matched.lines()[-1].startswith(pairs)


def test_what_the_reference_leaves_out_is_not_scored_but_counted(tmp_path: Path) -> None:
    path = tmp_path / "half.txt"
    path.write_text("\n\n".join(ENGLISH[2:13]), encoding="utf-8")
    matched = match(path)
    assert matched.aligned
    assert matched.reference_covered == 1.0
    assert 0.6 < matched.source_covered < 0.9
    assert matched.hypotheses == matched.references


def test_the_command_says_that_it_aligned(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text("\n\n".join(" ".join(ENGLISH[i : i + 4]) for i in range(0, len(ENGLISH), 4)), encoding="utf-8")
    page = tmp_path / "news.html"
    done = command("translate", str(EXAMPLES / "news.txt"), "--reference", str(path), "-o", str(page))
    assert done.code == 0, done.err
    assert "compare only with scores made the same way" in done.err
    assert "By his count, the library lent 23,600 books" in page.read_text(encoding="utf-8")


def test_a_reference_of_something_else_is_refused(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text(
        "The committee met on Tuesday to discuss the budget of the harbour. Two members were absent.\n\n"
        "Afterwards there was tea. Nobody mentioned the broken crane, which had cost a fortune.\n" * 8
    )
    done = command(
        "translate", str(EXAMPLES / "governance.txt"), "--reference", str(path), "-o", str(tmp_path / "o.html")
    )
    assert done.code == 1
    assert "do not look like translations of each other" in done.err
    assert not (tmp_path / "o.html").exists()


def test_evaluate_aligns_to_the_sources_of_a_table_or_to_a_source_file(command: Command, tmp_path: Path) -> None:
    reference, lines = tmp_path / "article.txt", tmp_path / "lines.txt"
    reference.write_text("\n\n".join(" ".join(ENGLISH[i : i + 3]) for i in range(0, len(ENGLISH), 3)), encoding="utf-8")
    lines.write_text("\n".join(ENGLISH) + "\n", encoding="utf-8")
    plain = command("evaluate", str(lines), str(reference))
    assert plain.code == 1
    assert f"The hypothesis has {len(ENGLISH)} lines" in plain.err
    with_source = command("evaluate", str(lines), str(reference), "--source", str(EXAMPLES / "news.txt"))
    assert with_source.out.startswith("BLEU 100.0")
    assert "100% of the source and 100% of the reference" in with_source.err
    table = tmp_path / "news.tsv"
    assert command("translate", str(EXAMPLES / "news.txt"), "--beam", "1", "-o", str(table)).code == 0
    from_table = command("evaluate", str(table), str(reference))
    assert from_table.code == 0
    assert "aligned pairs" in from_table.err
