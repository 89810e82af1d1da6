"""The public side of the log: Merkle tiles and entry bundles on disk, which any static web server can serve.

Source: C2SP tlog-tiles v1.0.0. A full tile holds 256 hashes; ``tile/<L>/<N>`` with N in groups of three digits, ``.p/<W>`` for the partial
tile at the right edge. An entry is the 32-byte commitment to an event (`tanlu.records.log.commitments`), so that tiles give away nothing.
Tiles follow the database and are written before the checkpoint that covers them: after a crash they are at most behind it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tanlu.records.log.tree import EMPTY_ROOT, HASH_SIZE, leaf_hash, range_hash, root_of

WIDTH: Final = 256
HEIGHT: Final = 8
ENTRIES: Final = "entries"
CHECKPOINT: Final = "checkpoint"


class TileError(Exception):
    """A tile is missing, has a wrong length, or does not fit the tiles below it.

    Parameters
    ----------
    tile : str
        Path of the tile within the log.
    reason : str
    """

    def __init__(self, tile: str, reason: str) -> None:
        super().__init__(f"{tile}: {reason}")
        self.tile = tile
        self.reason = reason


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile (C2SP tlog-tiles, "Merkle Tree"): ``tile/0/x001/x234/067``, ``….p/17`` if partial."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    path = f"tile/{level}/" + "/".join(groups)
    return path if width == WIDTH else f"{path}.p/{width}"


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing, and so that it survives a loss of power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


class Tiles:
    """The tiles of a log in a folder.

    Parameters
    ----------
    folder : Path
        Folder of the log (``log/`` of the workspace).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, level: int | str, index: int, width: int, *, entry_size: int = HASH_SIZE) -> list[bytes]:
        """Return the hashes or entries of a tile; a partial tile may be read out of the full one.

        Raises
        ------
        TileError
            If it is missing or has a wrong length.
        """
        step = entry_size + (2 if level == ENTRIES else 0)
        for found in (width, WIDTH):
            path = self.folder / tile_path(level, index, found)
            if path.is_file():
                content = path.read_bytes()
                if len(content) != step * found:
                    raise TileError(tile_path(level, index, found), f"{len(content)} bytes, not {step * found}")
                parts = [content[i : i + step] for i in range(0, step * width, step)]
                if level != ENTRIES:
                    return parts
                head = entry_size.to_bytes(2, "big")
                if any(not part.startswith(head) for part in parts):
                    raise TileError(tile_path(level, index, found), "an entry has a wrong length")
                return [part[2:] for part in parts]
        raise TileError(tile_path(level, index, width), "missing")

    def append(self, size: int, commitments: Sequence[bytes]) -> int:
        """Write the tiles of entries that follow the first ``size`` of the log, and return the size of the log then.

        Writing the same entries again gives the same files, so that a crash in between is mended by writing again.
        """
        if not commitments:
            return size
        end = size + len(commitments)
        start = size - size % WIDTH
        before = self.read(ENTRIES, start // WIDTH, size - start) if size > start else []
        entries = [*before, *commitments]
        level_nodes = [leaf_hash(entry) for entry in entries]
        for offset in range(0, len(entries), WIDTH):
            part = entries[offset : offset + WIDTH]
            packed = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            self._write(ENTRIES, (start + offset) // WIDTH, len(part), packed)
        level, first = 0, start
        while level_nodes:
            full: list[bytes] = []
            for offset in range(0, len(level_nodes), WIDTH):
                nodes = level_nodes[offset : offset + WIDTH]
                self._write(level, (first + offset) // WIDTH, len(nodes), b"".join(nodes))
                if len(nodes) == WIDTH:
                    full.append(root_of(nodes))
            # the tiles that became full are nodes of the level above, after those that were there before
            level, position = level + 1, first // WIDTH
            if not full:
                break
            first = position - position % WIDTH
            known = self.read(level, first // WIDTH, position - first) if position > first else []
            level_nodes = [*known, *full]
        return end

    def _write(self, level: int | str, index: int, width: int, content: bytes) -> None:
        path = self.folder / tile_path(level, index, width)
        if not path.is_file() or path.read_bytes() != content:
            write_file(path, content)

    def node(self, size: int, level: int, index: int) -> bytes:
        """Return the hash of a full subtree of a log of ``size`` leaves: a node reader, once size is bound.

        Raises
        ------
        TileError
            If the tile that holds it is missing or damaged.
        """
        tile_level, rest = divmod(level, HEIGHT)
        first = index << rest
        tile, at = divmod(first, WIDTH)
        width = min(WIDTH, (size >> (HEIGHT * tile_level)) - tile * WIDTH)
        if width <= at:
            # a full tile is a node of the level above only; at the right edge the level above may not exist
            raise TileError(tile_path(tile_level, tile), "not in a log of this size")
        return root_of(self.read(tile_level, tile, width)[at : at + (1 << rest)])

    def root(self, size: int) -> bytes:
        """Return the root of the first ``size`` leaves, from the tiles.

        Raises
        ------
        TileError
            If a tile is missing or damaged.
        """
        return range_hash(0, size, lambda level, index: self.node(size, level, index)) if size else EMPTY_ROOT

    def check(self, size: int) -> list[bytes]:
        """Check that every tile of a log of ``size`` leaves is there and fits the one below, and return the entries.

        Raises
        ------
        TileError
            Naming the first tile that does not.
        """
        entries: list[bytes] = []
        for index in range(-(-size // WIDTH)):
            entries += self.read(ENTRIES, index, min(WIDTH, size - index * WIDTH))
        nodes, level = [leaf_hash(entry) for entry in entries], 0
        while nodes:
            above = []
            for index in range(-(-len(nodes) // WIDTH)):
                expected = nodes[index * WIDTH : (index + 1) * WIDTH]
                if self.read(level, index, len(expected)) != expected:
                    raise TileError(tile_path(level, index, len(expected)), "does not fit what lies below it")
                if len(expected) == WIDTH:
                    above.append(root_of(expected))
            nodes, level = above, level + 1
        return entries

    def prune(self, size: int) -> None:
        """Remove the partial tiles at the right edge of a log of ``size`` leaves whose full tiles exist since."""
        level, nodes = 0, size
        while nodes:
            for kind in (level, ENTRIES) if level == 0 else (level,):
                full = self.folder / tile_path(kind, nodes // WIDTH)
                partial = full.with_name(f"{full.name}.p")
                if full.is_file() and partial.is_dir():
                    for file in partial.iterdir():
                        file.unlink()
                    partial.rmdir()
            level, nodes = level + 1, nodes // WIDTH
