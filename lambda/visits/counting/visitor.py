"""Decides whether to count a request, and derives the visitor's hashes for the day."""

import hmac
import re
from functools import cache, lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import NamedTuple

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from openapi_handler.messages import Request

TESTS = "smoke"  # the counter of the tests, whose browsers are bots
# The time that the crawler patterns take grows with the square of the length.
LONGEST_USER_AGENT = 512
# A pattern that matches only itself, with its escapes removed.
PLAIN_TEXT = re.compile(r"(?:[^\\^$.|?*+()\[\]{}]|\\\W)+")
# Patterns of the list that match people's browsers, too, and what replaces them: a pattern that
# matches only the crawler, or None. The user agents are in the tests of three other projects:
# https://github.com/omrilotan/isbot/blob/main/fixtures/browsers.yml,
# https://github.com/matomo-org/device-detector/tree/master/Tests and those that a row names.
NOT_ONLY_CRAWLERS = {
    # A build of Android 15 on many phones: https://github.com/monperrus/crawler-user-agents/issues/466
    r"AP3A\.240617\.008": None,
    "Blackboard": "Blackboard Safeassign",  # the app of a learning platform (device-detector)
    "Butterfly": r"Butterfly\/",  # phones of HTC (device-detector)
    r"Code\/1\.": None,  # the browser in Visual Studio Code (isbot, device-detector)
    "coccoc": r"coccoc($|bot|\/)",  # a browser of Vietnam (device-detector)
    "Expanse": "^Expanse",  # a phone (device-detector)
    "Fever": r"^Fever\/",  # phones: https://github.com/JayBizzle/Crawler-Detect/issues/106
    "Fluid": None,  # a browser for macOS (isbot, device-detector)
    r"Freespoke\/": r"compatible; Freespoke\/",  # a browser (device-detector)
    "MetaIAB Facebook": None,  # the browser in Facebook's app (isbot, device-detector)
    r"Notion\/": r"^Notion\/",  # the desktop app, which shows embedded pages (device-detector)
    "Sogou": "^Sogou",  # a browser of China (device-detector)
    "Sonic": r"compatible; \w*Sonic",  # devices of ViewSonic and others (device-detector)
    r"Trae\/": None,  # the browser in a code editor (isbot)
    "Viber": "^Viber",  # the browser in the app (isbot, device-detector)
    # The desktop app: https://github.com/monperrus/crawler-user-agents/issues/361
    "WhatsApp": "^WhatsApp",
    "^curl": None,  # the README uses curl to try the API
}
MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:203.0.113.7 is an IPv4 address as an IPv6 one


def reason_not_to_count(request: Request) -> str | None:
    """Return the contract's reason why this request is not counted; None if it is."""
    if request.headers.get("Sec-GPC") == "1":  # https://www.w3.org/TR/gpc/
        return "opted-out"
    # Chromium sends the first one, and also the second one from some of its loaders.
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose"))
    if any(purpose.lower().startswith("prefetch") for purpose in purposes):
        return "prefetch"
    if request.path_parameters["counterId"] != TESTS and is_bot(user_agent(request)):
        return "bot"
    return None


def user_agent(request: Request) -> str:
    return request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT]


@lru_cache(maxsize=1024)
def is_bot(name: str) -> bool:
    """Return whether the maintained list crawler-user-agents knows this user agent."""
    texts, pattern = crawlers()
    return any(text in name for text in texts) or bool(pattern.search(name))


@cache
def crawlers() -> tuple[list[str], re.Pattern[str]]:
    """Return the list's plain texts, which are fast to find, and one pattern for the others."""
    texts, patterns = [], []
    for crawler in CRAWLER_USER_AGENTS_DATA:
        pattern = NOT_ONLY_CRAWLERS.get(crawler["pattern"], crawler["pattern"])
        if pattern and PLAIN_TEXT.fullmatch(pattern):
            texts.append(re.sub(r"\\(\W)", r"\1", pattern))
        elif pattern:
            patterns.append(pattern)
    return texts, re.compile("|".join(patterns))


class Visitor(NamedTuple):
    """A person on one counter during one day (UTC), as two hashes.

    Attributes:
        network: of the person's network, which other people may share.
        browser: of the user agent; different on each network.
    """

    network: str
    browser: bytes


def identify(request: Request, secret: bytes) -> Visitor:
    """Return who sent a request.

    The hashes are HMACs under the secret of the request's day. Without the secret, no one can
    compute the address or the browser from them.
    """
    counter = request.path_parameters["counterId"]
    address = network_of(request.context["identity"]["sourceIp"])
    network = keyed_hash(secret, f"{counter}\n{address}")[:16].hex()
    browser = keyed_hash(secret, f"{network}\n{user_agent(request)}")[:8]
    return Visitor(network, browser)


def network_of(address: str) -> str:
    """Return the /64 prefix of an IPv6 address, and an IPv4 address as it is.

    One connection usually has a whole /64, and its devices change their addresses in it:
    https://www.rfc-editor.org/rfc/rfc8981
    """
    try:
        packed = inet_pton(AF_INET6, address)
    except (
        OSError,
        ValueError,
    ):  # IPv4, or what API Gateway's console sends: test-invoke-source-ip
        return address
    if packed.startswith(MAPPED):
        return inet_ntop(AF_INET, packed[len(MAPPED) :])
    return packed[:8].hex()


def keyed_hash(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(errors="surrogatepass"), "sha256")
