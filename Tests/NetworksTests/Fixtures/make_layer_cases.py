"""Makes layer_cases.json: layers as PyTorch computes them. Run in this folder with torch:

    python3 make_layer_cases.py

Each case is one layer of an architecture document with its tensors, two inputs, PyTorch's outputs
for them, and what PyTorch pulls back to the inputs from two cotangents, all in single precision.
"""

import json

import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(1)
cases = []


def numbers(tensor):
    """Shortest decimals that give the same single-precision numbers again."""
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def case(name, shape, layer, compute, tensors=None, scale=1.0, values=None):
    """Adds a case.

    shape: of the input without the batch. layer: the document without the names of tensors.
    compute: from a batch of inputs to a batch of outputs. tensors: by field of the layer.
    values: instead of normal ones, what the inputs hold.
    """
    tensors = {field: tensor for field, tensor in (tensors or {}).items() if tensor is not None}
    if values is None:
        x = torch.randn(2, *shape) * scale
    else:
        x = torch.tensor(values).reshape(2, *shape)
    x.requires_grad_()
    y = compute(x)
    cotangents = torch.randn_like(y)
    (pulled,) = torch.autograd.grad(y, x, cotangents)
    assert torch.isfinite(y).all() and torch.isfinite(pulled).all(), name
    cases.append({
        "name": name,
        "layer": layer | {field: field for field in tensors},
        "tensors": {
            field: {"shape": list(tensor.shape), "values": numbers(tensor)}
            for field, tensor in tensors.items()},
        "input_shape": list(shape), "output_shape": list(y.shape[1:]),
        "inputs": numbers(x), "outputs": numbers(y),
        "cotangents": numbers(cotangents), "pulled": numbers(pulled),
    })


def module(name, shape, layer, body):
    """A case whose tensors are the parameters of a module."""
    case(name, shape, layer, body, dict(body.named_parameters()))


def activation(type_name, fields, compute):
    """Values around zero, a wide range of them, and the places where pieces meet."""
    title = ", ".join([type_name] + [f"{field} {value}" for field, value in fields.items()])
    case(title, [14], {"type": type_name} | fields, compute, scale=2.0)
    edges = [0.0, 1.0, -1.0, 6.0, 20.0, 20.1, 30.0, 90.0, -3.0, -8.0, -20.0, -90.0, 1e-4, -1e-4]
    case(title + ", wide", [7], {"type": type_name} | fields, compute, values=edges)


# Affine layers.
module("linear", [6], {"type": "linear"}, nn.Linear(6, 4))
module("linear without bias", [3], {"type": "linear"}, nn.Linear(3, 5, bias=False))

module("conv1d", [3, 9], {"type": "conv1d"}, nn.Conv1d(3, 4, 3))
module(
    "conv1d, grouped and dilated", [4, 11],
    {"type": "conv1d", "stride": 2, "padding": [3], "dilation": 2, "groups": 2},
    nn.Conv1d(4, 6, 3, stride=2, padding=3, dilation=2, groups=2))
module(
    "conv1d, depthwise, even kernel", [3, 7],
    {"type": "conv1d", "padding": 2, "groups": 3},
    nn.Conv1d(3, 6, 4, padding=2, groups=3, bias=False))
module("conv_transpose1d", [4, 5], {"type": "conv_transpose1d"}, nn.ConvTranspose1d(4, 3, 4))
module("conv_transpose1d from one place", [5, 1], {"type": "conv_transpose1d"},
       nn.ConvTranspose1d(5, 3, 4))
module(
    "conv_transpose1d with output padding", [4, 4],
    {"type": "conv_transpose1d", "stride": 3, "padding": 1, "output_padding": 2, "groups": 2},
    nn.ConvTranspose1d(4, 6, 3, stride=3, padding=1, output_padding=2, groups=2))
module(
    "conv_transpose1d, dilated", [2, 5],
    {"type": "conv_transpose1d", "stride": 2, "dilation": 3, "output_padding": 2},
    nn.ConvTranspose1d(2, 2, 3, stride=2, dilation=3, output_padding=2, bias=False))

module("conv2d", [2, 5, 6], {"type": "conv2d"}, nn.Conv2d(2, 3, 3))
module(
    "conv2d, uneven", [2, 7, 6],
    {"type": "conv2d", "stride": [2, 1], "padding": [0, 2], "dilation": [1, 2]},
    nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(0, 2), dilation=(1, 2)))
module(
    "conv2d, grouped", [4, 5, 5], {"type": "conv2d", "padding": 1, "groups": 2},
    nn.Conv2d(4, 6, 3, padding=1, groups=2, bias=False))
module("conv_transpose2d from one pixel", [6, 1, 1], {"type": "conv_transpose2d"},
       nn.ConvTranspose2d(6, 3, 4))
module(
    "conv_transpose2d 4, 2, 1", [3, 3, 4], {"type": "conv_transpose2d", "stride": 2, "padding": 1},
    nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1))
module(
    "conv_transpose2d, grouped, dilated, with output padding", [4, 3, 2],
    {"type": "conv_transpose2d", "stride": [2, 3], "padding": [1, 0], "output_padding": [1, 2],
     "dilation": [2, 1], "groups": 2},
    nn.ConvTranspose2d(4, 4, 3, stride=(2, 3), padding=(1, 0), output_padding=(1, 2),
                       dilation=(2, 1), groups=2))

norm = nn.BatchNorm2d(3, eps=1e-3).eval()
with torch.no_grad():
    norm.weight.normal_()
    norm.bias.normal_()
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 1.5)
case("batch_norm", [3, 2, 3], {"type": "batch_norm", "eps": 1e-3}, norm,
     {"weight": norm.weight, "bias": norm.bias, "running_mean": norm.running_mean,
      "running_var": norm.running_var})

# Activations.
activation("relu", {}, nn.ReLU())
activation("leaky_relu", {"negative_slope": 0.2}, nn.LeakyReLU(0.2))
activation("sigmoid", {}, nn.Sigmoid())
activation("tanh", {}, nn.Tanh())
activation("elu", {}, nn.ELU())
activation("elu", {"alpha": 0.4}, nn.ELU(0.4))
activation("softplus", {}, nn.Softplus())
activation("softplus", {"beta": 2.5, "threshold": 4}, nn.Softplus(2.5, 4))
activation("silu", {}, nn.SiLU())
activation("gelu", {}, nn.GELU())
activation("gelu", {"approximate": "tanh"}, nn.GELU("tanh"))
activation("hardtanh", {}, nn.Hardtanh())
activation("hardtanh", {"min_val": 0, "max_val": 6}, nn.ReLU6())

# Another size. The scale factor is kept for the coordinates unless it is recomputed.
for shape, fields in [
    ([2, 3, 4], {"scale_factor": 2}),
    ([1, 5, 4], {"scale_factor": [1.7, 2.6]}),
    ([1, 7, 5], {"scale_factor": 0.6}),
    ([1, 5, 7], {"scale_factor": 1.9, "recompute_scale_factor": True}),
    ([1, 3, 5], {"size": [7, 3]}),
    ([3, 5], {"scale_factor": 2.3}),
    ([2, 7], {"size": 4}),
    ([2, 5], {"scale_factor": 2, "mode": "linear"}),
    ([2, 5], {"size": 8, "mode": "linear", "align_corners": True}),
    ([2, 3, 4], {"scale_factor": 2, "mode": "bilinear"}),
    ([2, 3, 4], {"scale_factor": 2, "mode": "bilinear", "align_corners": True}),
    ([1, 5, 3], {"scale_factor": [1.5, 2.7], "mode": "bilinear"}),
    ([1, 5, 3], {"scale_factor": [1.5, 2.7], "mode": "bilinear", "recompute_scale_factor": True}),
    ([1, 7, 5], {"size": [3, 9], "mode": "bilinear"}),
    ([1, 7, 5], {"size": [1, 4], "mode": "bilinear", "align_corners": True}),
]:
    options = {name: tuple(value) if isinstance(value, list) else value
               for name, value in fields.items()}
    case(f"upsample {shape} {fields}", shape, {"type": "upsample"} | fields, nn.Upsample(**options))

# Entries in other places.
case("pixel_shuffle", [8, 2, 3], {"type": "pixel_shuffle", "upscale_factor": 2},
     nn.PixelShuffle(2))
case("permute", [2, 3, 4], {"type": "permute", "dims": [1, 2, 0]}, lambda x: x.permute(0, 2, 3, 1))
case("slice", [2, 7, 3], {"type": "slice", "dim": 1, "start": 1, "end": -1, "step": 2},
     lambda x: x[:, :, 1:-1:2])
for shape, padding, mode, value in [
    ([2, 3, 4], [1, 0, 2, 1], "constant", 0.0),
    ([2, 5], [-1, 2, 1, 0], "constant", 0.75),
    ([2, 4, 3], [2, 1, 1, 3], "reflect", 0.0),
    ([2, 6], [3, -2], "reflect", 0.0),
    ([2, 2, 3], [1, 4, 3, -1], "replicate", 0.0),
]:
    fields = {"padding": padding, "mode": mode, "value": value}
    case(f"pad {shape} {fields}", shape, {"type": "pad"} | fields,
         lambda x, a=padding, b=mode, c=value: functional.pad(
             x, a, b, c if b == "constant" else None))
case("flatten", [2, 3, 2], {"type": "flatten"}, nn.Flatten())

with open("layer_cases.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(entry) for entry in cases) + "\n]\n")
print(len(cases), "cases")
