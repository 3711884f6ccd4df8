"""Errors of the test servers."""


class ServerMissing(Exception):  # noqa: N818 - a state of the machine
    """A server is not installed, and no URL of a running one was given."""


class ServerFailed(Exception):  # noqa: N818 - a state of the server
    """A server is there but does not start, or does not answer."""
