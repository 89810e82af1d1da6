"""``python -m tanlu`` is the command `tanlu`."""

from tanlu.cli import main

main()
