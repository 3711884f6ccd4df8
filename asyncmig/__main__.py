"""The command line, as `python -m asyncmig`."""

from asyncmig.cli.app import main

if __name__ == "__main__":
    main()
