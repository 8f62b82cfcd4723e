"""Hostile and harmless files, made when a test asks for them; none is stored."""
