"""Pack a folder into a zip whose bytes depend only on the names and contents of its files.

zipfile writes the format, but libdeflate compresses: zlib's output differs between versions and
forks, while libdeflate's depends only on its version, which requirements/run.txt pins.
https://github.com/zlib-ng/zlib-ng/issues/2216, https://github.com/ebiggers/libdeflate/issues/400
"""

import io
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import deflate

UNIX = 3
MODE = 0o100644 << 16  # readable by everyone: Lambda runs the function as another user
LEVEL = 9  # 2 % larger than the highest level, which takes six times as long


class Compressor:
    """Replace zlib's compressor; each file is written in one piece."""

    def compress(self, content: bytes) -> bytes:
        return bytes(deflate.deflate_compress(content, LEVEL))

    def flush(self) -> bytes:
        return b""


def pack(folder: Path) -> bytes:
    """Pack the files of a folder, without directory entries, in the order of their names."""
    target = io.BytesIO()
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    with ZipFile(target, "w") as archive:
        for name in sorted(name for name, path in files.items() if path.is_file()):
            info = ZipInfo(name)  # dated 1980-01-01, the first date of the format
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, UNIX, MODE
            member: Any
            with archive.open(info, "w") as member:
                member._compressor = Compressor()  # noqa: SLF001 - zipfile has no public hook
                member.write(files[name].read_bytes())
    return target.getvalue()
