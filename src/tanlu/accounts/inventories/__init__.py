"""Inventories as frozen documents, compared line by line and summed by place."""
