"""Whether this process was asked to end: what waits in a long job looks here between two steps."""

from threading import Event

asked = Event()
