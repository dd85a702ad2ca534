"""Weight files of one linear layer, as safetensors, for trials of uploads."""

import json


def head(latents, outputs):
    """What stands before the 4 * outputs * latents bytes of numbers."""
    architecture = {
        "version": 1, "latent": {"shape": [latents], "distribution": "standard_normal"},
        "output": {"shape": [outputs]}, "layers": [{"type": "linear", "weight": "w", "bias": None}]}
    header = json.dumps({
        "w": {"dtype": "F32", "shape": [outputs, latents], "data_offsets": [0, 4 * outputs * latents]},
        "__metadata__": {"architecture": json.dumps(architecture)}}).encode()
    return len(header).to_bytes(8, "little") + header


def small(content):
    """Random bytes as small numbers, so that none of them is infinite: the high byte of each is that of 0.5."""
    numbers = bytearray(content)
    numbers[3::4] = b"\x3f" * (len(numbers) // 4)
    return bytes(numbers)
