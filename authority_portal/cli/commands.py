"""The flask commands, one file per noun."""

from flask import Flask

from authority_portal.cli import audit, authority, doctor, figures, import_, install, keys, outbox, retention, staff, workflow
from authority_portal.cli.backup import commands as backup
from authority_portal.cli.bench import commands as bench
from authority_portal.cli.demo import commands as demo


def init_app(app: Flask) -> None:
    """Add every command group."""
    for group in (
        audit.audit,
        authority.authority,
        backup.backup,
        bench.bench,
        demo.demo,
        doctor.doctor,
        figures.figures,
        import_.import_,
        install.install,
        keys.keys,
        outbox.outbox,
        retention.group,
        staff.staff,
        workflow.workflow,
    ):
        app.cli.add_command(group)
