"""DL/T 645-2007 and -1997: electricity meters on a serial line, here through a transparent TCP gateway.

`parse` and `encode` are pure; `items` knows how values are written; `poller` asks the meters behind a gateway one after the other.
"""

from __future__ import annotations

from tanlu.monitor.dlt645.frame import Frame, FrameReader, encode, parse
from tanlu.monitor.dlt645.items import Item, answer, decimal_value, item_of, request

__all__ = ["Frame", "FrameReader", "Item", "answer", "decimal_value", "encode", "item_of", "parse", "request"]
