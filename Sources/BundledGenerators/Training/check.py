#!/usr/bin/env python3
"""Says whether the bundled generators can be inverted: dead units, conditioning, recovery of latents.

    python3 check.py [--resources DIR] [--draws 64] [--starts 8]

Reads the .safetensors files and their architecture documents by itself (numpy and torch for the
arithmetic, in double precision), so it also checks the files that train.py wrote, and compares
them with the stored outputs. A few minutes.
"""

import argparse
import json
import pathlib
import struct

import numpy as np
import torch
import torch.nn.functional as F

NAMES = ["fashion-conv", "fashion-mlp"]


class Network:
    def __init__(self, path):
        content = path.read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        self.document = json.loads(header.pop("__metadata__")["architecture"])
        self.tensors = {}
        for key, entry in header.items():
            start, end = (8 + length + o for o in entry["data_offsets"])
            values = np.frombuffer(content[start:end], "<f4").reshape(entry["shape"])
            self.tensors[key] = torch.from_numpy(values.astype(np.float64))
        self.latents = int(np.prod(self.document["latent"]["shape"]))

    def __call__(self, z, seen=None):
        """Latents [N, k] to outputs [N, n]; appends what each rectifier gives to `seen`."""
        x = z.reshape(-1, *self.document["latent"]["shape"])
        for layer in self.document["layers"]:
            x = self.apply(layer, x)
            if seen is not None and layer["type"] in ("relu", "leaky_relu"):
                seen.append(x)
        return x.flatten(1)

    def apply(self, layer, x):
        def tensor(field):
            return None if layer.get(field) is None else self.tensors[layer[field]]

        match layer["type"]:
            case "linear":
                return F.linear(x, tensor("weight"), tensor("bias"))
            case "conv_transpose2d":
                return F.conv_transpose2d(
                    x, tensor("weight"), tensor("bias"), layer["stride"], layer["padding"])
            case "batch_norm":
                return F.batch_norm(
                    x, tensor("running_mean"), tensor("running_var"), tensor("weight"), tensor("bias"),
                    eps=layer["eps"])
            case "relu":
                return x.relu()
            case "leaky_relu":
                return F.leaky_relu(x, layer["negative_slope"])
            case "tanh":
                return x.tanh()
            case "piecewise_linear":
                return x - 0.9 * (x - x.clamp(-1, 1))
            case "reshape":
                return x.reshape(len(x), *layer["shape"])

    def jacobians(self, z, observed):
        """[N, m, k], one forward-mode pass for every latent."""
        def column(direction):
            return torch.func.jvp(lambda v: self(v)[:, observed], (z,), (direction.expand_as(z),))[1]

        return torch.stack([column(e) for e in torch.eye(self.latents, dtype=z.dtype)], 2)


def levenberg_marquardt(network, y, observed, z, iterations=60):
    """All rows of `z` at once, each with its own damping; returns the latents and the losses."""
    def residual(z):
        return network(z)[:, observed] - y

    damping = torch.full((len(z), 1), 0.1, dtype=z.dtype)
    r = residual(z)
    loss = r.square().sum(1)
    identity = torch.eye(z.shape[1], dtype=z.dtype)
    for _ in range(iterations):
        j = network.jacobians(z, observed)
        h = j.mT @ j
        scale = h.diagonal(dim1=1, dim2=2).mean(1, keepdim=True) + 1e-12
        step = torch.linalg.solve(h + (damping * scale + 1e-14)[:, :, None] * identity, j.mT @ r[:, :, None])
        moved = z - step[:, :, 0]
        r_moved = residual(moved)
        loss_moved = r_moved.square().sum(1)
        better = (loss_moved < loss)[:, None]
        z, r = torch.where(better, moved, z), torch.where(better, r_moved, r)
        loss = torch.minimum(loss, loss_moved)
        damping = torch.where(better, (damping / 5).clamp(min=1e-9), (damping * 4).clamp(min=1e-6))
        if bool((loss < 1e-22 * y.square().sum(1)).all()):
            break
    return z, loss


def masks(side):
    """Rows of pixels for each named observation."""
    pixels = torch.arange(side * side).reshape(side, side)
    lower = round(side * 0.55)
    generator = torch.Generator().manual_seed(0)
    return {
        "all pixels": pixels.flatten(),
        "upper half": pixels[: side // 2].flatten(),
        "lower 55 %": pixels[-lower:].flatten(),
        "left half": pixels[:, : side // 2].flatten(),
        "right half": pixels[:, side // 2 :].flatten(),
        "random half": torch.randperm(side * side, generator=generator)[: side * side // 2].sort()[0],
    }


def layerwise(network, z, observed):
    """Whether layers can be inverted one at a time by least squares, the active units being known.

    For each linear layer, from the last: its rows that are known (observed pixels, then active
    units) and its columns that are active; the worst condition number over the latents.
    """
    linear = [layer for layer in network.document["layers"] if layer["type"] == "linear"]
    norms = [layer for layer in network.document["layers"] if layer["type"] == "batch_norm"]
    weights = [network.tensors[layer["weight"]] for layer in linear]
    for i, norm in enumerate(norms):
        scale = network.tensors[norm["weight"]] / (network.tensors[norm["running_var"]] + norm["eps"]).sqrt()
        weights[i] = weights[i] * scale[:, None]
    seen = []
    network(z, seen)
    for depth in reversed(range(len(weights))):
        conditions, margins = [], []
        for draw in range(len(z)):
            rows = observed if depth == len(seen) else (seen[depth][draw] > 0).nonzero()[:, 0]
            columns = slice(None) if depth == 0 else (seen[depth - 1][draw] > 0).nonzero()[:, 0]
            known = weights[depth][rows][:, columns]
            margins.append(known.shape[0] / known.shape[1])
            conditions.append(torch.linalg.cond(known))
        conditions = torch.stack(conditions)
        print(
            f"    layer {depth + 1} alone: known rows per unknown at least {min(margins):.2f},"
            f" condition median {conditions.median():.1f}, worst {conditions.max():.1f}")


def check(name, resources, draws, starts):
    network = Network(resources / f"{name}.safetensors")
    latents = torch.from_numpy(np.load(resources / f"{name}.latents.npy")).double()
    outputs = torch.from_numpy(np.load(resources / f"{name}.outputs.npy")).double()
    print(f"{name}: largest difference from the stored outputs {(network(latents) - outputs).abs().max():.1e}")

    torch.manual_seed(1)
    seen = []
    y = network(torch.randn(2000, network.latents, dtype=torch.float64), seen)
    for depth, x in enumerate(seen, 1):
        active = (x > 0).double().mean(0)
        print(
            f"  hidden layer {depth}: {active.numel()} units, {100 * active.mean():.0f} % active,"
            f" {int((active == 0).sum())} never, {int((active == 1).sum())} always")
    print(f"  outputs from {y.min():.3f} to {y.max():.3f}; {100 * (y.abs() > 0.999).double().mean():.0f} % at the ends")

    truth = torch.randn(draws, network.latents, dtype=torch.float64)
    side = network.document["output"]["shape"][-1]
    for label, observed in masks(side).items():
        singular = torch.linalg.svdvals(network.jacobians(truth, observed))
        condition = singular[:, 0] / singular[:, -1]
        full = (condition < 1e6).sum()
        y = network(truth)[:, observed]
        found = torch.zeros(draws, dtype=torch.bool)
        rates = []
        for start in range(starts):
            z = 0.1 * torch.randn(draws, network.latents, dtype=torch.float64)
            z = z if start == 0 else z * 10
            left = (~found).nonzero()[:, 0]
            if len(left):
                z, _ = levenberg_marquardt(network, y[left], observed, z[left])
                error = (z - truth[left]).norm(dim=1) / truth[left].norm(dim=1)
                found[left] = error < 1e-3
            rates.append(found.double().mean().item())
        print(
            f"  {label}: rank {network.latents} for {full}/{draws}, condition median {condition.median():.1f},"
            f" 95 % {condition.quantile(0.95):.1f}, smallest singular value {singular[:, -1].min():.2e};"
            f" latents recovered: 1 start {rates[0]:.2f}, {starts} starts {rates[-1]:.2f}", flush=True)
        if all(layer["type"] != "conv_transpose2d" for layer in network.document["layers"]):
            layerwise(network, truth, observed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=NAMES)
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--resources", type=pathlib.Path, default=here.parent / "Resources")
    parser.add_argument("--draws", type=int, default=64)
    parser.add_argument("--starts", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.names:
        check(name, arguments.resources, arguments.draws, arguments.starts)


if __name__ == "__main__":
    main()
