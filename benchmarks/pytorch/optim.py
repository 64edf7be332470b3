"""Gradient, clipping and update of one step."""

import torch


class AsReleased:
    """Adam as torch makes it by default; clipping over all parameters."""

    def __init__(self, model, learning_rate, clip_norm):
        self.model, self.clip_norm = model, clip_norm
        self.adam = torch.optim.Adam(model.parameters(), lr=learning_rate)

    def step(self, loss):
        self.adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm)
        self.adam.step()


class Careful:
    """Adam as one fused operation; clipping with lists of tensors."""

    def __init__(self, model, learning_rate, clip_norm):
        self.parameters, self.clip_norm = list(model.parameters()), clip_norm
        self.adam = torch.optim.Adam(self.parameters, lr=learning_rate, fused=True)

    def step(self, loss):
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, self.clip_norm, foreach=True)
        self.adam.step()
