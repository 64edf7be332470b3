"""The authors' initialisation of the sorting models."""

import torch
from torch import nn


@torch.no_grad()
def initialise(model):
    """Linear maps, embeddings and attention biases ~ N(0, .02); norms ~ N(1, .02); the gate keeps PyTorch's."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            module.weight.normal_(0, 0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, nn.LayerNorm):
            module.weight.normal_(1, 0.02)
            module.bias.zero_()
    for bias in (model.r_w_bias, model.r_r_bias):
        bias.normal_(0, 0.02)
    return model
