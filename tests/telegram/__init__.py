"""What the tests of the Telegram face share: the service, its store, and the people who use it."""
