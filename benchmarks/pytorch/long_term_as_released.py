"""Long-term memory and attention in the operations and layouts of the authors' code."""

import math

import torch
from torch import nn
from torch.nn import functional as F

import basis


class ContinuousSoftmax(torch.autograd.Function):
    """r_j = E_p[psi_j] of Gaussian densities p given by theta = (mu/s2, -1/(2 s2)), `[n, 2]` -> `[n, N]`.

    Backward: Cov(phi, psi_j) = E[phi psi_j] - E[phi] E[psi_j] with phi(t) = (t, t^2).
    """

    @staticmethod
    def forward(ctx, theta, centers, widths):
        variance = -0.5 / theta[:, 1:2]
        mean = theta[:, 0:1] * variance
        total = variance + widths**2
        r = torch.exp(-0.5 * (mean - centers) ** 2 / total) / torch.sqrt(2 * math.pi * total)
        ctx.save_for_backward(mean, variance, r, centers, widths)
        return r

    @staticmethod
    def backward(ctx, grad):
        mean, variance, r, centers, widths = ctx.saved_tensors
        total = variance + widths**2
        product_mean = (centers * variance + mean * widths**2) / total
        product_variance = variance * widths**2 / total
        first = r * product_mean - mean * r
        second = r * (product_mean**2 + product_variance) - (mean**2 + variance) * r
        covariance = torch.stack([first, second], dim=1)  # [n, 2, N]
        return torch.matmul(covariance, grad.unsqueeze(2)).squeeze(2), None, None


class LongTermAttention(nn.Module):
    """One layer's long-term memory, a hidden attribute that outlives the call, and attention over it.

    `clamp` is the least variance; `mean_prior` adds (mu - mu_0)^2 / sigma_0^2 to the penalty.
    """

    def __init__(self, heads, head_size, model_size, length, memory, mask=True, clamp=1e-6, prior=(0.05, None)):
        super().__init__()
        count, widths = memory["basisCount"], memory["basisWidths"]
        samples, ridge = memory["sampleCount"], memory["ridge"]
        self.heads, self.head_size, self.clamp = heads, head_size, clamp
        self.prior_width, self.prior_mean = prior
        inner = heads * head_size
        self.proj_query = nn.Linear(model_size, inner, bias=False)
        self.proj_key = nn.Linear(model_size, inner, bias=False)
        self.proj_value = nn.Linear(model_size, inner, bias=False)
        self.attn_out = nn.Linear(inner, model_size, bias=False)
        self.mask_net = nn.Conv1d(model_size, model_size, kernel_size=3, padding=1) if mask else None
        self.mu = nn.Linear(count, 1, bias=False)
        self.sigma = nn.Linear(count, 1, bias=False)
        centers, spread = basis.grid(count, widths)
        constants = {
            "centers": centers[None],
            "widths": spread[None],
            "G": basis.first_fit(length, count, widths, ridge),
            "G_inf": basis.next_fit(length, samples, memory["contraction"], count, widths, ridge),
            "samples": basis.past_samples(samples, count, widths),
        }
        for name, value in constants.items():
            self.register_buffer(name, value.float(), persistent=False)
        self.B_past = None
        self.seen = {}

    def update(self, x):
        """Coefficients `[B, N, e]` after the rows x, `[B, e, L]`, have been taken in."""
        if self.B_past is None:
            return torch.matmul(x, self.G).permute(0, 2, 1)
        past = torch.matmul(self.B_past.permute(0, 2, 1), self.samples.T)
        return torch.matmul(torch.cat([past, x], dim=2), self.G_inf).permute(0, 2, 1)

    def forward(self, k, q, new_doc, update=True):
        """k `[L, B, e]` rows to take in, q `[Q, B, heads * head_size]` -> `[Q, B, e]`, penalty `[B, heads * Q]`."""
        if new_doc:
            self.B_past = None
        if update:
            x = k.permute(1, 2, 0)
            if self.mask_net is not None:
                gate = torch.sigmoid(self.mask_net(x))
                x = gate * x
                self.seen["gate"] = gate
            B = self.update(x)
            self.B_past = B.detach()
        else:
            B = self.B_past
        batch, queries, count = B.size(0), q.size(0), B.size(1)
        keys = self.proj_key(B).view(batch, count, self.heads, self.head_size).transpose(1, 2)
        values = self.proj_value(B).view(batch, count, self.heads, self.head_size).transpose(1, 2)
        query = q.permute(1, 0, 2).reshape(batch, queries, self.heads, self.head_size).transpose(1, 2)
        query = query / self.head_size**0.5
        scores = torch.matmul(query, keys.transpose(-1, -2))
        mu = torch.sigmoid(self.mu(scores)).view(-1)
        variance = torch.clamp(F.softplus(self.sigma(scores)), min=self.clamp).view(-1)
        mean_term = 0 if self.prior_mean is None else (mu - self.prior_mean) ** 2
        ratio = (variance + mean_term) / self.prior_width**2
        kl = 0.5 * (ratio - torch.log(variance / self.prior_width**2) - 1)
        theta = torch.zeros(batch * self.heads * queries, 2)
        theta[:, 0] = mu / variance
        theta[:, 1] = -1 / (2 * variance)
        r = ContinuousSoftmax.apply(theta, self.centers, self.widths)
        r = r.view(batch, self.heads, queries, count)
        context = torch.matmul(r, values).permute(2, 0, 1, 3).contiguous()
        out = self.attn_out(context.view(queries, batch, self.heads * self.head_size))
        self.seen.update(B=B, mu=mu, variance=variance)
        return out, kl.view(batch, self.heads * queries)
