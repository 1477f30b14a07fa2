"""The caseworker's desk: one report, and what can be done to it. Views stand in the modules beside this one, by purpose."""

from flask import Blueprint

casework = Blueprint("casework", __name__, url_prefix="/reports")
