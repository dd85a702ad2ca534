"""Weight files of one square linear layer, as safetensors, for trials of uploads."""

import json


def head(side):
    """What stands before the 4 * side * side bytes of numbers."""
    architecture = {
        "version": 1, "latent": {"shape": [side], "distribution": "standard_normal"},
        "output": {"shape": [side]}, "layers": [{"type": "linear", "weight": "w", "bias": None}]}
    header = json.dumps({
        "w": {"dtype": "F32", "shape": [side, side], "data_offsets": [0, 4 * side * side]},
        "__metadata__": {"architecture": json.dumps(architecture)}}).encode()
    return len(header).to_bytes(8, "little") + header


def small(content):
    """Random bytes as small numbers, so that none of them is infinite: the high byte of each is that of 0.5."""
    numbers = bytearray(content)
    numbers[3::4] = b"\x3f" * (len(numbers) // 4)
    return bytes(numbers)
