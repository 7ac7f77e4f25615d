"""Any bytes that a client sends to the local stack get an HTTP response or a closed connection."""

import io

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from local.server import application, logged
from local.serving import serving
from tests.local.test_broken_http import send

WORDS = st.sampled_from(
    [b"", b"\0", b"\r", b"\n", b"\r\n", b"\t", b" ", b"\xff", b"\xc3\xa9", b"\x1b[2J", b"x" * 5_000]
) | st.sampled_from(b": % %2 %zz %ff %00 / // .. %2e%2e ? # & = [ @ 00 -1 1e9 chunked *".split())
METHODS = st.sampled_from(b"GET POST PUT OPTIONS HEAD CONNECT get G\0T".split())
TARGETS = st.sampled_from(
    b"/live/health /live/counters/resume/visits?visitId=x /live / /reference /index.html "
    b"/swagger-ui/ /openapi.json * localhost:80 //live/health http://localhost/live/health "
    b"http://[::1/ http://a:b/ http:// file:///etc".split()
)
VERSIONS = st.sampled_from([b"HTTP/1.1"] * 9 + b"HTTP/1.0 HTTP/0.9 HTTP/2.0 HTTP/1.x".split())
HEADERS = st.sampled_from(
    b"""Host: localhost
Host: a\xff
Host:
Host: [
Content-Length: 3
Content-Length: -1
Content-Length: x
Content-Length: 99999999999999999999
Transfer-Encoding: chunked
Transfer-Encoding: gzip
Expect: 100-continue
Connection: keep-alive
Origin: null
Range: bytes=9-1
Range: bytes=x
If-Modified-Since: x
If-None-Match: "
Content-Type: ;
: x
 folded
x""".splitlines()
)
BODIES = st.sampled_from(
    [b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"zz\r\n", b"3;x=\r\nabc", b"GET / HTTP/1.1\r\n\r\n"]
)


@st.composite
def requests(draw):
    """A request of odd parts, in which up to three places are cut out or have other bytes."""
    target = draw(TARGETS) + draw(st.just(b"") | WORDS)
    line = b" ".join([draw(METHODS), target, draw(VERSIONS)])
    headers = draw(st.lists(HEADERS, max_size=3))
    data = b"\r\n".join([line, *headers, b"", draw(BODIES)])
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 20, len(data))))
        data = data[:start] + draw(WORDS | st.binary(max_size=4)) + data[end:]
    return data


@pytest.fixture(scope="module")
def url():
    def ok(_event, _context):
        return {"statusCode": 200, "body": "{}"}

    with serving(logged(application(ok), io.StringIO())) as served:
        yield served


@pytest.mark.slow
@settings(max_examples=250)
@given(requests())
def test_any_bytes_leave_the_server_working(url, capfd, data):
    """No bytes lead to an internal error or a traceback, and the next request is answered."""
    answer = send(url, data)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert capfd.readouterr().err == ""
    assert urllib3.request("GET", f"{url}/live/health", timeout=60).status == 200
