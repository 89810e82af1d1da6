"""Sub-commands of `tanlu`, one module a room. They read input, call the rooms and print; they calculate nothing."""
