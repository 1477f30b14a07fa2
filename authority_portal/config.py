"""Every setting of the installation: typed, read once, with the reason it exists.

Settings come from environment variables with the prefix ``PORTAL_``. When ``PORTAL_DATABASE_URL`` is unset, the file
``.local/env`` that ``make run`` writes is read instead, so that ``.local/bin/flask …`` works in another shell.
"""

import os
import re
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent
LOCAL = CHECKOUT / ".local"
LOCAL_ENV = LOCAL / "env"
SECRETS = "/run/secrets"
"""Where containers find their secrets, one file for each setting."""

# Known to everybody who can read this file: good for a demo on loopback, refused in production.
DEMO_SECRET_KEY = "demo-secret-key-that-everybody-knows-and-production-refuses"  # noqa: S105  # known on purpose, see above
DEMO_DATA_KEYS = "demo1:ZGVtby1kYXRhLWtleS1ldmVyeWJvZHkta25vd3MtaXQ="
DEMO_LINK_KEYS = "demo1:ZGVtby1saW5rLWtleS1ldmVyeWJvZHkta25vd3MtaXQ="


class Settings(BaseSettings):
    """The installation's settings. Authorities may differ in sender, undo window and branding; those live in their row."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="ignore")

    ENV: Literal["production", "demo", "test"] = Field("production", description="Which rules of strictness apply.")
    DATABASE_URL: str = Field(description="The app's role: owns nothing, cannot pass row-level security.")
    DATABASE_OWNER_URL: str = Field("", description="Migrations, installation and backup only; passes row-level security.")
    DATABASE_REPLICA_URL: str = Field("", description="Read replica for analytics; empty: the main database.")
    REDIS_URL: str = Field("redis://127.0.0.1:6379/0", description="The wake-up bell. May vanish at any time.")
    SECRET_KEY: str = Field(description="Signs CSRF tokens and short-lived values.", min_length=32)
    DATA_KEYS: str = Field(description="Keys that wrap each person's key: `id:base64`, comma separated, newest first.")
    LINK_KEYS: str = Field(description="Keys of residents' link tokens: `id:base64`, comma separated, newest first.")
    BASE_URL: str = Field("http://127.0.0.1:8000", description="How residents reach this installation; used in messages.")
    TRUSTED_PROXIES: int = Field(0, ge=0, le=5, description="How many proxies in front set X-Forwarded-*.")
    SMTP_URL: str = Field("smtp://127.0.0.1:2525", description="smtp://user:password@host:port or smtps://…")
    MAIL_FROM: str = Field("portal@localhost.example", description="Envelope sender and From of every e-mail.")
    SMS_URL: str = Field("", description="SMS gateway; empty: no SMS leaves.")
    PUSH_VAPID_KEY: str = Field("", description="Web push; empty: off.")
    STORAGE_URL: str = Field("", description="Where photos live: `file:///folder`; empty: `.local/storage`.")
    BASEMAP: Literal["pmtiles", "wms", "none"] = Field("none", description="Kind of base map.")
    BASEMAP_URL: str = Field("", description="pmtiles: a file's path; wms: the council's service.")
    UNDO_SECONDS: int = Field(60, ge=0, le=3600, description="How long a status change can be undone before it is seen outside.")
    FETCH_PRIVATE: bool = Field(
        False, description="Let the photo fetcher reach private addresses: for the suite's own servers; refused in production."
    )
    MAIL_FOLDER: str = Field("", description="Demo only: where the local SMTP sink writes .eml files.")
    DEMO_DATA: str = Field("", description="Demo only: the folder with the files of `flask demo load`; `make run` finds it.")
    LEASE_SECONDS: int = Field(
        60,
        ge=3,
        le=3600,
        description="How long a worker holds a message without a sign of life; a third of it bounds each wait for SMTP.",
    )
    WORKERS: int = Field(2, ge=1, le=32, description="Delivery worker processes.")
    LIMIT_STRANGERS: int = Field(
        300, ge=0, le=1_000_000, description="Requests a minute from one network address at each public door; 0: no limit."
    )
    LIMIT_CLIENT: int = Field(
        600, ge=0, le=1_000_000, description="Requests a minute of an Open311 client without a limit of its own; 0: no limit."
    )
    LIMIT_STAFF: int = Field(600, ge=0, le=1_000_000, description="Changes a minute by one member of staff; 0: no limit.")
    LIMIT_UPLOADS: int = Field(
        30, ge=0, le=1_000_000, description="Forms with files a minute by one member of staff; 0: no limit."
    )
    METRICS_TOKEN: str = Field("", description="Opens /metrics to `Authorization: Bearer …`; empty: to no token.")
    METRICS_NETWORKS: str = Field(
        "", description="Networks, comma separated, from which /metrics opens to whoever comes without a proxy; empty: none."
    )
    METRICS_FOLDER: str = Field(
        "", description="Where the web workers of this host count together; emptied before each start. Empty: each for itself."
    )
    MEDIA_PREFIX: str = Field(
        "", description="Internal address under which nginx sends photos (X-Accel-Redirect); empty: the portal sends them itself."
    )
    KEEP_EVENTS_DAYS: int = Field(30, ge=1, le=3650, description="How long events that were acted upon are kept.")
    KEEP_DELIVERIES_DAYS: int = Field(
        365, ge=30, le=3650, description="How long the record of a plain delivery is kept; afterwards its message counts as sent."
    )

    @field_validator("BASE_URL")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("METRICS_TOKEN")
    @classmethod
    def _not_to_be_guessed(cls, value: str) -> str:
        if value and len(value) < 20:
            raise ValueError("at least 20 characters: whoever has it reads /metrics from anywhere")
        return value

    @field_validator("METRICS_NETWORKS")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ip_network(part)
        return value

    @field_validator("MEDIA_PREFIX")
    @classmethod
    def _is_a_path(cls, value: str) -> str:
        if value and not re.fullmatch(r"(/[a-z0-9_-]+)+", value):
            raise ValueError("a path like /internal-media, without a slash at its end")
        return value

    @model_validator(mode="after")
    def _production_refuses_what_everybody_knows(self) -> "Settings":
        if self.ENV != "production":
            return self
        known = [
            name
            for name, value in (
                ("PORTAL_SECRET_KEY", self.SECRET_KEY == DEMO_SECRET_KEY),
                ("PORTAL_DATA_KEYS", "demo1:" in self.DATA_KEYS),
                ("PORTAL_LINK_KEYS", "demo1:" in self.LINK_KEYS),
                ("PORTAL_FETCH_PRIVATE", self.FETCH_PRIVATE),
            )
            if value
        ]
        if known:
            raise ValueError(
                f"production refuses demo values in {', '.join(known)}: "
                "make new ones with `python -m authority_portal.cli.doctor --new-keys`"
            )
        return self

    @property
    def storage_folder(self) -> Path:
        """The folder of photos. Only `file://` is supported so far; anything else is refused."""
        if not self.STORAGE_URL:
            return LOCAL / "storage"
        if not self.STORAGE_URL.startswith("file:///"):
            raise ValueError("PORTAL_STORAGE_URL must be file:///an/absolute/folder")
        return Path(self.STORAGE_URL.removeprefix("file://"))


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings, read at the first call. A process keeps what it read; tests clear with `settings.cache_clear()`.

    Files named like the settings in the folder PORTAL_SECRETS (default `/run/secrets`) count where the environment says nothing.
    """
    folder = Path(os.environ.get("PORTAL_SECRETS", SECRETS))
    if folder.is_dir() and any(folder.glob("PORTAL_*")):
        return Settings(_secrets_dir=folder)  # type: ignore[call-arg]  # pydantic-settings adds _secrets_dir at run time
    if "PORTAL_DATABASE_URL" not in os.environ and LOCAL_ENV.is_file():
        return Settings(_env_file=LOCAL_ENV)  # type: ignore[call-arg]  # pydantic-settings adds _env_file at run time
    return Settings()  # type: ignore[call-arg]  # every field comes from the environment


def environment_with(**changed: str) -> dict[str, str]:
    """The environment for a process of ours with these settings but for the changed ones, wherever they were read from."""
    known = settings().model_dump(exclude_none=True) | changed
    return dict(os.environ) | {f"PORTAL_{name}": str(value) for name, value in known.items()}


def count_together() -> Path | None:
    """The folder in which the web workers of this host count, or None for counting alone.

    prometheus-client looks for it in the environment at its first import, so this is called before.
    """
    folder = settings().METRICS_FOLDER
    if not folder:
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
        return None
    Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    return Path(folder)
