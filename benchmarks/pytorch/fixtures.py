"""Golden fixtures: JSON beside safetensors, and the comparison they ask for."""

import json
import math
from pathlib import Path

from safetensors.torch import load_file


class Fixture:
    """`tensors` by name, `hyper` parameters, and what has been compared so far."""

    def __init__(self, folder, name):
        self.name = name
        self.json = json.loads((Path(folder) / f"{name}.json").read_text())
        self.hyper = self.json["hyper"]
        self.tensors = load_file(Path(folder) / f"{name}.safetensors")
        self.worst = (0.0, "nothing compared")
        self.compared = set()

    def weights(self):
        return {name[2:]: value for name, value in self.tensors.items() if name.startswith("w.")}

    def expected(self, prefix):
        return [name for name in self.tensors if name.startswith(prefix)]

    def compare(self, name, got):
        """max|got - want| as a share of the limit rel_tol * max|want| + abs; the greatest share is kept."""
        if name not in self.tensors:
            return
        want = self.tensors[name].double()
        got = got.detach().double().reshape(-1)
        if got.numel() != want.numel():
            raise ValueError(f"{self.name}: {name} has {got.numel()} elements, {want.numel()} are expected")
        self.compared.add(name)
        if want.numel() == 0:
            return
        limit = self.json["tensors"][name].get("rel_tol", 1e-4) * want.abs().max() + 1e-5
        share = ((got - want.reshape(-1)).abs().max() / limit).item()
        share = share if math.isfinite(share) else math.inf
        if share > self.worst[0]:
            self.worst = (share, name)

    def missed(self, unused=()):
        """Expected tensors that nothing was compared with."""
        described = self.json["tensors"]
        return [n for n in self.tensors if described[n]["role"] == "expected" and n not in self.compared | set(unused)]


def names(folder):
    return sorted(path.stem for path in Path(folder).glob("*.json") if path.with_suffix(".safetensors").exists())
