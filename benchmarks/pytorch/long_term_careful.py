"""Long-term memory and attention as a careful PyTorch engineer would write them.

The past is carried by one composed product, mu and sigma^2 come from q . (K w)
without the score matrix, and coefficients are kept width by width, so that the
N functions of a read-out are two dense blocks over the same centers.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

import basis


class ExpectedBasis(torch.autograd.Function):
    """E_p[psi] of densities N(mean, variance), `[n]` each -> `[n, W, C]`, gradients straight to mean and variance."""

    @staticmethod
    def forward(ctx, mean, variance, centers, squared_widths):
        distance = mean[:, None] - centers
        total = variance[:, None] + squared_widths
        scale = torch.log(2 * math.pi * total).mul_(-0.5)
        r = torch.addcmul(scale[:, :, None], (distance * distance)[:, None], (-0.5 / total)[:, :, None]).exp_()
        ctx.save_for_backward(distance, total, r)
        return r

    @staticmethod
    def backward(ctx, grad):
        distance, total, r = ctx.saved_tensors
        inverse = 1 / total
        weighted = grad * r
        zeroth = weighted.sum(2)
        weighted.mul_(distance[:, None])
        first = weighted.sum(2)
        second = weighted.mul_(distance[:, None]).sum(2)
        mean = -(first * inverse).sum(1)
        variance = (0.5 * inverse * (second * inverse - zeroth)).sum(1)
        return mean, variance, None, None


class LongTermAttention(nn.Module):
    """Parameters named as the authors' name them; the memory itself is a value, `[B, N, model]`."""

    def __init__(self, heads, head_size, model_size, length, memory, mask=True, clamp=1e-6, prior=(0.05, None)):
        super().__init__()
        count, widths, samples = memory["basisCount"], memory["basisWidths"], memory["sampleCount"]
        self.heads, self.head_size, self.clamp = heads, head_size, clamp
        self.prior_width, self.prior_mean = prior
        self.widths = len(widths)
        inner = heads * head_size
        self.proj_key = nn.Linear(model_size, inner, bias=False)
        self.proj_value = nn.Linear(model_size, inner, bias=False)
        self.attn_out = nn.Linear(inner, model_size, bias=False)
        self.mask_net = nn.Conv1d(model_size, model_size, kernel_size=3, padding=1) if mask else None
        self.mu = nn.Linear(count, 1, bias=False)
        self.sigma = nn.Linear(count, 1, bias=False)
        centers, _ = basis.grid(count, widths)
        order = torch.arange(count).view(-1, self.widths).t().reshape(-1)
        first = basis.first_fit(length, count, widths, memory["ridge"])[:, order].t()
        both = basis.next_fit(length, samples, memory["contraction"], count, widths, memory["ridge"])[:, order].t()
        read = basis.past_samples(samples, count, widths)[:, order]
        constants = {
            "centers": centers[:: self.widths],
            "squared_widths": torch.tensor(widths, dtype=torch.float64) ** 2,
            "first": first,
            "carry": both[:, :samples] @ read,
            "take": both[:, samples:],
        }
        for name, value in constants.items():
            self.register_buffer(name, value.float().contiguous(), persistent=False)

    def gated(self, rows):
        """rows `[B, L, model]` times their gate."""
        if self.mask_net is None:
            return rows
        length, size = rows.shape[1:]
        padded = F.pad(rows, (0, 0, 1, 1))
        windows = torch.cat([padded[:, i : i + length] for i in range(3)], dim=2)
        kernel = self.mask_net.weight.permute(0, 2, 1).reshape(size, 3 * size)
        return torch.sigmoid(F.linear(windows, kernel, self.mask_net.bias)) * rows

    def absorb(self, past, rows):
        """The coefficients, `[B, N, model]`, after the rows; past: the ones before, without gradient, or None."""
        x = self.gated(rows)
        if past is None:
            return torch.matmul(self.first, x)
        return torch.baddbmm(torch.matmul(self.carry, past), self.take.expand(len(x), -1, -1), x)

    def keyed(self, coefficients):
        """What densities need of the keys, scaled: `[h, B, d, 2]`."""
        maps = torch.cat([self.mu.weight, self.sigma.weight])
        maps = maps.view(2, -1, self.widths).transpose(1, 2).reshape(2, -1)
        keys = self.proj_key(torch.matmul(maps, coefficients)) * self.head_size**-0.5
        return keys.view(-1, 2, self.heads, self.head_size).permute(2, 0, 3, 1)

    def values(self, coefficients):
        """`[h, B, N, d]`"""
        batch, count, _ = coefficients.shape
        return self.proj_value(coefficients).view(batch, count, self.heads, self.head_size).permute(2, 0, 1, 3)

    def densities(self, q, keyed):
        """mu and sigma^2, `[h, B, L]` each."""
        logits = torch.matmul(q, keyed)
        return torch.sigmoid(logits[..., 0]), F.softplus(logits[..., 1]).clamp(min=self.clamp)

    def penalty(self, mean, variance):
        """`[h, B, L]`"""
        term = variance if self.prior_mean is None else variance + (mean - self.prior_mean) ** 2
        return 0.5 * (term / self.prior_width**2 - torch.log(variance / self.prior_width**2) - 1)

    def read(self, mean, variance, values):
        """`[B, L, model]`"""
        heads, batch, queries = mean.shape
        r = ExpectedBasis.apply(mean.reshape(-1), variance.reshape(-1), self.centers, self.squared_widths)
        context = torch.matmul(r.view(heads, batch, queries, -1), values)
        return self.attn_out(context.permute(1, 2, 0, 3).reshape(batch, queries, heads * self.head_size))
