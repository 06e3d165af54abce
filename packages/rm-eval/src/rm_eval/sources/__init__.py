"""Where the rows of a benchmark come from: a TSV, a parquet or a JSON-lines file."""
