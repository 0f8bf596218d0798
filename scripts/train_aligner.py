"""Fit the weights of the aligner: python scripts/train_aligner.py DATA_DIR [-o FILE] [--folds] [--cache FOLDER].

DATA_DIR holds the sets mac_dev, aca, ntrex_synth and hello_algo (`scripts/aligner/gold_documents.py` says in which
form). Weights maximise the conditional likelihood of gold: a document's candidate beads are a lattice, the probability
of an alignment is exp(sum of its beads' scores) / Z, a score is a weighted sum of features. What is learned from:

- mac_dev (novels) and aca (papers) as they are, without paragraphs, and a copy of each with runs of beads that lost a
  side, and made-up paragraphs some of whose breaks are lost or spurious;
- ntrex_synth (news) without paragraphs;
- hello_algo (a textbook), whose gold beads are paragraphs, four times: without breaks, with all breaks, with 10 % of
  them lost and 3 % of the other boundaries given one, and with 30 and 10 %; they count less than the others.

`--folds` fits six more times, each time without a sixth of the documents (in all their copies), and prints strict and
lax F1 on the documents left out, and how far the confidences of novels and papers can be relied on; mac_dev has six
documents, so that each is left out alone. Every fit begins at zero. The lexicon and the pruning of hopeless beads are
the same in every fold. `--without NAME ...` leaves features out (`*` stands for any letters); `--ablate` repeats the
folds without each of `GROUPS` and prints the changes. A folder given as `--cache` keeps the features, as they were
pruned by the weights shipped at that time, until the code that measures them changes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bilingual.align.beads import BeadScores, score_bead_files
from bilingual.align.features import TYPES, type_class
from bilingual.align.potentials import load_weights
from bilingual.bitext import Bead
from bilingual.encoders import load_encoder

sys.path.insert(0, str(Path(__file__).parent / "aligner"))
from bead_lattices import BeadLattice, code_digest, load_or_measure
from gold_documents import GoldDocument, corrupted, joined_beads, read_gold_documents, with_breaks
from likelihood import FREENESS, best_alignments, fit, gather_beads
from reliability import print_reliability

FOLDS = 6
_JUDGED = ("mac_dev", "aca")
"""Sets whose confidences are held against gold."""
_SEED = 20191
_NEWS_WEIGHT = 1.5
"""So much that one-sided beads, of which a textbook has none, keep their chance."""
_TEXTBOOK_WEIGHT = 0.3
_MARKS = {"marks": (0.0, 0.0, 0.8), "marks 10/3": (0.1, 0.03, 0.4), "marks 30/10": (0.3, 0.1, 0.4)}
"""Columns of the table: share of breaks lost, share of other boundaries given one, how much the copy counts."""
GROUPS = {
    "cosine": ("[UL]_cos*",),
    "margin": ("[UL]_mlen*",),
    "trimmed spans": ("[UL]_trim*", "[UL]_split"),
    "lengths": ("z2*",),
    "end marks": ("[?] *", "end_*"),
    "quotation marks at the ends": ("quote_*",),
    "quotation marks counted": ("quotes_*",),
    "paragraph breaks": ("par_*",),
    "agreement of breaks": ("par_* agree",),
    "lone segments": ("*null_*", "*lone_*"),
    "lone segments and clauses": ("*lone_*",),
    "clauses at edges": ("[UL]_edge_*", "[UL]_lone_*"),
    "clauses at edges, lexicon": ("L_edge_*", "L_lone_*"),
    "clauses inside m-n": ("[UL]_edge_inside*",),
    "freeness": (FREENESS + "*",),
    "lexicon": ("L_*",),
    "sentence vectors": ("U_*",),
}
"""Features that `--ablate` leaves out together."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document to learn from, to score on, or both.

    Attributes:
        column: Of the table; empty when it is only learned from.
        fold: In which it is left out.
        weight: How much it counts in the loss.
    """

    document: GoldDocument
    lattice: BeadLattice
    column: str
    fold: int
    weight: float


def main() -> None:
    """Read, measure, fit, and write the weights or print the folds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="where the weights go; nothing is written without")
    parser.add_argument("--folds", action="store_true", help="score on the documents left out")
    parser.add_argument("--ablate", action="store_true", help="the same without each group of features")
    parser.add_argument("--cache", type=Path, help="folder for the measured features")
    parser.add_argument("--without", nargs="+", default=[], metavar="NAME", help="features to leave out")
    parser.add_argument("--also", nargs="+", default=[], metavar="NAME", help="measured features without a weight yet")
    parser.add_argument("--penalty", type=float, default=30.0)
    arguments = parser.parse_args()
    examples = gather_examples(arguments.data, arguments.cache)
    names = feature_names([example.lattice for example in examples], arguments.without, arguments.also)
    n_beads = sum(len(example.lattice.a) for example in examples)
    print(f"{len(examples)} documents, {n_beads} beads, {len(names)} weights", file=sys.stderr, flush=True)
    if arguments.folds:
        judged: list[tuple[float, bool]] = []
        print_table(left_out_scores(examples, names, arguments.penalty, judged=judged)["everything"])
        print_reliability(judged)
    if arguments.ablate:
        groups = {group: matching(names, patterns) for group, patterns in GROUPS.items()}
        print_ablation(left_out_scores(examples, names, arguments.penalty, groups), groups)
    if arguments.output:
        write_weights(names, fitted(examples, names, arguments.penalty), arguments.output)


def gather_examples(data: Path, cache: Path | None) -> list[Example]:
    """Read the sets, make the copies, measure all of them."""
    encoder, weights, digest = load_encoder(), load_weights(), code_digest()
    chance = random.Random(_SEED)
    examples = []
    for name in ("mac_dev", "aca", "ntrex_synth", "hello_algo"):
        for place, document in enumerate(read_gold_documents(data / name)):
            for column, copy, weight in copies(document, chance):
                lattice = load_or_measure(copy, encoder, weights, cache, digest)
                examples.append(Example(copy, lattice, column, place % FOLDS, weight))
        print(f"{name} measured", file=sys.stderr, flush=True)
    return examples


def copies(document: GoldDocument, chance: random.Random) -> list[tuple[str, GoldDocument, float]]:
    """Give the forms of a document that are learned from: (column of the table, document, weight)."""
    plain = (document.collection, document, 1.0)
    if document.zh_paragraphs:
        marked = [
            (f"{document.collection}, {name}", with_breaks(document, lost, spurious, chance), weight)
            for name, (lost, spurious, weight) in _MARKS.items()
        ]
        return [(document.collection, document, _TEXTBOOK_WEIGHT), *marked]
    if document.collection.startswith("ntrex"):
        return [(document.collection, document, _NEWS_WEIGHT)]
    return [plain, ("", corrupted(document, chance), 1.0)]


def feature_names(lattices: Sequence[BeadLattice], without: Sequence[str] = (), also: Sequence[str] = ()) -> list[str]:
    """List the measured features that the shipped weights or `also` name, and the freeness of each class of types."""
    wanted = {*load_weights().feature, *also}
    names = sorted({name for lattice in lattices for name in lattice.names} & wanted)
    names += sorted({FREENESS + type_class(a, b) for a, b in TYPES})
    left_out = matching(names, without)
    return [name for name in names if name not in left_out]


def matching(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """List the names that match one of some patterns as of file names."""
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def fitted(examples: Sequence[Example], names: Sequence[str], penalty: float) -> NDArray[np.float64]:
    """Fit the weights to examples."""
    beads = gather_beads([example.lattice for example in examples], names)
    shares = np.array([example.weight for example in examples])
    return fit(beads, penalty=penalty, document_weights=shares)[0]


def left_out_scores(
    examples: Sequence[Example],
    names: Sequence[str],
    penalty: float,
    without: Mapping[str, Sequence[str]] = MappingProxyType({}),
    judged: list[tuple[float, bool]] | None = None,
) -> dict[str, dict[str, BeadScores]]:
    """Score every document by weights fitted without it: F1 by column, pooled over all documents.

    Args:
        examples: All.
        names: Of the features.
        penalty: Of the fits.
        without: Names of groups, and the features of each: the fits are repeated without them, each from the weights of
            its own fold.
        judged: Gets the confidence of each bead of `_JUDGED`, and whether it is right.

    Returns:
        For "everything" and every group the scores by column.
    """
    pairs: dict[tuple[str, str], list[tuple[list[Bead], list[Bead]]]] = {}
    for fold in range(FOLDS):
        trained = [example for example in examples if example.fold != fold]
        tested = [example for example in examples if example.fold == fold and example.column]
        if not tested:
            continue
        shares = np.array([example.weight for example in trained])
        beads, others = (gather_beads([example.lattice for example in some], names) for some in (trained, tested))
        full: NDArray[np.float64] | None = None
        for group, features in {"everything": (), **without}.items():
            kept = np.array([name not in features for name in names])
            weights = fit(
                beads.keep(kept), penalty=penalty, document_weights=shares, start=None if full is None else full[kept]
            )[0]
            full = weights if full is None else full
            for example, path in zip(tested, best_alignments(others.keep(kept), weights), strict=True):
                pairs.setdefault((group, example.column), []).append(scored_pair(example.document, path))
                if judged is not None and example.column in _JUDGED:
                    judged += [(chance, (source, target) in example.document.beads) for source, target, chance in path]
            print(f"fold {fold + 1} of {FOLDS}, {group}", file=sys.stderr, flush=True)
    scores: dict[str, dict[str, BeadScores]] = {}
    for (group, column), documents in pairs.items():
        scores.setdefault(group, {})[column] = score_bead_files(documents)
    return scores


def scored_pair(
    document: GoldDocument, path: Sequence[tuple[tuple[int, ...], tuple[int, ...], float]]
) -> tuple[list[Bead], list[Bead]]:
    """Give hypothesis and gold in the form that is scored: with gold of paragraphs their beads are joined."""
    gold = [Bead(source, target) for source, target in document.beads]
    if document.zh_paragraphs:
        return list(joined_beads([(source, target) for source, target, _ in path], document)), gold
    return [Bead(*bead) for bead in path], gold


def print_table(scores: dict[str, BeadScores]) -> None:
    """Print a Markdown table."""
    print("| set | strict F1 | lax F1 |\n|---|---|---|")
    for column, score in scores.items():
        print(f"| {column} | {score.strict_f1:.4f} | {score.lax_f1:.4f} |")


def print_ablation(scores: dict[str, dict[str, BeadScores]], groups: Mapping[str, Sequence[str]]) -> None:
    """Print a Markdown table: strict F1 with everything, and the change without each group, in thousandths."""
    full = scores["everything"]
    print("| without | features |", *(f"{column} |" for column in full))
    print("|---|---|" + "---|" * len(full))
    print("| nothing | |", *(f"{score.strict_f1:.4f} |" for score in full.values()))
    for group, features in groups.items():
        changes = [1000 * (scores[group][column].strict_f1 - score.strict_f1) for column, score in full.items()]
        print(f"| {group} | {len(features)} |", *(f"{change:+.1f} |" for change in changes))


def write_weights(names: Sequence[str], weights: NDArray[np.float64], path: Path) -> None:
    """Write weights in the form that `bilingual.align.potentials` loads."""
    rounded = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    data = {
        "feature": {name: weight for name, weight in rounded.items() if not name.startswith(FREENESS)},
        "freeness": {
            name.removeprefix(FREENESS): weight for name, weight in rounded.items() if name.startswith(FREENESS)
        },
    }
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
