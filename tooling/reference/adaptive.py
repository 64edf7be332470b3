"""Golden numbers of the adaptive softmax, from PyTorch.

`torch.nn.AdaptiveLogSoftmaxWithLoss` in float64 with random weights: inputs,
weights, log-probabilities of all words, losses of targets that lie in every
cluster and at its borders, and the gradient of the mean loss by the inputs.

    python3 -m venv venv && venv/bin/pip install torch
    venv/bin/python adaptive.py ../../packages/transformer/test/adaptive-softmax.json
"""

import json
import sys

import torch

MODEL, WORDS, CUTOFFS, DIVISOR, SEED = 8, 11, [4, 7, 8], 2.0, 20
TARGETS = [3, 4, 6, 7, 8, 10, 0, 9]


def main(path):
    torch.manual_seed(SEED)
    softmax = torch.nn.AdaptiveLogSoftmaxWithLoss(
        MODEL, WORDS, CUTOFFS, div_value=DIVISOR, head_bias=True, dtype=torch.float64
    )
    with torch.no_grad():
        for weight in softmax.parameters():
            weight.copy_(torch.randn_like(weight).float())  # exact in float32
    features = torch.randn(len(TARGETS), MODEL).double().requires_grad_()
    output, loss = softmax(features, torch.tensor(TARGETS))
    (gradient,) = torch.autograd.grad(loss, features)
    numbers = {
        "cutoffs": CUTOFFS,
        "divisor": DIVISOR,
        "targets": TARGETS,
        "head": {"weight": softmax.head.weight, "bias": softmax.head.bias},
        "tails": [{"projection": inner.weight, "weight": outer.weight} for inner, outer in softmax.tail],
        "features": features,
        "logProbabilities": softmax.log_prob(features),
        "losses": -output,
        "loss": loss,
        "gradient": gradient,
    }
    plain = lambda x: (
        x.detach().tolist()
        if isinstance(x, torch.Tensor)
        else {k: plain(v) for k, v in x.items()} if isinstance(x, dict)
        else [plain(v) for v in x] if isinstance(x, list) and x and isinstance(x[0], dict)
        else x
    )
    with open(path, "w") as file:
        json.dump(plain(numbers), file)
        file.write("\n")


main(sys.argv[1])
