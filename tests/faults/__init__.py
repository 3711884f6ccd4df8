"""Faults: processes that are killed, connections that are cut, herds of processes, on real servers."""
