"""Zip files whose headers lie."""

import struct
import zipfile
from pathlib import Path


def write_lying(archive: Path, name: str, method: int, size: int) -> None:
    """Write an archive with one file of 50 MB of zeros, which claims ``size`` bytes."""
    with zipfile.ZipFile(archive, "w", method) as file:
        file.writestr(name, bytes(50_000_000))
    understate(archive, size)


def understate(archive: Path, size: int) -> None:
    """Let both headers of an archive's last file say that it unpacks to ``size`` bytes."""
    content = bytearray(archive.read_bytes())
    struct.pack_into("<I", content, content.rfind(b"PK\x01\x02") + 24, size)
    struct.pack_into("<I", content, content.rfind(b"PK\x03\x04") + 22, size)
    archive.write_bytes(content)
