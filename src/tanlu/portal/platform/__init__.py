"""What all routes of the API share: formats, lists, conditional answers, limits of use, its description, and webhooks.

A router of a room brings records; `listing` turns them into JSON, CSV or Parquet, filtered, sorted and paged. The middleware adds entity
tags and limits. Nothing here knows what the records mean.
"""
