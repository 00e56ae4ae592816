"""Zip files whose headers lie."""

import struct
from pathlib import Path


def understate(archive: Path, size: int) -> None:
    """Let both headers of an archive's last file say that it unpacks to ``size`` bytes."""
    content = bytearray(archive.read_bytes())
    struct.pack_into("<I", content, content.rfind(b"PK\x01\x02") + 24, size)
    struct.pack_into("<I", content, content.rfind(b"PK\x03\x04") + 22, size)
    archive.write_bytes(content)
