"""The studio: levers that are moved and charts that follow."""
