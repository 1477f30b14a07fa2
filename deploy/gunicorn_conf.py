"""How gunicorn serves the portal: `gunicorn --config deploy/gunicorn_conf.py wsgi:app`."""

import os
from pathlib import Path

bind = os.environ.get("PORTAL_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("PORTAL_WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("PORTAL_WEB_THREADS", "8"))

# Imported once and forked: less memory and a start in half the time. Nothing is connected before the first request.
preload_app = True
# A request is bounded by the database's 15 s per statement; what takes longer than this hangs.
timeout = 60
graceful_timeout = 20
# Longer than the proxy keeps its connections, so that it never sends into one that is being closed.
keepalive = 75
control_socket_disable = True
# The portal logs each request itself, by route and without addresses.
accesslog = None
# Its own few words in the same form: one JSON line each, on standard error.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"portal": {"()": "authority_portal.foundation.logs.formatter"}},
    "handlers": {"portal": {"class": "logging.StreamHandler", "formatter": "portal", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["portal"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["portal"], "propagate": False, "qualname": "gunicorn.error"}},
}
# Gunicorn's sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def on_starting(_server: object) -> None:
    """Counting begins from nothing: files of processes that ended before would count as if they still worked."""
    folder = os.environ.get("PORTAL_METRICS_FOLDER")
    for file in Path(folder).glob("*.db") if folder else ():
        file.unlink()
