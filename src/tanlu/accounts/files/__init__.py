"""Activity data and results as files: reading, templates, result folders, workbooks, interchange, audit."""
