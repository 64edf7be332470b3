"""Greedy generation with everything kept that does not change: keys, values, distances, what densities need.

A unit is one token in every sequence.
"""

import torch
from torch.nn import functional as F

import infinite_careful
import sizes
from initial import initialise


class LayerCache:
    """Keys, values and inputs of the rows remembered and of the segment being written, one after the other."""

    def __init__(self, layer, memory, biases, table):
        self.layer = layer
        self.part, self.scale = layer.dec_attn, layer.head_size**-0.5
        batch, length, width = memory.recent.shape
        heads, size = layer.heads, layer.head_size
        inner = heads * size
        kv = F.linear(memory.recent, self.part.qkv_net.weight[inner:]).view(batch, length, 2, heads, size)
        self.kept = torch.empty(2, heads, batch, 2 * length, size)
        self.kept[:, :, :, :length] = kv.permute(2, 3, 0, 1, 4)
        self.inputs = torch.empty(batch, 2 * length, width)
        self.inputs[:, :length] = memory.recent
        distances = self.part.r_net(table).view(-1, heads, size).permute(1, 2, 0)
        self.distances = distances.contiguous()[:, None]  # [h, 1, d, K]
        self.content_bias, self.distance_bias = (bias[:, None, None] for bias in biases)
        self.coefficients, self.older, self.length = memory.coefficients, memory.older, length

    def absorb(self, rows):
        memory = self.layer.long_term
        self.coefficients = memory.absorb(self.coefficients, rows)
        self.keyed = memory.keyed(self.coefficients).contiguous()
        self.values = memory.values(self.coefficients).contiguous()

    def turn(self):
        """The segment just written becomes the one remembered; the one before it goes to the long-term memory."""
        if self.coefficients is not None:
            self.absorb(self.inputs[:, : self.length])
        self.kept[:, :, :, : self.length] = self.kept[:, :, :, self.length :].clone()
        self.inputs[:, : self.length] = self.inputs[:, self.length :].clone()

    def step(self, x, count):
        """x `[B, 1, model]`, the count-th row of its segment -> the layer's output."""
        layer, (batch, _, width), here = self.layer, x.shape, self.length + count
        heads = F.linear(x, self.part.qkv_net.weight).view(batch, 3, layer.heads, layer.head_size).permute(1, 2, 0, 3)
        q = heads[0].unsqueeze(2)
        self.kept[:, :, :, here] = heads[1:]
        self.inputs[:, here] = x[:, 0]
        keys, values = self.kept[:, :, :, count : here + 1]
        scores = torch.matmul(q + self.content_bias, keys.transpose(2, 3))
        scores += torch.matmul(q + self.distance_bias, self.distances)
        context = torch.matmul(torch.softmax(scores * self.scale, dim=-1), values)
        out = self.part.o_net(context.permute(1, 2, 0, 3).reshape(batch, 1, -1))
        if self.coefficients is not None:
            memory = layer.long_term
            out = out + memory.read(*memory.densities(q, self.keyed), self.values)
        y = self.part.layer_norm(x + out)
        ff = layer.pos_ff
        return ff.layer_norm(y + ff.CoreNet["3"](F.relu(ff.CoreNet["0"](y))))


class Generation:
    def __init__(self, model, size, sequences, seed, weights=None):
        torch.manual_seed(seed)
        self.size = sizes.sorting(size)
        self.model = infinite_careful.InfiniteFormer(self.size, self.size[model], (sizes.PRIOR_WIDTH, None))
        initialise(self.model).eval()
        if weights is not None:
            own = self.model.state_dict()
            self.model.load_state_dict({n: t for n, t in weights.items() if n in own})
        self.parameters = sum(p.numel() for p in self.model.parameters())
        torch.manual_seed(seed)
        self.start(sequences)

    @torch.inference_mode()
    def start(self, sequences):
        """Fills the memories with three random segments."""
        model, length, memories = self.model, self.size["segmentLength"], None
        for ids in torch.randint(20, (3, sequences, length)):
            _, memories, _ = model.segment(ids, memories, rows=0)
        table = model.positions(length + 1)[:-1]
        biases = (model.r_w_bias, model.r_r_bias)
        self.layers = [LayerCache(one, m, biases, table) for one, m in zip(model.layers, memories)]
        for layer in self.layers:
            if layer.coefficients is not None:
                layer.absorb(layer.older)
        self.embedding = model.word_emb.emb_layers[0].weight * model.scale
        self.length, self.count, self.token = length, 0, torch.zeros(sequences, 1, dtype=torch.int64)

    @torch.inference_mode()
    def run(self, units):
        for _ in range(units):
            if self.count == self.length:
                for layer in self.layers:
                    layer.turn()
                self.count = 0
            x = F.embedding(self.token, self.embedding)
            for layer in self.layers:
                x = layer.step(x, self.count)
            self.logits = self.model.proj_output(x)
            self.token = self.logits.argmax(-1)
            self.token.tolist()  # the token, read
            self.count += 1
        return None
