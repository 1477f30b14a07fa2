"""What the output of another program means, in one line that says what to do."""

import re

# The first pattern that is found wins: a package that "does not exist" is mostly a registry that was not reached.
CAUSES = (
    (
        r"No space left on device|ENOSPC|not enough free space|Disk quota exceeded",
        "the disk is full: make room, then run the same command again.",
    ),
    (
        (
            r"Temporary failure (in name resolution|resolving)|Could not resolve|Name or service not known|"
            r"Network is unreachable|Connection refused|Could not connect|Connection timed out|Read timed out|ConnectTimeout|"
            r"Failed to establish a new connection|NewConnectionError|"
            r"ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ProxyError"
        ),
        "its package registry cannot be reached: check the network, or the proxy or mirror it is set to, then run again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT",
        "the registry's certificate is not trusted: set up the machine's certificates, then run again.",
    ),
    (
        r"Could not get lock|Unable to acquire the dpkg",
        "another package installation is running: wait for it to end, then run again.",
    ),
    (r"dpkg was interrupted", "an earlier installation was interrupted: run `dpkg --configure -a` as root, then run again."),
    (
        r"DO NOT MATCH THE HASHES|EINTEGRITY",
        "a download is not what the lock file names: try again, and mistrust the registry if it happens twice.",
    ),
    (
        r"Unable to locate package|has no installation candidate",
        "the machine's package lists do not have it: check /etc/apt/sources.list, then run again.",
    ),
    (
        r"No matching distribution found",
        "there is no build of a package for this Python: use another version, for instance `make run PYTHON=python3.12`.",
    ),
    (
        r"Read-only file system|EROFS|Permission denied|EACCES",
        "it may not write where it has to: run as the user the checkout belongs to.",
    ),
)


def cause(program: str, output: str, log: str) -> str:
    """One line about why `program` failed, from everything it printed."""
    for pattern, sentence in CAUSES:
        if re.search(pattern, output):
            return f"{program}: {sentence} (all it said: {log})"
    lines = [text for text in output.splitlines() if text.strip()]
    # The first error is mostly the reason, and the last line what became of it.
    errors = [text for text in lines if re.match(r"ERROR|E:|npm error|[Ee]rror:", text)]
    told = " … ".join(dict.fromkeys(text.strip() for text in [*errors[:1], *lines[-1:]])) or "it said nothing"
    return f"{program} failed: {told} (all it said: {log})"
