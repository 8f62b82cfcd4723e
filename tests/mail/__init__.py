"""Noon's mails: how they are made in tests, and an independent reader that judges them."""
