"""Data shipped with Shoebox: the recipes and the catalogue of models, as TOML."""
