"""A worker process: listens to one queue and runs each job in an application context of its own."""

from types import FrameType

import redis
import structlog
from flask import Flask
from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue

from authority_portal.config import settings
from authority_portal.jobs import ending

# Short, so that an idle worker notices a Redis that was restarted and looks after its queue.
WORKER_TTL = 30
JOBS_BEFORE_RENEWAL = 1_000
"""After this many jobs a worker ends and a fresh one takes its place: no leak grows for ever."""


class Listener(SimpleWorker):
    """RQ's worker without forks. Asked to end, it tells the running job, which stops between two messages."""

    app: Flask

    def perform_job(self, job: Job, queue: Queue, *more: object, **named: object) -> bool:
        """Run one job in its own application context."""
        with self.app.app_context():
            return bool(super().perform_job(job, queue, *more, **named))

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the job that runs."""
        ending.asked.set()
        super().request_stop(signum, frame)


def listen(app: Flask, queue: str) -> None:
    """Work off one queue until asked to end, or until it is time to be renewed."""
    structlog.contextvars.bind_contextvars(queue=queue)
    connection = redis.Redis.from_url(settings().REDIS_URL, socket_connect_timeout=2)
    worker = Listener([queue], connection=connection, serializer="json", worker_ttl=WORKER_TTL, log_job_description=False)
    worker.app = app
    worker.work(logging_level="WARNING", max_jobs=JOBS_BEFORE_RENEWAL)
