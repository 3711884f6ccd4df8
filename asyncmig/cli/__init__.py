"""The command line: parse, call one method, print the result."""
