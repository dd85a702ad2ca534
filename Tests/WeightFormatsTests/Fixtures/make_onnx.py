"""Makes the ONNX fixtures: small generators as PyTorch's exporters write them, with latents and
outputs computed by PyTorch in double precision. Run in this folder with torch, numpy, onnx and
onnxscript installed:

    python3 make_onnx.py

For each model: NAME.latents.npy [4, k], NAME.outputs.npy [4, n], and NAME.EXPORT.onnx, where EXPORT
is the exporter, the opset, and "fixed" with a batch of one, or "fixedN" with a batch of N; else the
batch is open. spatial.hand-18.onnx has what exporters do not write; its outputs are computed by ONNX's
reference implementation. residual.safetensors has PyTorch's weights and an architecture written by hand.
"""

import copy
import json

import numpy
import onnx
import onnx.reference
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


class Residual(nn.Module):
    """A residual block, a sum of three, and an image that is used twice."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(5, 4 * 3 * 3)
        self.a = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU())
        self.b = nn.Sequential(nn.Conv2d(6, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4))
        self.skip = nn.Conv2d(4, 4, 1)
        self.up = nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1)

    def forward(self, z):
        x = self.first(z).view(z.size(0), 4, 3, 3)
        x = torch.relu(x + self.b(self.a(x)))
        x = x + self.skip(x) + self.b(self.a(x))
        return torch.tanh(self.up(x))


class Dense(nn.Module):
    """Each layer takes all before it, the code itself among them; joined along other axes too."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.second = nn.Linear(14, 9)
        self.a = nn.Conv2d(1, 2, 3, padding=1)
        self.b = nn.Conv2d(3, 2, 3, padding=1)

    def forward(self, z):
        x = torch.relu(self.second(torch.cat([z, torch.relu(self.first(z))], dim=1)))
        x = x.view(x.size(0), 1, 3, 3)
        x = torch.cat([x, torch.relu(self.a(x))], dim=1)
        x = torch.cat([x, self.b(x)], dim=1)
        return torch.cat([x, x + 1], dim=-1)


class Grouped(nn.Module):
    """Groups, dilations and uneven paddings of every kind of convolution."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.ConvTranspose2d(6, 6, 3, groups=3), nn.ReLU(),
            nn.ConvTranspose2d(6, 4, 3, stride=2, output_padding=1, dilation=2, groups=2), nn.ReLU(),
            nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(4, 4, 3, dilation=(1, 2), groups=4, bias=False),
            nn.Conv2d(4, 2, (2, 4), padding="same"))

    def forward(self, z):
        return self.body(z)


class Audio(nn.Module):
    """A one-dimensional generator."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(5, 4 * 4)
        self.body = nn.Sequential(
            nn.BatchNorm1d(4), nn.LeakyReLU(0.2),
            nn.ConvTranspose1d(4, 4, 4, stride=2, padding=1), nn.BatchNorm1d(4), nn.ReLU(),
            nn.Conv1d(4, 4, 3, dilation=2, padding=2, groups=2), nn.ReLU(),
            nn.ConvTranspose1d(4, 3, 3, stride=3, output_padding=1), nn.ReLU(),
            nn.Upsample(scale_factor=2), nn.Conv1d(3, 1, 5, padding=2), nn.Tanh())

    def forward(self, z):
        return self.body(self.first(z).view(z.size(0), 4, -1))


class Stretched(nn.Module):
    """Signals along one axis enlarged linearly, which only the older exporter leaves in one piece."""

    def __init__(self):
        super().__init__()
        self.first = nn.ConvTranspose1d(4, 2, 5)

    def forward(self, z):
        resize = nn.functional.interpolate
        x = resize(self.first(z.unsqueeze(2)), scale_factor=2, mode="linear")
        return resize(x, size=13, mode="linear", align_corners=True)


class Resized(nn.Module):
    """Images enlarged in each way that PyTorch has, by a factor and to a size."""

    def __init__(self):
        super().__init__()
        self.first = nn.ConvTranspose2d(5, 3, 3)

    def forward(self, z):
        resize = nn.functional.interpolate
        x = self.first(z)
        a = resize(x, scale_factor=2, mode="bilinear", align_corners=False)
        b = resize(x, size=(6, 6), mode="bilinear", align_corners=True)
        c = resize(resize(x, scale_factor=2), size=(9, 11))
        d = resize(x, scale_factor=(3, 2), mode="bilinear", align_corners=False)
        return torch.cat([y.flatten(1) for y in (a, b, c, d)], dim=1)


class Interpolated(nn.Module):
    """Images and signals enlarged linearly by opsets before 11. These have no half pixels: what they
    say, and what is expected here, is not what PyTorch computes."""

    def __init__(self):
        super().__init__()
        self.first = nn.ConvTranspose2d(4, 3, 3)
        self.last = nn.Conv2d(3, 2, 3)
        self.is_plain = False

    def resize(self, x, factors, mode):
        if not self.is_plain:
            return nn.functional.interpolate(x, scale_factor=factors, mode=mode)
        for axis, factor in enumerate(factors, start=2):
            last = x.shape[axis] - 1
            places = torch.arange(int((last + 1) * factor)) / factor
            lower = places.long().clamp(max=last)
            share = (places - lower).double().reshape([-1] + [1] * (x.dim() - axis - 1))
            upper = x.index_select(axis, (lower + 1).clamp(max=last))
            x = x.index_select(axis, lower) * (1 - share) + upper * share
        return x

    def forward(self, z):
        x = self.resize(self.first(z), (2, 1.5), "bilinear")
        x = torch.relu(self.last(x)).flatten(2)
        return torch.tanh(self.resize(x, (2,), "linear"))


class Repeated(nn.Module):
    """Pixels and whole images repeated without an operator that resizes."""

    def __init__(self):
        super().__init__()
        self.first = nn.ConvTranspose2d(4, 3, 2)
        self.last = nn.Conv2d(3, 2, 3)

    def forward(self, z):
        x = torch.relu(self.first(z))
        x = x[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 3).reshape(-1, 3, 4, 6)
        x = self.last(x).repeat(1, 2, 1, 3)
        return torch.cat([x, x[:, :1].expand(-1, 4, -1, -1)], dim=1)


class Doubled(nn.Module):
    """Images enlarged by the nearest neighbour, as most generators do it."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.ConvTranspose2d(5, 4, 3), nn.ReLU(), nn.Upsample(scale_factor=2),
            nn.Conv2d(4, 3, 3, padding=1), nn.ReLU(), nn.UpsamplingNearest2d(scale_factor=3),
            nn.Conv2d(3, 1, 3, padding=1), nn.Sigmoid())

    def forward(self, z):
        return self.body(z)


class Shuffled(nn.Module):
    """Channels that become pixels, and back."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.ConvTranspose2d(4, 8, 3), nn.PixelShuffle(2), nn.Conv2d(2, 9, 3), nn.ReLU(),
            nn.PixelShuffle(3), nn.PixelUnshuffle(2), nn.Conv2d(4, 1, 1))

    def forward(self, z):
        return self.body(z)


class Activated(nn.Module):
    """Activations beside each other."""

    def __init__(self, *functions):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.functions = nn.ModuleList(functions)

    def forward(self, z):
        x = 3 * self.first(z)
        return torch.cat([function(x) for function in self.functions], dim=1)


def smooth():
    return Activated(
        nn.ELU(), nn.ELU(0.7), nn.SELU(), nn.Softplus(), nn.Softplus(beta=2), nn.Sigmoid(),
        nn.Tanh(), nn.SiLU(), nn.GELU(), nn.GELU("tanh"))


def kinked():
    slopes = nn.PReLU(6)
    nn.init.uniform_(slopes.weight, -0.5, 1.5)
    return Activated(
        nn.ReLU(), nn.LeakyReLU(0.3), nn.PReLU(init=0.15), slopes, nn.Hardtanh(),
        nn.Hardtanh(-0.5, 0.25), nn.ReLU6(), nn.Hardsigmoid())


class Gated(nn.Module):
    """Activations written out by hand, in other orders than exporters have."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.second = nn.Linear(6, 6)

    def forward(self, z):
        x = self.first(z)
        x = (torch.erf(x * 0.7071067811865476) + 1) * x * 0.5
        x = self.second(x)
        x = x / (1 + torch.exp(-x))
        return torch.log(torch.exp(x) + 1) + torch.celu(x, 0.8) + x.clamp(min=0.1)


class Permuted(nn.Module):
    """Axes moved before and behind linear layers and convolutions."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 24)
        self.second = nn.Linear(12, 12)
        self.conv = nn.Conv2d(3, 4, 2)
        self.last = nn.Linear(2, 3)

    def forward(self, z):
        x = self.first(z).view(-1, 2, 4, 3).permute(0, 3, 1, 2)
        x = torch.relu(self.conv(x))
        x = self.second(x.transpose(1, 3).flatten(1)).view(-1, 2, 6).transpose(1, 2)
        return self.last(torch.relu(x))


class Cropped(nn.Module):
    """Borders added in every way and cut off again."""

    def __init__(self):
        super().__init__()
        self.first = nn.ConvTranspose2d(4, 4, 4)
        self.last = nn.Conv2d(4, 2, 3)

    def forward(self, z):
        pad = nn.functional.pad
        x = self.first(z)
        x = pad(x, (1, 0, 2, 1), mode="reflect")
        x = pad(x, (0, 2, 1, 1), mode="replicate")
        x = pad(x, (-1, 1, 1, 0), value=0.5)
        x = torch.relu(self.last(x))[:, :, 1:-1, ::2]
        a, b = x.chunk(2, dim=1)
        return torch.cat([a[:, 0], b[:, 0, :, :2] * 2], dim=2)


class Scaled(nn.Module):
    """Constants that scale and shift: the code, what a layer gives, and what an activation does."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 12)
        self.conv = nn.Conv2d(3, 3, 2, bias=False)
        self.register_buffer("mean", torch.randn(3, 1, 1))
        self.register_buffer("deviation", torch.rand(3, 1, 1) + 0.5)
        self.register_buffer("row", torch.randn(4))

    def forward(self, z):
        x = self.first((z - 0.25) * self.row).view(z.shape[0], 3, 2, 2)
        x = 1 - torch.relu(x) / 2
        x = self.conv(x) * self.deviation + self.mean
        return (torch.tanh(-x) + 1) / 2


class Halved(nn.Module):
    """Weights of sixteen bits."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 12)
        self.up = nn.ConvTranspose2d(3, 2, 3, stride=2)

    def forward(self, z):
        return torch.tanh(self.up(torch.relu(self.first(z)).view(z.size(0), 3, 2, 2)))


def randomise(model):
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(module.weight, 1, 0.3)
            nn.init.normal_(module.bias, 0, 0.3)
            nn.init.normal_(module.running_mean, 0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)


MODELS = {
    "viewed": (Viewed, (6,)), "perceptron": (Perceptron, (5,)), "dilated": (Dilated, (7, 1, 1)),
    "unflattened": (Unflattened, (6, 1, 1)), "folded": (Folded, (6,)), "residual": (Residual, (5,)),
    "dense": (Dense, (6,)), "grouped": (Grouped, (6, 1, 1)), "audio": (Audio, (5,)),
    "stretched": (Stretched, (4,)), "resized": (Resized, (5, 1, 1)), "doubled": (Doubled, (5, 1, 1)),
    "shuffled": (Shuffled, (4, 1, 1)), "smooth": (smooth, (4,)), "kinked": (kinked, (4,)),
    "gated": (Gated, (4,)), "permuted": (Permuted, (6,)), "cropped": (Cropped, (4, 1, 1)),
    "scaled": (Scaled, (4,)), "half": (Halved, (6,)), "brain": (Halved, (6,)),
    "interpolated": (Interpolated, (4, 1, 1)), "repeated": (Repeated, (4, 1, 1)),
}

EXPORTS = ["legacy-11", "legacy-17-fixed", "dynamo-18-fixed", "dynamo-21"]

# What else is exported, or instead: opset 9 lacks steps in slices and PyTorch's way of resizing,
# opset 11 an unflatten.
OTHER_EXPORTS = {
    "viewed": EXPORTS + ["legacy-9"],
    "folded": ["legacy-13", "legacy-17-fixed", "dynamo-18-fixed", "dynamo-21"],
    "residual": EXPORTS + ["legacy-9", "legacy-13-fixed3"],
    "dense": EXPORTS + ["legacy-9-fixed3"],
    "doubled": EXPORTS + ["legacy-9"],
    "stretched": ["legacy-11", "legacy-18-fixed", "dynamo-21"],
    "shuffled": EXPORTS + ["legacy-9", "legacy-13-fixed3"],
    "smooth": ["legacy-9", "legacy-13", "legacy-17-fixed", "legacy-20", "dynamo-18-fixed", "dynamo-21"],
    "kinked": EXPORTS + ["legacy-9"],
    "gated": ["legacy-13", "legacy-17-fixed", "dynamo-18-fixed", "dynamo-21"],
    "permuted": EXPORTS + ["legacy-9-fixed3"],
    "cropped": EXPORTS + ["legacy-13-fixed3"],
    "scaled": EXPORTS + ["legacy-9-fixed3"],
    "brain": ["legacy-17-fixed", "dynamo-21"],
    "interpolated": ["legacy-9", "legacy-10-fixed"],
    "repeated": EXPORTS + ["legacy-9"],
}

TYPES = {"half": torch.float16, "brain": torch.bfloat16}


def main():
    write_spatial()
    for seed, (name, (make, shape)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = make()
        randomise(model)
        dtype = TYPES.get(name, torch.float32)
        model = model.eval().to(dtype)
        latents = torch.randn(4, *shape).to(dtype)
        with torch.no_grad():
            exact = copy.deepcopy(model).double()
            exact.is_plain = True
            outputs = exact(latents.double())
        numpy.save(f"{name}.latents.npy", latents.float().reshape(4, -1).numpy())
        numpy.save(f"{name}.outputs.npy", outputs.float().reshape(4, -1).numpy())
        if name == "residual":
            write_residual(model)
        for kind in OTHER_EXPORTS.get(name, EXPORTS):
            export(model, latents, f"{name}.{kind}.onnx", *kind.split("-"))


def export(model, latents, path, exporter, opset, batch=None):
    count = int(batch.removeprefix("fixed") or 1) if batch else 2 if exporter == "dynamo" else 1
    latents = latents[:count]
    options = {"opset_version": int(opset), "input_names": ["z"], "output_names": ["x"]}
    if exporter == "legacy":
        if not batch:
            options["dynamic_axes"] = {"z": {0: "batch"}, "x": {0: "batch"}}
        torch.onnx.export(
            model, (latents,), path, dynamo=False, do_constant_folding=not batch, **options)
    else:
        if not batch:
            options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
        torch.onnx.export(
            model, (latents,), path, dynamo=True, external_data=False, verbose=False, **options)
    strip(path)


def write_residual(model):
    """A safetensors file, whose format is a length, a JSON header and the values."""
    conv = {"type": "conv2d", "padding": 1}
    norm = {"weight": "weight", "bias": "bias", "running_mean": "running_mean",
            "running_var": "running_var"}

    def layer(document, module, fields=("weight", "bias"), **rest):
        return {**document, **{field: f"{module}.{field}" for field in fields}, **rest}

    def branch(end):
        first = layer(conv, "a.0", ("weight",))
        second = layer(conv, "b.0", ("weight",))
        return [first, layer({"type": "batch_norm"}, "a.1", norm), {"type": "relu"}, second,
                layer({"type": "batch_norm"}, "b.1", norm, name=end)]

    def again(layers):
        """The same layers with copies of their tensors: a document names each once."""
        return [{field: f"again.{value}" if str(value)[:2] in ("a.", "b.") else value
                 for field, value in layer.items()} for layer in layers]

    second = again(branch("d"))
    second[0]["from"] = "c"
    layers = [
        layer({"type": "linear"}, "first"), {"type": "reshape", "shape": [4, 3, 3], "name": "x"},
        *branch("y"), {"type": "add", "from": ["x", "y"]}, {"type": "relu", "name": "c"},
        layer({"type": "conv2d"}, "skip", name="s"), *second,
        {"type": "add", "from": ["c", "s", "d"]},
        layer({"type": "conv_transpose2d", "stride": 2, "padding": 1}, "up"), {"type": "tanh"}]
    state = model.state_dict()
    names = [value for layer in layers for value in layer.values() if isinstance(value, str)]
    architecture = {
        "version": 1, "latent": {"shape": [5]}, "output": {"shape": [2, 6, 6]}, "layers": layers}
    header = {"__metadata__": {"architecture": json.dumps(architecture)}}
    values = b""
    for name in names:
        tensor = state.get(name.removeprefix("again."))
        if tensor is None:
            continue
        data = tensor.numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(values), len(values) + len(data)]}
        values += data
    text = json.dumps(header).encode()
    with open("residual.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + values)


def write_spatial():
    """Forms of operators that PyTorch's exporters have no use for, beside each other."""
    random = numpy.random.default_rng(1)
    nodes, constants, ends = [], [], []

    def constant(values):
        name = f"c{len(constants)}"
        constants.append(onnx.numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def floats(*shape):
        return constant(random.normal(size=shape).astype(numpy.float32))

    def node(op, *inputs, outputs=1, **attributes):
        names = [f"v{len(nodes)}.{place}" for place in range(outputs)]
        nodes.append(onnx.helper.make_node(op, inputs, names, f"n{len(nodes)}", **attributes))
        return names[0] if outputs == 1 else names

    def end(value):
        ends.append(node("Flatten", value))

    x = node("Reshape", "z", constant([0, 8, 2, 2]))
    end(node("DepthToSpace", x, blocksize=2, mode="DCR"))
    end(node("SpaceToDepth", x, blocksize=2))
    y = node("DepthToSpace", x, blocksize=2, mode="CRD")
    end(node("Conv", y, floats(3, 2, 3, 2), auto_pad="SAME_UPPER", strides=[2, 3]))
    end(node("Conv", y, floats(2, 1, 2, 4), auto_pad="SAME_LOWER", group=2))
    end(node("Conv", y, floats(1, 2, 3, 3), floats(1), auto_pad="VALID"))
    end(node("Conv", y, floats(2, 2, 3, 3), pads=[0, 2, 3, 1], dilations=[1, 2]))
    end(node("ConvTranspose", y, floats(2, 2, 3, 3), pads=[1, 0, 0, 2], strides=[2, 1]))
    end(node("ConvTranspose", y, floats(2, 1, 3, 2), floats(1), output_shape=[7, 8], strides=[2, 2]))
    end(node("Resize", y, "", constant(numpy.array([1, 1, 2, 3], numpy.float32))))
    end(node("Resize", y, "", "", constant([8, 12]), axes=[2, 3], mode="nearest",
             nearest_mode="floor", coordinate_transformation_mode="asymmetric"))
    end(node("Resize", y, "", constant(numpy.array([1.6, 2.5], numpy.float32)), axes=[2, 3],
             mode="linear", coordinate_transformation_mode="pytorch_half_pixel"))
    end(node("Gather", x, constant([2, 1, 0, 0, 5, 7]), axis=1))
    a, b, c = node("Split", x, constant([1, 5, 2]), axis=1, outputs=3)
    end(node("Max", c, constant(numpy.float32(-0.25))))
    end(node("Min", constant(numpy.float32([0.5])), b))
    end(node("Clip", x, "", constant(numpy.float32(0.75))))
    end(node("Clip", x, constant(numpy.float32(0))))
    end(node("Sum", a, a, node("Identity", a)))
    end(node("Pad", y, constant([2, 0, 1, 0]), constant(numpy.float32(3)), constant([3, 2])))
    end(node("Pad", y, constant([0, 0, 3, 0, 0, 0, 2, 1]), mode="edge"))
    rows = node("Reshape", "z", constant([0, 4, 8]))
    end(node("Add", node("MatMul", floats(3, 4), rows), floats(3, 1)))
    end(node("MatMul", node("Reshape", "z", constant([0, 2, 2, 8])), floats(8, 3)))
    end(node("Mul", node("Add", x, floats(8, 1, 2)), floats(1, 2, 1)))
    end(node("HardSigmoid", node("Selu", node("Celu", x, alpha=0.6))))
    end(node("Slice", x, constant([-1, 1]), constant([2**31, 2**63 - 1]), constant([3, 1]),
             constant([1, 3])))
    end(node("Where", node("Less", x, constant(numpy.float32(0))), node("Reciprocal", node(
        "Add", node("Exp", node("Neg", x)), constant(numpy.float32(1)))), node("Sigmoid", x)))
    size = node("Cast", node("Floor", node("Mul", node("Cast", node("Shape", y, start=2), to=1),
                constant(numpy.float32(1.6)))), to=7)
    end(node("Resize", y, "", "", node("Concat", node("Shape", y, end=2), size, axis=0),
             mode="linear", coordinate_transformation_mode="align_corners"))
    nodes.append(onnx.helper.make_node("Concat", ends, ["x"], "end", axis=1))
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes, "spatial", [value("z", 1, ["batch", 32])], [value("x", 1, ["batch", None])],
        constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    latents = random.normal(size=(3, 32)).astype(numpy.float32)
    # The reference implementation does not compute pads from an output shape.
    plain = copy.deepcopy(model)
    for node in plain.graph.node:
        for attribute in node.attribute:
            if attribute.name == "output_shape":
                attribute.CopyFrom(onnx.helper.make_attribute("pads", [1, 0, 1, 0]))
    (outputs,) = onnx.reference.ReferenceEvaluator(plain).run(None, {"z": latents})
    onnx.save(model, "spatial.hand-18.onnx")
    numpy.save("spatial.latents.npy", latents)
    numpy.save("spatial.outputs.npy", outputs)


def strip(path):
    """Takes out stack traces, which name folders of this machine and are most of a small file."""
    model = onnx.load(path)
    graph = model.graph
    del graph.value_info[:]
    for item in [model, graph, *graph.node, *graph.input, *graph.output]:
        del item.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
    onnx.save(model, path)


if __name__ == "__main__":
    main()
