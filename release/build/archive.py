"""A folder as a zip file, whose bytes depend on the names and contents in it and on nothing else.

zipfile would do, but zlib compresses otherwise from version to version and from fork to fork.
libdeflate differs by its version alone, and requirements/run.txt pins that:
https://github.com/zlib-ng/zlib-ng/issues/2216, https://github.com/ebiggers/libdeflate/issues/400
"""

import struct
from pathlib import Path

import deflate

# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
FORMAT = 20  # 2.0: folders, and deflate
UNIX = 3 << 8
DEFLATED = 8
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1  # of 1980, where the format's time begins
MODE = 0o100644 << 16  # a file that all may read: Lambda's user is not its owner
LEVEL = 9  # 2 % more than the best, which takes six times as long


def pack(folder: Path) -> bytes:
    """Pack the files in a folder."""
    files, directory = bytearray(), bytearray()
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = sorted(path.relative_to(folder).as_posix() for path in paths)
    for name in names:
        content = (folder / name).read_bytes()
        packed = deflate.deflate_compress(content, LEVEL)
        path = name.encode("ascii")
        header = (
            struct.pack("<5H", FORMAT, 0, DEFLATED, MIDNIGHT, FIRST_DAY)
            + struct.pack("<3L", deflate.crc32(content), len(packed), len(content))
            + struct.pack("<2H", len(path), 0)
        )
        place = struct.pack("<3H2L", 0, 0, 0, MODE, len(files))
        directory += b"PK\1\2" + struct.pack("<H", UNIX | FORMAT) + header + place + path
        files += b"PK\3\4" + header + path + packed
    count, start, length = len(names), len(files), len(directory)
    end = struct.pack("<4H2LH", 0, 0, count, count, length, start, 0)
    return bytes(files + directory + b"PK\5\6" + end)
