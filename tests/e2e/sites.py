"""The healthy site behind a proxy, which serves other pages or changes what the API answers."""

from collections.abc import Callable
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

NOT_PASSED = {"Connection", "Content-Encoding", "Content-Length", "Date", "Server"}

NUMBER = '<p>2021: 1,234 pages. Visitor <span id="count"></span>, welcome.</p>'
VISIT = """<script>
    const url = "/live/counters/resume/visits?visitId=" + crypto.randomUUID();
    const visit = () => fetch(url, {method: "POST"})
        .then(response => response.ok ? response.json() : Promise.reject());
</script>"""


def shows(expression: str, when: str = "visit()") -> str:
    """Return a page that counts a visit and shows an expression of the answer."""
    code = f"{when}.then(n => count.textContent = {expression}, () => {{}})"
    return f"{NUMBER}{VISIT}<script>{code}</script>"


FETCH = shows("n.visits")
BANNER = '<button id="accept">Accept</button>' + shows("n.visits", "accept.onclick = () => visit()")
ELEMENT = """<script type="module" src="/live/elements/visitor-counter.js"{}></script>
<visitor-counter api="/live" counter="resume"></visitor-counter>"""
FRAME = '<h1>Resume</h1><iframe src="/frame"></iframe>'
ROUTES = f"""<main></main>{VISIT}<script>
    const main = document.querySelector("main");
    onhashchange = async () => {{
        main.innerHTML = location.hash === "#/home" ? `{NUMBER}` : "About";
        if (location.hash === "#/home") count.textContent = (await visit()).visits;
    }};
    if (location.hash) onhashchange(); else location.hash = "#/home";
</script>"""
COMPONENT = f"""<h1>74 customers</h1><p id="host"></p>{VISIT}<script>
    const root = host.attachShadow({{mode: "open"}});
    const draw = n => root.innerHTML = [..."" + n.visits].map(n => `<i>${{n}}</i>`).join("");
    visit().then(n => setTimeout(draw, 300, n));
</script>"""
SLOT = f"""<p id="host"></p>{VISIT}<script>
    host.attachShadow({{mode: "open"}}).innerHTML = "<slot></slot>{"long " * 50}";
    visit().then(n => host.textContent = n.visits);
</script>"""
# Every number that the counters may have stands in a list, too.
IN_A_LIST = f"""<p>{"long " * 50}<b id="count"></b></p>{VISIT}<script>
    const numbers = [...Array(300).keys()].map(n => [500 + n, 1000 + n]).flat();
    document.body.append(...numbers.map(n => {{
        const item = document.createElement("li");
        item.textContent = n;
        return item;
    }}));
    visit().then(n => count.textContent = n.visits);
</script>"""
BADGE = '<img src="/live/counters/nope/badge.svg" alt="">'
OWNERS_PAGE = """<!doctype html><title>Resume</title>
<script type="module" src="visitor-counter.js"></script>
<script>navigator.serviceWorker.register("worker.js").catch(() => {}); undefinedOnPurpose()</script>
<visitor-counter api="/live" counter="resume" show="today" locale="ar-EG">Visits</visitor-counter>
<visitor-counter api="/live" counter="blog" label="{n} visits" compact></visitor-counter>
"""
WORKER = """
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => event.respondWith(fetch(event.request)));
"""
READS = shows(
    "n.visits.toLocaleString('hi-IN-u-nu-deva')",
    "fetch('/live/counters/resume').then(response => response.json())",
)
UNCHECKED = shows("`${n.visits}`").replace("response.ok ?", "true ?")
ONE_ID = FETCH.replace("crypto.randomUUID()", "'4ffa0c4f-9ad0-4c5b-8f4a-1d4c5b6a7e8f'")
POLICY = f"""<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">{FETCH}"""


@dataclass
class Call:
    """A request to the changed site, and the base URL of the healthy one."""

    healthy: str
    request: Request

    def forward(self, method="", path="", visit_id="", user_agent="") -> Response:
        """Return the healthy site's response to this request, or to a changed one."""
        response = requests.request(
            method or self.request.method,
            self.healthy + (path or self.request.path),
            params={"visitId": visit_id} if visit_id else self.request.args,
            headers={"User-Agent": user_agent or self.request.headers["User-Agent"]},
            timeout=60,
        )
        passed = {name: response.headers[name] for name in {*response.headers} - NOT_PASSED}
        return Response(response.content, response.status_code, headers=passed)

    def altered(self, old: str, new: str) -> Response:
        """Return the healthy site's response with another text in it."""
        response = self.forward()
        response.set_data(response.get_data(as_text=True).replace(old, new))
        return response

    def lost(self) -> Response:
        """Close the connection without a response."""
        self.request.environ["werkzeug.socket"].shutdown(SHUT_RDWR)
        return Response()


Change = Callable[[Call], Response]


def page(html: str, worker: str = "") -> Change:
    """Return a change that serves a page, and a service worker, instead of the page in site/."""
    files = {"/": html, "/frame": FETCH, "/worker.js": worker}

    def serve(call: Call) -> Response:
        path = call.request.path
        media_type = "text/javascript" if path.endswith(".js") else "text/html"
        return Response(files[path], mimetype=media_type) if path in files else call.forward()

    return serve


def where(part: str, change: Change, site: Change = Call.forward) -> Change:
    """Return a change of the requests whose method and URL contain this part."""

    def serve(call: Call) -> Response:
        asked = f"{call.request.method} {call.request.base_url}"
        return change(call) if part in asked else site(call)

    return serve


def application(healthy: str, change: Change) -> Any:
    """Return a WSGI application: the healthy site with a change."""
    return Request.application(lambda request: change(Call(healthy, request)))
