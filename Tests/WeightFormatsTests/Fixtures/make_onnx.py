"""Makes the ONNX fixtures: small generators as PyTorch's exporters write them, with latents and
outputs computed by PyTorch. Run in this folder with torch, numpy, onnx and onnxscript installed:

    python3 make_onnx.py

For each model: NAME.EXPORTER.onnx, NAME.latents.npy [5, k], NAME.outputs.npy [5, n].
"""

import glob

import numpy
import onnx
import torch
from torch import nn


class Viewed(nn.Module):
    """A perceptron, then convolutions, with the view computed from the batch's size."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 4 * 3 * 3)
        self.norm = nn.BatchNorm1d(4 * 3 * 3)
        self.up = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
        self.last = nn.Conv2d(6, 1, 3, padding=1)

    def forward(self, z):
        x = torch.relu(self.norm(self.first(z)))
        x = x.view(x.size(0), 4, 3, 3)
        return torch.tanh(self.last(nn.functional.leaky_relu(self.up(x), 0.2)))


class Perceptron(nn.Module):
    """Products without a bias, with a bias, a dropout, and an image at the end."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(5, 12, bias=False), nn.LeakyReLU(0.1), nn.Dropout(0.5), nn.Linear(12, 24),
            nn.Sigmoid())

    def forward(self, z):
        return self.body(z).reshape(-1, 2, 3, 4)


class Dilated(nn.Module):
    """An image in, uneven strides and paddings, batch norms between, flattened at the end."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.ConvTranspose2d(7, 6, (2, 3), bias=False), nn.BatchNorm2d(6), nn.ReLU(),
            nn.ConvTranspose2d(6, 4, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
            nn.BatchNorm2d(4), nn.LeakyReLU(0.3),
            nn.Conv2d(4, 6, (2, 3), stride=(1, 2), padding=(0, 1), dilation=(2, 1), groups=2),
            nn.Flatten())

    def forward(self, z):
        return self.body(z)


class Unflattened(nn.Module):
    """Shapes taken apart: squeezed, unsqueezed, and a linear layer on a vector in an image."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.second = nn.Linear(8, 6, bias=False)

    def forward(self, z):
        x = torch.relu(self.first(z.flatten(1))).unsqueeze(1)
        return torch.tanh(self.second(x)).squeeze(1).view(z.shape[0], *z.shape[1:])


class Folded(nn.Module):
    """A code unfolded into an image by PyTorch's own layer, then sizes that are divided."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Unflatten(1, (6, 1, 1)), nn.ConvTranspose2d(6, 4, 2, bias=False), nn.BatchNorm2d(4),
            nn.ReLU())
        self.last = nn.Linear(16, 8, bias=False)

    def forward(self, z):
        x = self.last(self.body(z).flatten(1))
        return torch.sigmoid(x.reshape(x.shape[0], x.shape[1] // 4, 4))


def randomise(model):
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(module.weight, 1, 0.3)
            nn.init.normal_(module.bias, 0, 0.3)
            nn.init.normal_(module.running_mean, 0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)


def main():
    models = {
        "viewed": (Viewed, (6,)), "perceptron": (Perceptron, (5,)),
        "dilated": (Dilated, (7, 1, 1)), "unflattened": (Unflattened, (6, 1, 1)),
        "folded": (Folded, (6,)),
    }
    for seed, (name, (make, shape)) in enumerate(models.items()):
        torch.manual_seed(seed)
        model = make()
        randomise(model)
        model.eval()
        latents = torch.randn(5, *shape)
        with torch.no_grad():
            outputs = model(latents)
        numpy.save(f"{name}.latents.npy", latents.reshape(5, -1).numpy())
        numpy.save(f"{name}.outputs.npy", outputs.reshape(5, -1).numpy())
        # Opset 11 has no unflatten.
        oldest = 13 if name == "folded" else 11
        names = {"input_names": ["z"], "output_names": ["x"]}
        torch.onnx.export(
            model, (latents[:1],), f"{name}.legacy.onnx", dynamo=False, opset_version=oldest,
            dynamic_axes={"z": {0: "batch"}, "x": {0: "batch"}}, **names)
        torch.onnx.export(
            model, (latents[:1],), f"{name}.legacy-fixed.onnx", dynamo=False, opset_version=17,
            do_constant_folding=False, **names)
        torch.onnx.export(
            model, (latents[:1],), f"{name}.dynamo.onnx", dynamo=True, opset_version=18,
            external_data=False, verbose=False, **names)
        torch.onnx.export(
            model, (latents[:2],), f"{name}.dynamo-open.onnx", dynamo=True, opset_version=20,
            external_data=False, verbose=False, dynamic_shapes=({0: torch.export.Dim("batch")},),
            **names)
    for path in glob.glob("*.onnx"):
        strip(path)


def strip(path):
    """Takes out stack traces, which name folders of this machine and are most of a small file."""
    model = onnx.load(path)
    graph = model.graph
    for item in [model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output]:
        del item.metadata_props[:]
    onnx.save(model, path)


main()
