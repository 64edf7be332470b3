"""As released against careful on random weights at size a without dropout: loss, every gradient, generated tokens.

Limit: 1e-4 of the greatest element of a tensor, and an absolute 1e-9 for gradients that are next to nothing.
"""

import torch

import generate_as_released
import generate_careful
import memory_update
import sizes
from step_compressive import CompressiveStep
from step_sorting import SortingStep

LIMIT = 1e-4
SIZE = "a"


def share(got, want):
    return ((got - want).abs().max() / (LIMIT * want.abs().max() + 1e-9)).item()


def without_dropout(make):
    size = sizes.ALL["sorting"][SIZE]
    dropout, size["dropout"] = size["dropout"], 0
    try:
        return make()
    finally:
        size["dropout"] = dropout


def steps(model):
    """Greatest share of the limit in loss and gradients of one step, and how many tensors were compared."""
    if model == "compressive":
        both = [without_dropout(lambda v=v: CompressiveStep(SIZE, v, 1)) for v in ("as-released", "careful")]
        released, careful = both
        torch.nn.init.normal_(released.model.pos_emb, 0, 0.02)
        careful.model.load_authors(released.model.state_dict())
        names = careful.model.names()
    else:
        both = [without_dropout(lambda v=v: SortingStep(model, SIZE, v, 1)) for v in ("as-released", "careful")]
        released, careful = both
        own = careful.model.state_dict()
        careful.model.load_state_dict({n: t for n, t in released.model.state_dict().items() if n in own})
        names = {name: name for name, _ in careful.model.named_parameters()}
    generator = torch.Generator().manual_seed(7)
    from sorting_data import batch

    size = released.size
    data = batch(size["batch"], size["segments"] * size["segmentLength"] - size["answers"], generator)
    losses = [one.loss(*data) for one in both]
    for loss in losses:
        loss.backward()
    wanted = {n: p.grad for n, p in released.model.named_parameters() if p.grad is not None}
    got = {names[n]: p.grad for n, p in careful.model.named_parameters()}
    if got.keys() != wanted.keys():
        raise AssertionError(f"{model}: gradients of {sorted(got.keys() ^ wanted.keys())} have no counterpart")
    shares = [(share(losses[1].detach(), losses[0].detach()), "loss")]
    shares += [(share(got[n], wanted[n]), n) for n in wanted]
    return max(shares), len(shares)


def generation(model, sequences, tokens):
    """Whether both variants write the same tokens, over the border of a segment."""
    released = generate_as_released.Generation(model, SIZE, sequences, 1)
    careful = generate_careful.Generation(model, SIZE, sequences, 1, weights=released.model.state_dict())
    worst = 0.0
    for _ in range(tokens):
        released.run(1)
        careful.run(1)
        # Both go on with the token of the one as released, so that a tie cannot part them.
        want = released.model.proj_output(released.mems[-1][-1])
        worst = max(worst, share(careful.logits[:, 0], want))
        careful.token = released.token.t().clone()
    return worst


def update():
    """The context read after three updates."""
    both = [memory_update.MemoryUpdate(SIZE, v, 1) for v in ("as-released", "careful")]
    both[1].layer.load_state_dict({n: t for n, t in both[0].layer.state_dict().items() if "query" not in n})
    both[1].rows, both[1].queries = both[0].rows, both[0].queries
    both[0].layer.B_past = both[1].coefficients = None
    with torch.inference_mode():
        for _ in range(3):
            want, got = (one.update() for one in both)
    return share(got, want.transpose(0, 1))


def run():
    """Yields a line and whether it is good."""
    for model in ("infinite-former", "transformer-xl", "compressive"):
        (worst, name), count = steps(model)
        yield f"{model}: a step, loss and gradients of {count} tensors: {worst:.3f} of the limit ({name})", worst <= 1
    for model in ("infinite-former", "transformer-xl"):
        with torch.inference_mode():
            worst = generation(model, 2, 270)
        yield f"{model}: logits of 270 generated tokens: {worst:.3f} of the limit", worst <= 1
    worst = update()
    yield f"memory update: {worst:.3f} of the limit", worst <= 1
