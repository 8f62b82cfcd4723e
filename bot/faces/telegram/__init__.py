"""Telegram: updates in through the inbox, answers out through one rate limiter."""
