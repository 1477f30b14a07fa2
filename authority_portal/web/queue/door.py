"""The queue's door: list, map, preview, news."""

from flask import Blueprint

queue = Blueprint("queue", __name__)
