"""What the tests of the whole post office share: processes that can be killed at named points."""
