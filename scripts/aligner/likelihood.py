"""The conditional likelihood of gold, its gradient, its maximum, and the best alignments under some weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from bead_lattices import BeadLattice
from numpy.typing import NDArray
from scipy.optimize import minimize

from bilingual.align.potentials import MEAN_FREENESS

__all__ = ["FREENESS", "Beads", "best_alignments", "fit", "gather_beads", "loss"]

FREENESS = "freeness "
"""Prefix of the features that are the freeness of a document, for one class of types each."""
_NOWHERE = -1e9
"""Stands for log 0; finite, so that differences stay numbers."""

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Step = tuple[slice, _Ints, _Ints]
"""Beads lo .. hi of an order, where each node's beads begin among them, and those nodes."""


@dataclass(frozen=True, slots=True)
class _Paths:
    """Some of the beads, and the order in which sums over paths of them are computed.

    Attributes:
        beads: Numbers of the beads.
        start, end: Numbers of the nodes each leads from and to.
        forward, backward: Orders of them, and the steps in which nodes are computed (by i + j).
    """

    beads: _Ints
    start: _Ints
    end: _Ints
    forward: tuple[_Ints, list[_Step]]
    backward: tuple[_Ints, list[_Step]]


@dataclass(frozen=True, slots=True)
class Beads:
    """The candidate beads of many documents as one list.

    Attributes:
        features: float32 [n_beads, n_features].
        gold: bool [n_beads].
        document: Number of each bead's document.
        a, b, i, j: Types and start nodes.
        root, final: First and last node of each document.
        free, held: All paths, and those that agree with gold.
    """

    features: NDArray[np.float32]
    gold: NDArray[np.bool_]
    document: _Ints
    a: _Ints
    b: _Ints
    i: _Ints
    j: _Ints
    root: _Ints
    final: _Ints
    n_nodes: int
    free: _Paths
    held: _Paths

    def keep(self, columns: NDArray[np.bool_]) -> Beads:
        """Keep some of the features."""
        return self if columns.all() else replace(self, features=np.ascontiguousarray(self.features[:, columns]))


def gather_beads(lattices: Sequence[BeadLattice], names: Sequence[str]) -> Beads:
    """Put the beads of documents side by side.

    Args:
        lattices: One for each document.
        names: The features wanted, in the order of the columns; `FREENESS` + a class of types is one too.
    """
    document = np.repeat(np.arange(len(lattices)), [len(lattice.a) for lattice in lattices])
    a, b, i, j = (
        np.concatenate([getattr(lattice, side) for lattice in lattices]).astype(np.int64)
        for side in ("a", "b", "i", "j")
    )
    width = 1 + max(max(lattice.n_source, lattice.n_target) for lattice in lattices)
    start_key, end_key = (document * width + i) * width + j, (document * width + i + a) * width + j + b
    sizes = np.array([(lattice.n_source, lattice.n_target) for lattice in lattices])
    number = np.arange(len(lattices))
    root_key, final_key = number * width * width, (number * width + sizes[:, 0]) * width + sizes[:, 1]
    nodes = np.unique(np.concatenate([start_key, end_key]))
    start, end, root, final = (np.searchsorted(nodes, key) for key in (start_key, end_key, root_key, final_key))
    diagonal = nodes // width % width + nodes % width
    gold = np.concatenate([lattice.gold for lattice in lattices])
    every = np.arange(len(gold))
    free, held = (
        _Paths(
            some, start[some], end[some], _steps(diagonal[end[some]], end[some]),
            _steps(-diagonal[start[some]], start[some]),
        )
        for some in (every, every[gold])
    )  # fmt: skip
    return Beads(
        features=np.concatenate([_columns(lattice, names) for lattice in lattices]),
        gold=gold, document=document, a=a, b=b, i=i, j=j, root=root, final=final, n_nodes=len(nodes), free=free,
        held=held,
    )  # fmt: skip


def loss(beads: Beads, weights: _Floats, document_weights: _Floats | None = None) -> tuple[float, _Floats]:
    """Compute minus the log likelihood of gold and its gradient.

    L = sum over documents of log Z(all paths) - log Z(paths that agree with gold); dL/dw is the difference of the
    expected features. A document in which no path agrees with gold is left out.

    Args:
        beads: Of the documents.
        weights: float64 [n_features].
        document_weights: float64 [n_documents], how much each counts; 1 without.
    """
    score = (beads.features @ weights.astype(np.float32)).astype(np.float64)
    difference, free_z = _posteriors(beads, beads.free, score)
    held, held_z = _posteriors(beads, beads.held, score)
    share = np.ones(len(beads.root)) if document_weights is None else document_weights
    share = np.where(held_z > _NOWHERE / 2, share, 0.0)
    difference[beads.held.beads] -= held
    difference *= share[beads.document]
    gradient = (difference.astype(np.float32) @ beads.features).astype(np.float64)
    return float((share * (free_z - held_z)).sum()), gradient


def fit(
    beads: Beads,
    *,
    penalty: float = 30.0,
    iterations: int = 100,
    document_weights: _Floats | None = None,
    start: _Floats | None = None,
) -> tuple[_Floats, float]:
    """Minimise the loss plus penalty / 2 times the squared weights, in units of each feature's root mean square.

    Returns:
        The weights, and the penalised loss there. L-BFGS from `start`, or zero. With a penalty of 5 text books and
        breaks lose half a point; from 20 to 60 it is flat.
    """
    square = np.einsum("ij,ij->j", beads.features, beads.features, dtype=np.float64) / len(beads.features)
    scale = np.maximum(np.sqrt(square), 1e-6)

    def objective(scaled: _Floats) -> tuple[float, _Floats]:
        value, gradient = loss(beads, scaled / scale, document_weights)
        return value + penalty / 2 * float(scaled @ scaled), gradient / scale + penalty * scaled

    options = {"maxiter": iterations, "maxcor": 20, "ftol": 1e-5}
    result = minimize(
        objective,
        np.zeros(len(scale)) if start is None else start * scale,
        jac=True,
        method="L-BFGS-B",
        options=options,
    )
    return result.x / scale, float(result.fun)


def best_alignments(beads: Beads, weights: _Floats) -> list[list[tuple[tuple[int, ...], tuple[int, ...], float]]]:
    """Decode every document: the beads of its best path, each with its posterior."""
    score = (beads.features @ weights.astype(np.float32)).astype(np.float64)
    probability, _ = _posteriors(beads, beads.free, score)
    order, steps = beads.free.forward
    best = np.full(beads.n_nodes, _NOWHERE)
    best[beads.root] = 0.0
    came_by = np.full(beads.n_nodes, -1)
    for part, firsts, nodes in steps:
        value = best[beads.free.start[order[part]]] + score[order[part]]
        best[nodes] = np.maximum.reduceat(value, firsts)
        owner = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(value))))
        winners = np.flatnonzero(value == best[nodes][owner])
        came_by[nodes[owner[winners]]] = order[part][winners]
    result = []
    for root, node in zip(beads.root.tolist(), beads.final.tolist(), strict=True):
        path = []
        while node != root:
            bead = int(came_by[node])
            i, j, a, b = (int(values[bead]) for values in (beads.i, beads.j, beads.a, beads.b))
            path.append((tuple(range(i, i + a)), tuple(range(j, j + b)), float(probability[bead])))
            node = int(beads.free.start[bead])
        result.append(path[::-1])
    return result


def _columns(lattice: BeadLattice, names: Sequence[str]) -> NDArray[np.float32]:
    """Pick features by name; what a document does not have is 0 there."""
    place = {name: number for number, name in enumerate(lattice.names)}
    result = np.zeros((len(lattice.a), len(names)), np.float32)
    for column, name in enumerate(names):
        if name in place:
            result[:, column] = lattice.features[:, place[name]]
        elif name.startswith(FREENESS):
            of_class = f"type {name.removeprefix(FREENESS)}"
            if of_class in place:
                result[:, column] = lattice.features[:, place[of_class]] * (lattice.freeness - MEAN_FREENESS)
    return result


def _posteriors(beads: Beads, paths: _Paths, score: _Floats) -> tuple[_Floats, _Floats]:
    """Compute the probability of every bead of the paths, and log Z of every document."""
    own = score[paths.beads]
    alpha = _sweep(beads.n_nodes, beads.root, paths.start, own, *paths.forward)
    beta = _sweep(beads.n_nodes, beads.final, paths.end, own, *paths.backward)
    log_z = alpha[beads.final]
    with np.errstate(under="ignore"):
        through = alpha[paths.start] + own + beta[paths.end] - log_z[beads.document[paths.beads]]
        probability = np.exp(np.minimum(through, 0.0))
    return probability, log_z


def _sweep(n_nodes: int, seeds: _Ints, other: _Ints, score: _Floats, order: _Ints, steps: Sequence[_Step]) -> _Floats:
    """Sum over paths from the seeds to every node; `other` is the node at the far end of each bead."""
    value = np.full(n_nodes, _NOWHERE)
    value[seeds] = 0.0
    for part, firsts, nodes in steps:
        value[nodes] = np.logaddexp.reduceat(value[other[order[part]]] + score[order[part]], firsts)
    result: _Floats = np.maximum(value, _NOWHERE)
    return result


def _steps(level: _Ints, node: _Ints) -> tuple[_Ints, list[_Step]]:
    """Order beads by level, then by node, and find the runs."""
    order = np.lexsort((node, level))
    sorted_level, sorted_node = level[order], node[order]
    edges = np.concatenate(([0], np.flatnonzero(np.diff(sorted_level)) + 1, [len(order)]))
    steps = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = sorted_node[first:last]
        firsts = np.concatenate(([0], np.flatnonzero(np.diff(part)) + 1))
        steps.append((slice(first, last), firsts, part[firsts]))
    return order, steps
