"""Makes the NumPy and PyTorch fixtures: small weight files as numpy.save, numpy.savez and torch.save
write them. Run in this folder with torch and numpy installed:

    python3 make_weights.py

Element i of the tensor NAME (row-major) is ((7 i + len(NAME)) mod 23 - 11) / 4, which every
floating-point type holds exactly, so that the tests need no other file to compare with.
"""

import collections
import glob
import io
import json
import os
import zipfile

import numpy
import torch
from torch import nn

ARCHITECTURE = {
    "version": 1,
    "latent": {"shape": [3]},
    "output": {"shape": [2]},
    "layers": [
        {"type": "linear", "weight": "0.weight", "bias": "0.bias"},
        {"type": "relu"},
        {"type": "linear", "weight": "2.weight", "bias": "2.bias"},
    ],
}


def values(name, shape, dtype="f4"):
    index = numpy.arange(int(numpy.prod(shape, dtype=int)))
    return (((7 * index + len(name)) % 23 - 11) / 4).astype(dtype).reshape(shape)


def tensor(name, shape, dtype=torch.float32):
    return torch.from_numpy(values(name, shape)).to(dtype)


def perceptron(dtype=torch.float32, prefix="", outputs=2):
    shapes = [("0.weight", [4, 3]), ("0.bias", [4]), ("2.weight", [outputs, 4]), ("2.bias", [outputs])]
    return collections.OrderedDict(
        (prefix + name, tensor(prefix + name, shape, dtype)) for name, shape in shapes)


def numpy_files():
    plain = {
        "first": values("first", [2, 3]), "second.long": values("second.long", [5], "f8"),
        "group/third": values("group/third", [2, 1, 2], "f2"), "one": values("one", []),
        "none": values("none", [0, 3]), "counts": numpy.arange(-2, 3, dtype="i8"),
        "flags": numpy.array([True, False, True]),
    }
    numpy.savez("plain.npz", **plain)
    numpy.savez_compressed("deflated.npz", **plain)
    numpy.savez(
        "varied.npz",
        fortran=numpy.asfortranarray(values("fortran", [3, 4])),
        cube=numpy.asfortranarray(values("cube", [2, 3, 4], ">f8")),
        big=values("big", [3, 5], ">f4"), bighalf=values("bighalf", [7], ">f2"),
        bigint=numpy.arange(-2, 3).astype(">i4"))
    arrays = {
        name: values(name, shape) for name, shape in
        [("0.weight", [4, 3]), ("0.bias", [4]), ("2.weight", [2, 4]), ("2.bias", [2])]}
    numpy.savez("generator.npz", architecture=json.dumps(ARCHITECTURE), **arrays)
    numpy.savez_compressed(
        "generator-bytes.npz", architecture=json.dumps(ARCHITECTURE).encode(), **arrays)
    with zipfile.ZipFile("generator-member.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("architecture.json", json.dumps(ARCHITECTURE))
        for name, array in arrays.items():
            member = io.BytesIO()
            numpy.save(member, array)
            archive.writestr(name + ".npy", member.getvalue())
    numpy.savez("objects.npz", first=values("first", [2]), second=numpy.array([{}], dtype=object))
    for version in [1, 2, 3]:
        with open(f"version{version}.npy", "wb") as file:
            numpy.lib.format.write_array(file, values("weights", [3, 2]), version=(version, 0))


def repacked(name, result, change=lambda name, data: data, method=zipfile.ZIP_DEFLATED):
    """The same archive with some entries changed, as another ZIP writer lays it out."""
    with zipfile.ZipFile(name) as old, zipfile.ZipFile(result, "w", method) as new:
        for entry in old.namelist():
            new.writestr(entry, change(entry, old.read(entry)))


def swapped(name, data):
    if name.endswith("/byteorder"):
        return b"big"
    return numpy.frombuffer(data, "<u4").astype(">u4").tobytes() if "/data/" in name else data


def checkpoints():
    torch.save(perceptron(), "flat.pt")
    torch.save(perceptron(), "flat-protocol5.pt", pickle_protocol=5)
    torch.save(perceptron(torch.float16), "half.pt")
    torch.save(perceptron(torch.bfloat16), "bfloat16.pt")
    torch.save(perceptron(torch.float64), "double.pt")
    torch.save(perceptron(prefix="module."), "parallel.pt")
    torch.save({"state_dict": {k: nn.Parameter(v) for k, v in perceptron().items()}}, "parameters.pt")
    repacked("flat.pt", "repacked.pt")
    repacked("flat.pt", "big-endian.pt", swapped)

    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    model.load_state_dict(perceptron())
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    nested = {
        "epoch": 3, "loss": 0.25, "best": None, "history": [1.5, 2.5], "size": torch.Size([2, 3]),
        "dtype": torch.float16, "device": torch.device("cpu"), "seed": 1 << 70, "raw": b"bytes",
        "netG_state_dict": perceptron(), "netD_state_dict": perceptron(outputs=1),
        "parts": [{"encoder": {"weight": tensor("weight", [2, 2])}}],
        "optimizer": optimizer.state_dict(),
    }
    torch.save(nested, "nested.pt")
    torch.save(nested, "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(
        perceptron(), "legacy-protocol4.pt", _use_new_zipfile_serialization=False,
        pickle_protocol=4)
    torch.save({"generator": perceptron(), "ema": perceptron()}, "ambiguous.pt")

    base = tensor("base", [4, 6])
    views = {
        "base": base, "transposed": base.t(), "slice": base[1:3, 2:5], "steps": base[::2, ::3],
        "column": base[:, 1], "cube": tensor("cube", [2, 3, 4]).permute(2, 0, 1),
        "scalar": base[2, 3], "empty": base[2:2], "long": torch.arange(6).view(2, 3),
        "bytes": torch.arange(5, dtype=torch.uint8), "flags": torch.tensor([True, False]),
        "shorts": torch.arange(-3, 3).to(torch.int16).flip(0)[1:],
        "unsigned": torch.tensor([1, 2, 65535], dtype=torch.uint16),
    }
    torch.save(views, "views.pt")
    views.pop("unsigned")
    torch.save(views, "legacy-views.pt", _use_new_zipfile_serialization=False)
    torch.save({"wide": torch.ones(1).expand(1000)}, "expanded.pt")
    torch.save(model, "module.pt")
    torch.save({"z": torch.zeros(2, dtype=torch.complex64)}, "complex.pt")


for old in glob.glob("*.np[yz]") + glob.glob("*.pt"):
    if ".latents." not in old and ".outputs." not in old:
        os.remove(old)
numpy_files()
checkpoints()
