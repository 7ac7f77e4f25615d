"""Compile the sources in a folder; the Python of Lambda's runtime runs this file.

That Python has no packages and does not find this project, so only the standard library may be
imported here. compileall is not used: it writes marshal's reference flags, which depend on the
objects that the compiling process happens to share.
"""

import marshal
import platform
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")  # PEP 552: Python does not compare it with the source
TASK_ROOT = "/var/task"  # Lambda's folder; tracebacks show it instead of the builder's path
MARSHAL_VERSION = 2  # the last version without reference flags


def write(folder: Path) -> None:
    """Write a .pyc for every .py in a folder."""
    for path in folder.rglob("*.py"):
        source = path.read_bytes()
        name = f"{TASK_ROOT}/{path.relative_to(folder).as_posix()}"
        code = compile(source, name, "exec", dont_inherit=True)
        target = Path(cache_from_source(path))
        target.parent.mkdir(exist_ok=True)
        header = MAGIC_NUMBER + UNCHECKED + source_hash(source)
        target.write_bytes(header + marshal.dumps(code, MARSHAL_VERSION))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
    print(platform.python_version())
