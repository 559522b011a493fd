"""From masters to what people take away: derivatives, metadata, contact sheets, packages."""
