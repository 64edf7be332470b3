"""Fixture kind `long_term_attention`: one layer's memory over successive segments, forward and every gradient."""

import torch

import long_term_as_released
import long_term_careful

CLAMPS = {"sort": 1e-6, "gpt2": 1e-4}


def not_covered(hyper):
    if hyper["attn"] != "softmax":
        return f"{hyper['attn']} density"
    if hyper["sticky"]:
        return "sticky memories"
    if not hyper["affines"]:
        return "densities without affine maps"
    if hyper["style"] == "doc":
        return "the dialogue copy"
    return None


def memory_sizes(hyper):
    """Sizes of a fixture's memory under the names of sizes.json."""
    return {
        "basisCount": hyper["N"],
        "basisWidths": hyper["sigmas"],
        "sampleCount": hyper["nb_samples"],
        "contraction": hyper["tau"],
        "ridge": hyper["ridge"],
    }


def prior(hyper, style):
    """sigma_0 and the mean of the penalty; the GPT-2 copy takes the form with a mean where mu_0 is not positive."""
    mean = hyper["mu_0"]
    if style == "gpt2" and mean is not None and mean > 0:
        mean = None
    return hyper["sigma_0"], mean


def check(fixture, variant):
    hyper = fixture.hyper
    sizes = (hyper["heads"], hyper["d_head"], hyper["e"], hyper["L"], memory_sizes(hyper), hyper["mask"])
    options = {"clamp": hyper["s2_clamp_min"], "prior": prior(hyper, hyper["style"])}
    module = long_term_as_released if variant == "as-released" else long_term_careful
    layer = module.LongTermAttention(*sizes, **options)
    weights = fixture.weights()
    if variant == "careful":
        del weights["proj_query.weight"]
    layer.load_state_dict(weights)
    inputs = {n: t.clone().requires_grad_() for n, t in fixture.tensors.items() if n.endswith((".k", ".q"))}
    run = as_released if variant == "as-released" else careful
    loss = 0.0
    state = None
    segments = sum(name.endswith(".k") and name.startswith("seg") for name in fixture.tensors)
    for segment in range(1, segments + 1):
        at = f"seg{segment}."
        reset = segment in hyper["memory_reset_before_segments"]
        got, state = run(layer, inputs[f"{at}k"], inputs[f"{at}q"], None if reset else state)
        for name, value in got.items():
            fixture.compare(at + name, value)
        loss = loss + (got["out"] * fixture.tensors[f"{at}W"]).sum()
        loss = loss + hyper["kl_coefficient_in_loss"] * got["kl"].mean()
    fixture.compare("loss", loss)
    loss.backward()
    for name, tensor in inputs.items():
        fixture.compare(f"grad.{name}", tensor.grad)
    for name, parameter in layer.named_parameters():
        if parameter.grad is not None:
            fixture.compare(f"grad.w.{name}", parameter.grad)
    if variant == "as-released":
        fixture.compare("G", layer.G)
        fixture.compare("G_inf", layer.G_inf)


def as_released(layer, k, q, state):
    queries = q.permute(2, 0, 1, 3).flatten(2)
    out, kl = layer(k.transpose(0, 1), queries, state is None)
    got = {"out": out.transpose(0, 1), "kl": kl, **{n: layer.seen[n] for n in ("B", "mu")}}
    got["s2"] = layer.seen["variance"]
    if "gate" in layer.seen:
        got["gate"] = layer.seen["gate"].transpose(1, 2)
    return got, True


def careful(layer, k, q, state):
    B = layer.absorb(state, k)
    heads_first = q.transpose(0, 1)
    mean, variance = layer.densities(heads_first, layer.keyed(B))
    out = layer.read(mean, variance, layer.values(B))
    got = {"out": out, "kl": layer.penalty(mean, variance), "mu": mean, "s2": variance}
    got = {"out": out, **{n: t.transpose(0, 1) for n, t in got.items() if n != "out"}}
    got["B"] = as_authors_order(B, layer.widths)
    return got, B.detach()


def as_authors_order(B, widths):
    """Coefficients kept width by width, as the authors keep them: center by center."""
    batch, count, size = B.shape
    return B.view(batch, widths, count // widths, size).transpose(1, 2)
