"""What the channels by which reports come in are called."""

from flask_babel import lazy_gettext

from authority_portal.domain.reports.workflow import Channel

CHANNELS = {
    Channel.APP: lazy_gettext("App"),
    Channel.WEB: lazy_gettext("Web"),
    Channel.PHONE: lazy_gettext("Phone"),
    Channel.COUNTER: lazy_gettext("Counter"),
    Channel.LETTER: lazy_gettext("Letter"),
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SOCIAL: lazy_gettext("Social media"),
    Channel.STAFF: lazy_gettext("Staff"),
    Channel.SYSTEM: lazy_gettext("System"),
}
