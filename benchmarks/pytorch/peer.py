"""A contender in PyTorch, driven over standard input and output.

    python peer.py --case train-step|generate|memory-update --model M --size S --variant V
                   [--memory on|off] [--sequences N] [--seed 1] [--threads N]

Prints one line of JSON when its first unit is done; for each line `run N` then
does N units and prints seconds, loss and peak memory; ends at `quit`. Exit 2
for wrong arguments, 3 where a package is missing.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time

if os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper() == "AVX2":
    # oneDNN reads the variable itself; MKL and PyTorch's own kernels have theirs.
    os.environ.setdefault("MKL_ENABLE_INSTRUCTIONS", "AVX2")
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

CASES = ("train-step", "generate", "memory-update")
VARIANTS = ("as-released", "careful", "tuned", "transformers", "nanogpt")


class Parser(argparse.ArgumentParser):
    """Its errors are one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def options():
    parser = Parser(prog="peer.py")
    parser.add_argument("--case", required=True, choices=CASES)
    parser.add_argument("--model", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--variant", required=True, choices=VARIANTS)
    parser.add_argument("--memory", choices=["on", "off"], default="off")
    parser.add_argument("--sequences", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser, parser.parse_args()


def subject(given):
    """A function that prepares the work of one case; None where no peer does it."""
    own, model = given.variant in ("as-released", "careful"), given.model
    sorting, generate = model in ("infinite-former", "transformer-xl"), given.case == "generate"
    if generate and model == "gpt2" and given.variant == "transformers" and given.memory == "off":
        from generate_gpt2 import Gpt2Generation

        return lambda: Gpt2Generation(given.sequences, given.seed)
    if generate and own and sorting:
        if given.variant == "careful":
            from generate_careful import Generation
        else:
            from generate_as_released import Generation

        return lambda: Generation(model, given.size, given.sequences, given.seed)
    if given.case == "memory-update" and own and model == "infinite-former":
        from memory_update import MemoryUpdate

        return lambda: MemoryUpdate(given.size, given.variant, given.seed)
    if given.case != "train-step":
        return None
    if own and sorting:
        from step_sorting import SortingStep

        return lambda: SortingStep(model, given.size, given.variant, given.seed)
    if own and model == "compressive":
        from step_compressive import CompressiveStep

        return lambda: CompressiveStep(given.size, given.variant, given.seed)
    if model == "gpt2" and given.variant == "transformers":
        from step_gpt2 import Gpt2Step

        return lambda: Gpt2Step(given.memory == "on", given.seed)
    if model == "char" and given.variant == "nanogpt":
        from step_nanogpt import NanoGptStep

        return lambda: NanoGptStep(given.seed)
    return None


def say(**fields):
    print(json.dumps(fields), flush=True)


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main():
    parser, given = options()
    try:
        import torch
    except ImportError as error:
        return missing(error)
    if given.threads < 1 or given.sequences < 1:
        parser.error("--threads and --sequences must be at least 1")
    torch.set_num_threads(given.threads)
    if given.variant == "tuned":
        import tuned

        tuned.on, given.variant = True, "careful"
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    try:
        make = subject(given)
        if make is None:
            parser.error(f"no peer for --case {given.case} --model {given.model} --variant {given.variant}")
        work = make()
        if given.model == "gpt2":
            import transformers

            versions["transformers"] = transformers.__version__
    except ImportError as error:
        return missing(error)
    except KeyError as error:
        parser.error(f"--size: no size {error}")
    start = time.perf_counter()
    work.run(1)
    first = time.perf_counter() - start
    say(ready=True, firstStepSeconds=first, parameters=work.parameters, versions=versions, peakRssBytes=peak_bytes())
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        if len(words) != 2 or words[0] != "run" or not words[1].isdigit() or int(words[1]) < 1:
            parser.error(f"standard input: a line must be `run N` or `quit`, got {line.strip()!r}")
        units = int(words[1])
        start = time.perf_counter()
        loss = work.run(units)
        say(seconds=time.perf_counter() - start, units=units, loss=loss, peakRssBytes=peak_bytes())
    return 0


def missing(error):
    print(f"peer.py: the Python package {error.name or error} is missing", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
