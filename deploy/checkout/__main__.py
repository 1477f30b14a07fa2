"""The door of `make`: checks the Python it runs on, then hands over to the command. Written so that any Python 3 can read it."""

import sys

# ruff: noqa: UP036, UP031  # an old Python has to get as far as the sentence about its age

COMMANDS = ("run", "test", "lint", "prove", "bench", "stop", "clean")


def main():
    # type: () -> int
    """Run one command. Everything that can be said in one line is said in one line, without a traceback."""
    if sys.version_info < (3, 11):
        found = "%d.%d" % sys.version_info[:2]
        sys.stderr.write(
            "Python %s is too old: install Python 3.11 or newer, or name one with `make run PYTHON=python3.12`.\n" % found
        )
        return 2
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.stderr.write("Usage: python3 -m deploy.checkout %s\n" % "|".join(COMMANDS))
        return 2
    from deploy.checkout import commands  # older Pythons cannot read it

    return commands.obey(sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
