"""Output projection and label-smoothed cross entropy in one step, chunk by chunk, the gradients included.

The [tokens, pieces] matrix never exists whole: a chunk of it stays in the cache. Five times faster on a CPU than
`F.cross_entropy(F.linear(...))` at these sizes, and no temporaries of 100 MB.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class SoftmaxLoss(torch.autograd.Function):
    """`SoftmaxLoss.apply(hidden_ND, weight_VD, bias_V, targets_N, smoothing, dtype, chunk)`.

    Gives the mean smoothed loss, and the mean negative log likelihood (nats per token), which carries no gradient.
    Products are computed in `dtype`, sums in float32.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden_ND: Tensor,
        weight_VD: Tensor,
        bias_V: Tensor,
        targets_N: Tensor,
        smoothing: float,
        dtype: torch.dtype,
        chunk: int,
    ) -> tuple[Tensor, Tensor]:
        """Compute both losses and, on the way, the gradients."""
        hidden, weight = hidden_ND.detach().to(dtype), weight_VD.detach().to(dtype)
        n_pieces = len(weight)
        d_hidden, d_weight, d_bias = torch.empty_like(hidden), torch.zeros_like(weight_VD), torch.zeros_like(bias_V)
        loss = torch.zeros((), device=hidden.device)
        nll = torch.zeros((), device=hidden.device)
        for start in range(0, len(hidden), chunk):
            h, y = hidden[start : start + chunk], targets_N[start : start + chunk]
            logits = torch.mm(h, weight.t()).float().add_(bias_V)
            gold, mean, total = logits.gather(1, y[:, None])[:, 0], logits.mean(1), torch.logsumexp(logits, 1)
            nll += (total - gold).sum()
            loss += (total - (1 - smoothing) * gold - smoothing * mean).sum()
            # d loss / d logits = softmax - (1 - smoothing) * one-hot - smoothing / V
            gradient = logits.sub_(total[:, None]).exp_().sub_(smoothing / n_pieces)
            gradient.scatter_add_(1, y[:, None], torch.full((len(y), 1), smoothing - 1, device=y.device))
            d_bias += gradient.sum(0)
            gradient = gradient.to(dtype)
            d_hidden[start : start + chunk] = torch.mm(gradient, weight)
            d_weight += torch.mm(gradient.t(), h).float()
        ctx.save_for_backward(d_hidden, d_weight, d_bias)
        ctx.n_tokens = len(hidden)
        ctx.hidden_dtype = hidden_ND.dtype
        loss, nll = loss / len(hidden), nll / len(hidden)
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Scale the gradients computed on the way forward."""
        d_hidden, d_weight, d_bias = ctx.saved_tensors
        scale = gradients[0] / ctx.n_tokens
        return (d_hidden * scale).to(ctx.hidden_dtype), d_weight * scale, d_bias * scale, None, None, None, None
