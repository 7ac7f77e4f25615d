"""Pages that show the number of a counter without our element, and what can be wrong with them."""

from collections.abc import Callable

from werkzeug.wrappers import Response

from contract.repository import ROOT
from tests.e2e.broken import ProxiedRequest

Defect = Callable[[ProxiedRequest], Response]

CLIENT = ROOT / "client" / "dist" / "client.js"
NUMBER = '<p>2021: 1,234 pages. Visitor <span id="count"></span>, welcome.</p>'
VISIT = """<script>
    const url = "/live/counters/resume/visits?visitId=" + crypto.randomUUID();
    const visit = () => fetch(url, {method: "POST"})
        .then(response => response.ok ? response.json() : Promise.reject());
</script>"""


def script(code: str) -> str:
    return f"{VISIT}<script>{code}</script>"


def shows(expression: str) -> str:
    """Return a page that counts a visit and shows an expression of the answer."""
    return NUMBER + script(f"visit().then(n => count.textContent = {expression}, () => {{}})")


FETCH = shows("n.visits")
GENERATED = f"""{NUMBER}<script type="module">
    import {{recordVisit}} from "/client.js";
    const visit = {{visitId: crypto.randomUUID()}};
    recordVisit("resume", visit, {{api: "/live"}})
        .then(n => count.textContent = n.visits, () => {{}});
</script>"""
BANNER = f"""<button id="accept">Accept</button>{NUMBER}{VISIT}<script>
    accept.onclick = () => visit().then(n => count.textContent = n.visits, () => {{}});
</script>"""
FRAME = '<h1>Resume</h1><iframe src="/frame"></iframe>'
ROUTES = f"""<main></main>{VISIT}<script>
    const main = document.querySelector("main");
    const draw = async () => {{
        main.innerHTML = location.hash === "#/home" ? `{NUMBER}` : "About";
        if (location.hash === "#/home") count.textContent = (await visit()).visits;
    }};
    onhashchange = draw;
    if (location.hash) draw(); else location.hash = "#/home";
</script>"""
COMPONENT = f"""<a-counter></a-counter>{VISIT}<script>
    customElements.define("a-counter", class extends HTMLElement {{
        async connectedCallback() {{
            const root = this.attachShadow({{mode: "open"}});
            const digits = [..."" + (await visit()).visits].map(n => `<i>${{n}}</i>`);
            setTimeout(() => root.innerHTML = `<b>${{digits.join("")}}</b>`, 300);
        }}
    }});
</script>"""
READS = f"""{NUMBER}<script>
    const format = new Intl.NumberFormat("hi-IN-u-nu-deva");
    fetch("/live/counters/resume").then(response => response.json())
        .then(n => count.textContent = format.format(n.visits), () => {{}});
</script>"""
COMPACT = shows("n.visits.toLocaleString('en', {notation: 'compact'})")

UNCHECKED = shows("`${n.visits}`").replace("response.ok ?", "true ?")
ONE_ID = FETCH.replace("crypto.randomUUID()", "'4ffa0c4f-9ad0-4c5b-8f4a-1d4c5b6a7e8f'")
TWO_IDS = f"{FETCH}<iframe src='/frame'></iframe>"

SIGN_IN = '<form><input name="user"><input type="password"></form>'
BADGE = '<img src="/live/counters/resume/badge.svg" alt="Visits">'
POLICY = f"""<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">{FETCH}"""


def page(html: str) -> Defect:
    """Return a defect that serves a page instead of the one in site/."""

    def serve(call: ProxiedRequest) -> Response:
        match call.request.path:
            case "/":
                return Response(html, mimetype="text/html")
            case "/frame":
                return Response(FETCH, mimetype="text/html")
            case "/client.js":
                return Response(CLIENT.read_text(), mimetype="text/javascript")
            case _:
                return call.forward()

    return serve
