"""The web face for tests: a real server on loopback, people without JavaScript, a real browser."""
