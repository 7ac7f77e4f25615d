"""Nothing that identifies a visitor reaches a table, a log, a metric or an error."""

import hashlib
import json
import re
from base64 import b64encode
from functools import reduce
from pathlib import Path
from socket import inet_aton

from local import function
from tests.conftest import ApiClient

ADDRESS, WORD = "198.51.100.23", "unmistakable"
PERSON = ApiClient(ip=ADDRESS, user_agent=f"Mozilla/5.0 ({WORD}; rv:1.0) Firefox/156.0")
HEADERS = dict.fromkeys(("Accept-Language", "Cookie", "Referer", "X-Forwarded-For"), WORD)


def forms(trace):
    """Return the texts in which bytes could be written: as they are, in hexadecimal, hashed
    without a key, and in base64 at each position in a longer value."""
    size = len(trace)
    base64 = [
        b64encode(bytes(offset) + trace).decode()[-(-offset * 4 // 3) : (offset + size) * 4 // 3]
        for offset in range(3)
    ]
    digest = hashlib.sha256(trace).hexdigest()[:16]  # anyone could try all addresses
    long_enough = [text for text in base64 if len(text) > 4]  # not to be found by chance
    return [repr(trace)[2:-1], trace.hex(), digest, *long_enough]


TRACES = [*forms(ADDRESS.encode()), *forms(inet_aton(ADDRESS)), *forms(WORD.encode())]


def test_a_person_is_written_nowhere(table, capsys, monkeypatch):
    """Neither address nor headers of a person are in the tables, in the log with its metrics, in
    the access log, or in the answers, also after refused requests."""
    events = []
    handle = function.handle
    monkeypatch.setattr(
        function, "handle", lambda event, context: events.append(event) or handle(event, context)
    )
    visits = "/counters/resume/visits"
    answers = [
        PERSON.visit(headers=HEADERS),
        PERSON.visit(headers=HEADERS),
        PERSON.visit(headers=HEADERS | {"Origin": f"https://{WORD}.example"}),
        PERSON.request("POST", visits, query_string={"visitId": WORD}, headers=HEADERS),
        PERSON.get(f"/counters/{WORD}", headers=HEADERS),
        PERSON.get(f"/{WORD}", headers=HEADERS),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 403, 400, 404, 404]
    written = [str(table.items()), str(table.secrets()), capsys.readouterr().out]
    written += [answer.text + str(answer.headers) for answer in answers]
    written += map(access_log, events)
    assert "network#" in written[0]
    assert all(trace in str(events) for trace in (ADDRESS, WORD))
    assert [trace for trace in TRACES for text in written if trace in text] == []


def access_log(event):
    """Return the line that API Gateway writes for an event, in the format of terraform/api.tf."""
    text = Path("terraform/api.tf").read_text()
    [names] = re.findall(r"format = jsonencode\({ for key in \[(.*?)\]", text, re.DOTALL)
    context = event["requestContext"]
    return json.dumps(
        {
            name: reduce(lambda part, key: part.get(key, {}), name.split("."), context)
            for name in re.findall(r'"([\w.]+)"', names)
        }
    )


def test_visitor_has_different_ids_on_each_counter_and_network(api, table):
    """A visitor cannot be followed from one counter or network to another, not by the browser's
    hash either."""
    api.visit(counter="resume")
    api.visit(counter="moved")
    ApiClient(ip="203.0.113.8").visit()
    items = table.items("network#")
    assert len({item["pk"]["S"] for item in items}) == 3
    assert len({browser for item in items for browser in item["browsers"]["BS"]}) == 3
