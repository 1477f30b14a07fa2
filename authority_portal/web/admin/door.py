"""The door of those who look after an authority."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")
