"""One file per change of the schema, numbered; a published one is never edited."""
