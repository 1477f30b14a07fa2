"""A worker process: listens to one queue and runs each job in an application context of its own."""

from collections.abc import Callable
from types import FrameType
from typing import Any

import redis
import structlog
from flask import Flask
from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue

from authority_portal.config import settings
from authority_portal.jobs import ending, queues

# Short, so that an idle worker notices a Redis that was restarted and looks after its queue.
WORKER_TTL = 30
JOBS_BEFORE_RENEWAL = 1_000
"""After this many jobs a worker ends and a fresh one takes its place: no leak grows for ever."""


class OwnJob(Job):
    """A job that can run nothing but `queues.do`, and sets off nothing else.

    RQ would call whatever function a job names, and what stands in Redis is only what somebody wrote there.
    """

    success_callback = failure_callback = stopped_callback = None

    @property
    def func(self) -> Callable[..., Any]:
        """The one entrance. Raises ValueError for a job that names anything else, which then fails."""
        if self.func_name != queues.ENTRANCE or self.instance:
            raise ValueError("a job that is none of ours")
        return queues.do

    def send_webhooks(self, *_: object, **__: object) -> None:
        """Tell nobody: addresses in a job are not ours."""


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
    listener(app, queue).work(logging_level="WARNING", max_jobs=JOBS_BEFORE_RENEWAL)


def listener(app: Flask, queue: str) -> Listener:
    """The worker of one queue. Its jobs are JSON: nothing in them is unpickled."""
    connection = redis.Redis.from_url(settings().REDIS_URL, socket_connect_timeout=2)
    made = Listener(
        [queue], connection=connection, serializer="json", job_class=OwnJob, worker_ttl=WORKER_TTL, log_job_description=False
    )
    made.app = app
    return made
