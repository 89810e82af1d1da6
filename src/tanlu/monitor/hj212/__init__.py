"""HJ 212-2017 and HJ/T 212-2005: data of stacks and outfalls over TCP.

`parse` and `encode` are pure; `stream` cuts what a connection sends into packets; `mapping` says which meter a device and code are;
`server` listens, answers and asks for what is missing.
"""

from __future__ import annotations

from tanlu.monitor.hj212.frame import Frame, encode, parse
from tanlu.monitor.hj212.stream import FrameReader

__all__ = ["Frame", "FrameReader", "encode", "parse"]
