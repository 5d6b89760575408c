"""Reading tables: columns, delimited text, blocks of a file larger than memory."""
