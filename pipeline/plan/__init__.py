"""From a recipe to ordered steps with keys: what would run, decided before anything runs."""
