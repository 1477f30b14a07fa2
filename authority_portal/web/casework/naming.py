"""What code words are called on the report page."""

from flask_babel import lazy_gettext

from authority_portal.domain.reports.workflow import Channel, Outcome

OUTCOMES = {
    Outcome.FIXED: lazy_gettext("Fixed"),
    Outcome.NOT_FIXED: lazy_gettext("Not fixed"),
    Outcome.NOT_OURS: lazy_gettext("Not ours"),
    Outcome.DUPLICATE: lazy_gettext("Reported before"),
    Outcome.WITHDRAWN: lazy_gettext("Withdrawn by the resident"),
}
CHANNELS = {
    Channel.APP: lazy_gettext("by app"),
    Channel.WEB: lazy_gettext("by web form"),
    Channel.PHONE: lazy_gettext("by phone"),
    Channel.COUNTER: lazy_gettext("at the counter"),
    Channel.LETTER: lazy_gettext("by letter"),
    Channel.EMAIL: lazy_gettext("by e-mail"),
    Channel.SOCIAL: lazy_gettext("by social media"),
    Channel.STAFF: lazy_gettext("by our own staff"),
    Channel.SYSTEM: lazy_gettext("by another system"),
}
FIELDS = {"name": lazy_gettext("Name"), "email": lazy_gettext("E-mail"), "phone": lazy_gettext("Phone")}
READ_FIELDS = {
    "name": lazy_gettext("Name read"),
    "email": lazy_gettext("E-mail address read"),
    "phone": lazy_gettext("Phone number read"),
}
REVEAL_REASONS = {
    "call_back": lazy_gettext("The resident asked to be called or written to"),
    "question": lazy_gettext("The work cannot go on without an answer"),
    "danger": lazy_gettext("Danger, must be reached now"),
    "rights": lazy_gettext("Identity check for a rights request"),
}
WANTED_CHANNELS = {
    "email": lazy_gettext("by e-mail"),
    "sms": lazy_gettext("by text message"),
    "phone": lazy_gettext("by phone"),
    "letter": lazy_gettext("by letter"),
    "none": lazy_gettext("not at all"),
}
LINES = {"all": lazy_gettext("All"), "public": lazy_gettext("Public"), "staff": lazy_gettext("Staff")}
MESSAGE_CHANNELS = {"email": lazy_gettext("E-mail"), "sms": lazy_gettext("SMS"), "letter": lazy_gettext("Letter")}
