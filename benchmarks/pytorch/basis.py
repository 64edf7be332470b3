"""Gaussian basis functions on [0, 1] and the ridge fits of the authors' code, in float64.

psi_j(t) = N(t; c_j, w_j^2). A fit G maps rows at known positions to the
coefficients of all N functions: B = G^T X. It is made with positions continued
beyond [0, 1] on both sides and cut to the rows that exist.
"""

import math

import torch


def grid(count, widths):
    """Centers and widths, `[N]` each; the width runs fastest."""
    centers = torch.linspace(0, 1, count // len(widths), dtype=torch.float64)
    return (
        centers.repeat_interleave(len(widths)),
        torch.tensor(widths, dtype=torch.float64).repeat(len(centers)),
    )


def design(positions, count, widths):
    """All functions at all positions, `[positions, N]`."""
    centers, spread = grid(count, widths)
    z = (positions[:, None] - centers) / spread
    return torch.exp(-0.5 * z * z) / (spread * math.sqrt(2 * math.pi))


def _fit(positions, count, widths, ridge):
    rows = design(positions, count, widths)
    gram = rows.T @ rows + ridge * torch.eye(count, dtype=torch.float64)
    return torch.linalg.solve(gram, rows.T).T


def first_fit(length, count, widths, ridge):
    """Fit of the first segment of a document, `[length, N]`."""
    if length % 2 == 0:
        step, size, cut = 1 / (2 * length), 2 * length, length // 2
    else:
        step, size, cut = 1 / length, 2 * length - 1, (length - 1) // 2
    positions = torch.linspace(-0.5 + step, 1.5 - step, size, dtype=torch.float64)
    return _fit(positions, count, widths, ridge)[cut : cut + length]


def next_fit(length, samples, contraction, count, widths, ridge):
    """Fit of `samples` rows of the past, squeezed, and a new segment: `[samples + length, N]`."""
    old = torch.arange(1, samples + 1, dtype=torch.float64) * contraction / samples
    new = contraction + (1 - contraction) * torch.arange(1, length + 1, dtype=torch.float64) / length
    shift = 1 / (2 * length + samples)
    line = torch.linspace(-0.5 + shift, 1.5 - shift, 2 * (samples + length), dtype=torch.float64)
    before, after = line[line < 0], line[line > 1]
    rows = _fit(torch.cat([before, old, new, after]), count, widths, ridge)
    return rows[len(before) : len(before) + samples + length]


def past_samples(samples, count, widths):
    """All functions at the positions i/M where the past is read, `[samples, N]`."""
    return design(torch.arange(1, samples + 1, dtype=torch.float64) / samples, count, widths)
