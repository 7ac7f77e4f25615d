"""Compiles the sources in a folder; run by the Python that the .pyc files are for.

It must stay runnable as a file, without this project or a package: another Python runs it.
"""

import marshal
import platform
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")  # loaded without a look at the source, whatever its date
TASK_ROOT = "/var/task"  # where Lambda unpacks: a path of the builder would be in the bytes
# The last version that does not write which objects were shared, by chance, when it wrote.
MARSHAL_VERSION = 2


def write(folder: Path) -> None:
    """Write a .pyc for every .py in a folder."""
    for path in folder.rglob("*.py"):
        source = path.read_bytes()
        name = f"{TASK_ROOT}/{path.relative_to(folder).as_posix()}"
        code = compile(source, name, "exec", dont_inherit=True)
        target = Path(cache_from_source(path))
        target.parent.mkdir(exist_ok=True)
        head = MAGIC_NUMBER + UNCHECKED + source_hash(source)
        target.write_bytes(head + marshal.dumps(code, MARSHAL_VERSION))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
    print(platform.python_version())
