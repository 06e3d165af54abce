"""The commands of `rm-eval` beside `bench`, `compare` and `list`, each in a module of its own."""
