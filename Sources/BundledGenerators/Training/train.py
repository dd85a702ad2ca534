#!/usr/bin/env python3
"""Trains the two generators that Preimage bundles and writes everything in ../Resources.

    python3 train.py                 # both generators, about nine minutes on one core
    python3 train.py fashion-mlp     # one of them
    python3 train.py --sheets DIR    # also contact sheets: samples, and test images beside their codes' images

Needs python3, numpy, torch (a CPU is enough) and Fashion-MNIST: Debian's package
dataset-fashion-mnist, or any folder with the four .gz files (--data).

Both generators are decoders of variational autoencoders; the encoders are thrown away.

    fashion-conv  10 -> 1x32x32  four transposed convolutions, batch norm and LeakyReLU between,
                                 tanh at the end: the network of Ma, Ayaz and Karaman 2018, 4.3
    fashion-mlp   20 -> 1x28x28  20-128-392-784, batch norm and ReLU twice, then a piecewise linear
                                 unit: the network of Aberdam, Simon and Elad 2020, 6.2

The seeds are fixed: the same torch with the same number of threads on the same kind of machine
gives the same files.
"""

import argparse
import gzip
import json
import pathlib
import struct
import time
import zlib

import numpy as np
import torch
from torch import nn

SEED = 20180627
HERE = pathlib.Path(__file__).resolve().parent
CLASSES = 10
HELD_OUT_PER_CLASS = 4


# Data


def read_idx(path):
    """One gzipped IDX file of bytes as an array."""
    with gzip.open(path, "rb") as file:
        content = file.read()
    rank = content[3]
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def scaled(images, side):
    """Bytes [N, 28, 28] as floats in [-1, 1], [N, 1, side, side], padded with black."""
    margin = (side - 28) // 2
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    return torch.from_numpy(padded.astype(np.float32) / 127.5 - 1).unsqueeze(1)


def held_out(images, labels):
    """The first few test images of each class, in the order of the classes."""
    chosen = [np.flatnonzero(labels == c)[:HELD_OUT_PER_CLASS] for c in range(CLASSES)]
    chosen = np.concatenate(chosen)
    return images[chosen], labels[chosen]


# Networks


class PiecewiseLinear(nn.Module):
    """Nicolae's PLU: the identity on [-c, c] and slope alpha outside."""

    def __init__(self, alpha=0.1, c=1.0):
        super().__init__()
        self.alpha, self.c = alpha, c

    def forward(self, x):
        return x + (self.alpha - 1) * (x - x.clamp(-self.c, self.c))


class Reshape(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(len(x), *self.shape)


def conv_generator():
    def block(inputs, outputs, stride, padding):
        return [
            nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2),
        ]

    return nn.Sequential(
        *block(10, 128, 1, 0), *block(128, 64, 2, 1), *block(64, 32, 2, 1),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )


def mlp_generator():
    return nn.Sequential(
        nn.Linear(20, 128), nn.BatchNorm1d(128), nn.ReLU(),
        nn.Linear(128, 392), nn.BatchNorm1d(392), nn.ReLU(),
        nn.Linear(392, 784), PiecewiseLinear(), Reshape(1, 28, 28),
    )


def conv_encoder(side, latents):
    """Image to the mean and log-variance of its code."""
    def block(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1)]

    return nn.Sequential(
        *block(1, 24), *block(24, 48), *block(48, 96), nn.Flatten(),
        nn.Linear(96 * (side // 8) ** 2, 2 * latents),
    )


def mlp_encoder(side, latents):
    def block(inputs, outputs):
        return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.LeakyReLU(0.1)]

    return nn.Sequential(
        nn.Flatten(), *block(side**2, 512), *block(512, 256), nn.Linear(256, 2 * latents))


class Recipe:
    """How a generator is built and trained; `latent` is the shape of its latent."""

    def __init__(self, build, encode, latent, side, sigma, free_nats, epochs, description):
        self.build, self.encode = build, encode
        self.latent, self.side = latent, side
        self.sigma, self.free_nats, self.epochs = sigma, free_nats, epochs
        self.description = description

    @property
    def latents(self):
        return int(np.prod(self.latent))


RECIPES = {
    "fashion-conv": Recipe(
        conv_generator, conv_encoder, [10, 1, 1], 32, sigma=0.9, free_nats=0.5, epochs=9,
        description="Clothes, 1x32x32, from 10 latents: four transposed convolutions with batch norm,"
        " LeakyReLU and tanh (the network of Ma, Ayaz and Karaman 2018, section 4.3)",
    ),
    "fashion-mlp": Recipe(
        mlp_generator, mlp_encoder, [20], 28, sigma=0.8, free_nats=0.5, epochs=12,
        description="Clothes, 1x28x28, from 20 latents: 20-128-392-784 with batch norm, ReLU and a"
        " piecewise linear unit (the network of Aberdam, Simon and Elad 2020, section 6.2)",
    ),
}


# Training


def train(name, images):
    """Maximises the evidence bound with a Gaussian likelihood of the fixed deviation `sigma`.

    sigma sets the balance: smaller is sharper and uses every latent, larger brings the codes of
    the data closer to N(0, I), so that samples look like clothes. With a large sigma some latents
    would go unused and could not be recovered from images; `free_nats` a latent are therefore
    not charged.
    """
    recipe = RECIPES[name]
    torch.manual_seed(SEED)
    generator, encode = recipe.build(), recipe.encode(recipe.side, recipe.latents)
    data, batch = scaled(images, recipe.side), 128
    steps = recipe.epochs * (len(data) // batch)
    optimizer = torch.optim.Adam([*generator.parameters(), *encode.parameters()], lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.1)
    step = 0
    for epoch in range(recipe.epochs):
        started, totals = time.time(), np.zeros(2)
        order = torch.randperm(len(data))
        for chosen in order[: len(order) // batch * batch].split(batch):
            x = data[chosen]
            mean, log_variance = encode(x).chunk(2, dim=1)
            z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            error = (generator(z.reshape(-1, *recipe.latent)) - x).square().flatten(1).sum(1).mean()
            divergences = (mean.square() + log_variance.exp() - 1 - log_variance).mean(0) / 2
            charged = divergences.clamp(min=recipe.free_nats).sum()
            warm = min(1, 4 * step / steps)
            loss = error / (2 * recipe.sigma**2) + warm * charged
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            totals += [error.item(), divergences.sum().item()]
            step += 1
        error, divergence = totals / (len(order) // batch)
        print(
            f"{name} epoch {epoch + 1}/{recipe.epochs}: rms {np.sqrt(error / recipe.side**2):.4f},"
            f" divergence {divergence:.2f} nats, {time.time() - started:.0f} s", flush=True)
    return generator.eval(), encode.eval()


# Files


def layer_document(index, layer):
    """One module as a layer of the architecture document; fields at PyTorch's defaults are left out."""
    key = f"main.{index}"
    match layer:
        case nn.ConvTranspose2d():
            return {
                "type": "conv_transpose2d", "weight": f"{key}.weight",
                "bias": None if layer.bias is None else f"{key}.bias",
                "stride": list(layer.stride), "padding": list(layer.padding),
            }
        case nn.Linear():
            return {"type": "linear", "weight": f"{key}.weight", "bias": f"{key}.bias"}
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            fields = ["weight", "bias", "running_mean", "running_var"]
            return {"type": "batch_norm", **{f: f"{key}.{f}" for f in fields}, "eps": layer.eps}
        case nn.LeakyReLU():
            return {"type": "leaky_relu", "negative_slope": layer.negative_slope}
        case Reshape():
            return {"type": "reshape", "shape": list(layer.shape)}
    return {"type": {nn.ReLU: "relu", nn.Tanh: "tanh", PiecewiseLinear: "piecewise_linear"}[type(layer)]}


def architecture_document(name, generator):
    recipe = RECIPES[name]
    return {
        "version": 1,
        "latent": {"shape": recipe.latent, "distribution": "standard_normal"},
        "output": {"shape": [1, recipe.side, recipe.side], "range": [-1, 1]},
        "layers": [layer_document(i, layer) for i, layer in enumerate(generator)],
    }


def tensors(generator):
    return {
        f"main.{key}": value.numpy().astype("<f4")
        for key, value in generator.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }


def write_safetensors(path, arrays, metadata):
    header, offset = {"__metadata__": metadata}, 0
    for key, array in arrays.items():
        header[key] = {
            "dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(array.tobytes() for array in arrays.values())
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def write_png(path, grey):
    """An 8-bit grey PNG of a two-dimensional array of bytes."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width = grey.shape
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def write_generator(folder, name, generator):
    """The weights, and five latents with their outputs, computed in double precision."""
    metadata = {
        "architecture": json.dumps(architecture_document(name, generator), separators=(",", ":")),
        "name": name, "description": RECIPES[name].description,
        "license": "MIT, as Preimage",
        "training_data": "Fashion-MNIST, its 60000 training images (Zalando SE, MIT licence)",
    }
    write_safetensors(folder / f"{name}.safetensors", tensors(generator), metadata)
    latents = np.random.default_rng(SEED).standard_normal((5, RECIPES[name].latents)).astype(np.float32)
    with torch.no_grad():
        z = torch.from_numpy(latents).double().reshape(-1, *RECIPES[name].latent)
        outputs = generator.double()(z).flatten(1).numpy().astype(np.float32)
    generator.float()
    np.save(folder / f"{name}.latents.npy", latents)
    np.save(folder / f"{name}.outputs.npy", outputs)


def write_held_out(folder, images, labels):
    np.save(folder / "held-out-images.npy", images)
    np.save(folder / "held-out-labels.npy", labels)
    write_png(folder / "held-out-0.png", images[0])
    write_png(folder / "held-out-0-padded.png", np.pad(images[0], 2))


# Contact sheets


def sheet(images, columns):
    """Images [N, 1, side, side] in [-1, 1] as one array of bytes, `columns` a row."""
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().byte().numpy()[:, 0]
    pixels = np.pad(pixels, ((0, 0), (1, 1), (1, 1)), constant_values=128)
    rows = len(pixels) // columns
    side = pixels.shape[1]
    tall = pixels[: rows * columns].reshape(rows, columns, side, side).swapaxes(1, 2)
    return np.repeat(np.repeat(tall.reshape(rows * side, columns * side), 3, 0), 3, 1)


@torch.no_grad()
def write_sheets(folder, name, generator, encode, test):
    recipe = RECIPES[name]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED + 1)
    samples = generator(torch.randn(96, *recipe.latent))
    write_png(folder / f"{name}-samples.png", sheet(samples, 12))
    originals = scaled(test, recipe.side)
    codes = encode(originals)[:, : recipe.latents]
    pairs = torch.stack([originals, generator(codes.reshape(-1, *recipe.latent))], 1).flatten(0, 1)
    write_png(folder / f"{name}-reconstructions.png", sheet(pairs, 16))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)}; default: both")
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--output", type=pathlib.Path, default=HERE.parent / "Resources")
    parser.add_argument("--sheets", type=pathlib.Path, help="a folder for contact sheets")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="fewer for a trial")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(RECIPES):
        parser.error(f"no such generator: {', '.join(sorted(unknown))}")

    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    test = held_out(
        read_idx(arguments.data / "t10k-images-idx3-ubyte.gz"),
        read_idx(arguments.data / "t10k-labels-idx1-ubyte.gz"))
    write_held_out(arguments.output, *test)
    images = read_idx(arguments.data / "train-images-idx3-ubyte.gz")
    for name in arguments.names or RECIPES:
        RECIPES[name].epochs = arguments.epochs or RECIPES[name].epochs
        generator, encode = train(name, images)
        write_generator(arguments.output, name, generator)
        if arguments.sheets:
            write_sheets(arguments.sheets, name, generator, encode, test[0])


if __name__ == "__main__":
    main()
