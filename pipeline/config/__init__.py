"""Recipes: TOML files become frozen, validated options before any pixel is touched."""
