"""Trains the plain decoder on the characters of a text and says how long it takes to a validation loss.

    python train_nanogpt.py --data TEXTFILE --until 1.873 [--steps 2000] [--seed 1] [--threads N] [--json]

90 % of the text is trained on; the loss is that of the whole last 10 %, every
250 steps. Seconds are wall time from the first step, evaluations included;
`evaluationSeconds` says how much of it they took. Exit 1 where the target was
not reached, 2 for wrong arguments, 3 where torch is missing.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

EVERY = 250


def options():
    parser = argparse.ArgumentParser(prog="train_nanogpt.py")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--until", required=True, type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.data.is_file():
        parser.error(f"--data: no file {given.data}")
    return given


def main():
    given = options()
    try:
        import torch
    except ImportError as error:
        print(f"train_nanogpt.py: the Python package {error.name} is missing", file=sys.stderr)
        return 3
    import sizes
    from nanogpt import NanoGpt, Trainer

    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    size = sizes.ALL["nanogpt"]
    steps, block, batch = given.steps or size["steps"], size["block"], size["batch"]
    text = given.data.read_text(encoding="utf-8")
    vocabulary = {character: i for i, character in enumerate(sorted(set(text)))}
    ids = torch.tensor([vocabulary[character] for character in text])
    train, held = ids[: int(0.9 * len(ids))], ids[int(0.9 * len(ids)) :]
    if len(held) <= block:
        print("train_nanogpt.py: --data: the text is too short", file=sys.stderr)
        return 2
    model = NanoGpt(size, len(vocabulary))
    trainer = Trainer(model, size, steps)

    @torch.inference_mode()
    def evaluate():
        """Mean loss of every character of the validation split but the first, in windows of one block."""
        whole = (len(held) - 1) // block * block
        inputs, targets = held[:whole].view(-1, block), held[1 : whole + 1].view(-1, block)
        total = sum(model(x, y).item() * y.numel() for x, y in zip(inputs.split(64), targets.split(64)))
        rest = len(held) - 1 - whole
        if rest > 0:
            total += model(held[None, whole:-1], held[None, whole + 1 :]).item() * rest
        return total / (whole + rest)

    window, reached, spent, reports = torch.arange(block + 1), None, 0.0, []
    start = time.perf_counter()
    for step in range(1, steps + 1):
        rows = train[torch.randint(len(train) - block, (batch, 1)) + window]
        trainer.step(rows[:, :-1], rows[:, 1:])
        if step % EVERY and step != steps:
            continue
        before = time.perf_counter()
        loss = evaluate()
        now = time.perf_counter()
        spent += now - before
        report = {"step": step, "loss": loss, "seconds": now - start, "evaluationSeconds": spent}
        reports.append(report)
        if not given.json:
            print(f"step {step}: {loss:.4f} nats a character, {now - start:.1f} s ({spent:.1f} s evaluating)", flush=True)
        if loss <= given.until and reached is None:
            reached = report
            break
    summary = {"until": given.until, "reached": reached, "steps": steps, "vocabulary": len(vocabulary), "evaluations": reports}
    if given.json:
        print(json.dumps(summary))
    else:
        print(f"{given.until} reached after {reached['seconds']:.1f} s" if reached else f"{given.until} not reached")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
