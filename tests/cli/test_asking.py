"""A command whose database is away says so in one line."""

import os
import subprocess
import sys

from authority_portal.config import CHECKOUT


def test_a_command_without_its_database_says_what_to_do(environment, tmp_path):
    env = {**os.environ, **environment, "PORTAL_DATABASE_URL": f"postgresql+psycopg://portal_app@/nowhere?host={tmp_path}"}
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "authority", "list"],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 1
    assert "The database does not answer." in said.stderr
    assert "Traceback" not in said.stderr
