"""From the name of a command to its exit code: refusals become one line, signals end everything that was started."""

import errno
import signal
from types import FrameType

from authority_portal.servers import ServiceError
from deploy.checkout import bench, clean, lint, programs, prove, run, say, stop, suite
from deploy.checkout.say import Refused

ACTIONS = {
    "run": run.main,
    "test": suite.main,
    "lint": lint.main,
    "prove": prove.main,
    "bench": bench.main,
    "stop": stop.main,
    "clean": clean.main,
}


class Stopped(BaseException):
    """Somebody asked us to end. Not an Exception, so that nothing on the way swallows it."""


def obey(name: str) -> int:
    """Run one command to its end."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        return ACTIONS[name]()
    except (Refused, ServiceError) as reason:
        return say.refusal(str(reason))
    except OSError as error:
        return say.refusal(in_words(error))
    except Stopped:
        programs.end_all()
        say.line("Stopped.")
        # For `make run` this is the ordinary end.
        return 0 if name == "run" else 130


def _stop(_number: int, _frame: FrameType | None) -> None:
    # A second signal while things are being put away must not leave them half away.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def in_words(error: OSError) -> str:
    """What the kernel refused, and what to do about it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({error.filename or 'while writing'}): make room, then run the same command again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename} may not be changed by this user: use a checkout of your own, or `make clean` as its owner."
    return f"{error}"
