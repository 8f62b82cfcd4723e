"""A whole Noon that logs everything it can, for tests of what it does not log."""
