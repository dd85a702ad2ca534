"""A memory cgroup of a trial's own, in which the kernel ends what wants more than the limit.

Trials import this; it is never run. It lies below the cgroup that the trial itself runs in (or, with
version 2 where that one may have no children, beside it), so that limits set from outside still hold.
"""

import os
import pathlib
import re

#: By version: where the limit stands, what else keeps all of it in memory, what counts the kills.
FILES = {
    1: ("memory.limit_in_bytes", {"memory.swappiness": "0", "memory.memsw.limit_in_bytes": None},
        "memory.oom_control"),
    2: ("memory.max", {"memory.swap.max": "0"}, "memory.events"),
}


class Unavailable(Exception):
    """There is no memory cgroup here that may be divided; the message says why."""


class MemoryCgroup:
    """A context: the cgroup is there within it, and gone after it, when all its processes have ended."""

    def __init__(self, limit_bytes):
        self.limit_bytes, self.folder = limit_bytes, None

    def __enter__(self):
        refused = []
        for version, parent in own_folders():
            folder = parent / ("preimage-trial-%d" % os.getpid())
            try:
                folder.mkdir()
            except OSError as failure:
                refused.append(str(failure))
                continue
            self.folder, self.version = folder, version
            limit, swap, _ = FILES[version]
            try:
                (folder / limit).write_text(str(self.limit_bytes))
                for name, value in swap.items():
                    # A kernel without swap accounting lacks some.
                    if (folder / name).exists():
                        (folder / name).write_text(value or str(self.limit_bytes))
                return self
            except OSError as failure:
                refused.append(str(failure))
                folder.rmdir()
        raise Unavailable("; ".join(refused) or "there is no memory cgroup of this process")

    def __exit__(self, *_):
        self.folder.rmdir()

    @property
    def command(self):
        """What a program is started by, so that it runs in here from its first page on."""
        return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self.folder / "cgroup.procs")]

    @property
    def kills(self):
        """Processes in here that the kernel has ended for want of memory."""
        return int(re.search(r"^oom_kill (\d+)$", (self.folder / FILES[self.version][2]).read_text(), re.M)[1])


def own_folders():
    """Versions and folders below which a cgroup may be made, as far as the mounts tell."""
    versions = {}
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            versions[1] = path
        elif number == "0":
            versions[2] = path
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup" and 1 in versions and "memory" in options.split(","):
            yield 1, below(mount, root, versions[1])
        elif kind == "cgroup2" and 2 in versions:
            own = below(mount, root, versions[2])
            for folder in (own, own.parent):
                control = folder / "cgroup.subtree_control"
                if control.exists() and "memory" in control.read_text().split():
                    yield 2, folder


def below(mount, root, path):
    """Where a cgroup is found whose path is that, by a mount of what lies below `root`."""
    return pathlib.Path(mount) / os.path.relpath(path, root)
