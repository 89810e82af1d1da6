"""Content hashes: the same data give the same hash on every machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def hash_json(data: object) -> str:
    """Return the SHA-256 of plain data in canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def hash_folder(folder: Path) -> str:
    """Return the SHA-256 over the relative names and contents of all data files below a folder.

    Python files and caches do not count: the hash names the data, the code has its version.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_file() and path.suffix in {".csv", ".yaml"}:
            name = path.relative_to(folder).as_posix().encode()
            content = path.read_bytes()
            digest.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
