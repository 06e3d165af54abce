"""The commands of rm-data, one module each."""
