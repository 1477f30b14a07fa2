"""The yardstick: the least a Flask application can do, served like the portal."""

from flask import Flask

app = Flask("yardstick")


@app.get("/")
def hello() -> str:
    """Say hello."""
    return "Hello"
