"""What the figures are held against, in one place."""

CPU_RATIO = {
    "list_filtered": (15.0, 8.0),
    "queue_page": (25.0, 14.0),
    "map_low": (12.0, 6.0),
    "map_high": (30.0, 15.0),
    "report_page": (20.0, 12.0),
    "open311_get": (15.0, 8.0),
    "live_304": (2.0, 1.2),
    "analytics_overview": (60.0, 30.0),
    "status_change": (40.0, 25.0),
    "open311_post": (40.0, 25.0),
}
"""CPU of web and database per request, in those of a Flask "hello": at most, and what we are after."""

GROWTH = (1.5, 1.2)
"""p50 at ten times the reports, in that at one: at most, and what we are after."""
GROWING = ("list_filtered", "queue_page", "map_low", "map_high", "report_page", "open311_get", "analytics_overview")
"""The rows it is asked of: pages that read through indexes."""

WORKER_MB = 200.0
FIRST_PAGE_KB = 130.0
