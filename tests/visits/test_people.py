"""Which user agents are bots. An update of the list of crawlers must not take people for bots."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from visits.counting.visitor import NOT_ONLY_CRAWLERS, is_bot

TOP = Path("tests/client/consumer/node_modules/top-user-agents/src/index.json")
# Browsers inside of apps and some rare ones, which the public lists lack. The list of crawlers
# had a pattern for most of them; see visits.visitor for their sources.
ANDROID = "Mozilla/5.0 (Linux; Android {} wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
CHROME = "Chrome/142.0.7444.142 Mobile Safari/537.36"
OPPO = ANDROID.format("15; CPH2557 Build/AP3A.240617.008;") + CHROME
PIXEL = ANDROID.format("16; Pixel 10 Pro XL Build/CP1A.260305.018;") + CHROME
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {} Safari/537.36"
PEOPLE = {
    "Android WebView": OPPO,
    "Chrome on Android": OPPO.replace("; wv", "").replace("Version/4.0 ", ""),
    "Facebook on Android": f"{PIXEL} [FB_IAB/FB4A;FBAV/540.0.0.44.70;IABMV/1;]",
    "Facebook's newer name": f"{PIXEL} MetaIAB Facebook",
    "Facebook on iOS": f"{IPHONE}Mobile/15E148 [FBAN/FBIOS;FBAV/479.1.0.33.109;FBDV/iPhone15,2]",
    "Instagram on Android": f"{OPPO} Instagram 406.0.0.58.159 Android (35/15; OPPO; CPH2557)",
    "Instagram on iOS": f"{IPHONE}Mobile/22G86 Instagram 390.0.0.28.85 (iPhone15,2; iOS 18_6)",
    "LinkedIn on Android": f"{PIXEL} [LinkedInApp]",
    "LinkedIn on iOS": f"{IPHONE}Mobile/15E148 [LinkedInApp]/9.24.1488",
    "WhatsApp on a desktop": DESKTOP.format(
        "WhatsApp/2.2424.0 Chrome/91.0.4472.164 Electron/13.6.9"
    ),
    "Viber on Android": f"{PIXEL} Viber/11.9.5.8",
    "Viber on a desktop": DESKTOP.format("QtWebEngine/5.6.0 Chrome/45.0.2454.101") + " Viber",
    "Snapchat": f"{IPHONE}Version/13.0.5 Mobile/15E148 Snapchat/10.77.0.54 (like Safari/604.1)",
    "TikTok": f"{PIXEL} musical_ly_2022704050 JsSdk/1.0 NetType/WIFI AppName/musical_ly",
    "LINE": f"{PIXEL} Line/12.21.1/IAB",
    "Google": f"{IPHONE}GSA/376.0.777690323 Mobile/15E148 Safari/604.1",
    "Notion": DESKTOP.format("Notion/2.0.8 Chrome/76.0.3809.146 Electron/6.1.5"),
    "Slack": DESKTOP.format("Slack/4.4.2 Chrome/78.0.3904.130 Electron/7.2.1")
    + " Sonic Slack_SSB/4.4.2",
    "Visual Studio Code": DESKTOP.format("Code/1.115.0 Chrome/142.0.7444.265 Electron/39.8.5"),
    "Trae": DESKTOP.format("Trae/1.107.1 Chrome/142.0.7444.235 Electron/39.2.7"),
    "Sogou": f"{OPPO} AWP/2.0 SogouMSE,SogouMobileBrowser/5.28.12",
    "Coc Coc": DESKTOP.format("coccocbrowser/47.0 Chrome/41.0.2272.119coccoc"),
    "Freespoke": f"{IPHONE}FxiOS/113.1 Mobile/15E148 Safari/605.1.15 Freespoke/2.0.0",
    "Fluid": "Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10_5_6) AppleWebKit/528.16 Fluid/0.9.6",
    "Blackboard": f"{PIXEL} Blackboard/unspecified",
    "phone of HTC": ANDROID.format("4.2.2; HTC Butterfly Build/JDQ39;") + CHROME,
    "device of ViewSonic": ANDROID.format("4.4.2; ViewSonic V500 Build/KVT49L;") + CHROME,
    "Fever Plus": ANDROID.format("8.1.0; Fever_Plus_J;") + CHROME,
    "Expanse": ANDROID.format("8.0.0; Expanse;") + CHROME,
}


def fake_useragent():
    text = (files("fake_useragent") / "data" / "browsers.jsonl").read_text()
    return [json.loads(line)["useragent"] for line in text.splitlines()]


def people(user_agents):
    """Leave out headless Chrome, which drives scripts: its user agent is in some public lists."""
    return {name for name in user_agents if "HeadlessChrome" not in name}


@pytest.mark.parametrize("name", PEOPLE.values(), ids=PEOPLE)
def test_a_browser_in_an_app_is_no_bot(name):
    """People who follow a link in an app, or have a rare browser or phone, are counted."""
    assert not is_bot(name)


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: json.loads(TOP.read_text()), marks=pytest.mark.slow, id="top"),
        fake_useragent,
    ],
)
def test_usual_browsers_are_no_bots(read):
    """No user agent of npm's top-user-agents and of PyPI's fake-useragent is a bot."""
    user_agents = people(read())
    assert len(user_agents) >= 50
    assert [name for name in user_agents if is_bot(name)] == []


@pytest.mark.parametrize("pattern", NOT_ONLY_CRAWLERS)
def test_a_replaced_pattern_is_in_the_list_and_still_finds_its_crawlers(pattern):
    """A row that the list no longer needs is deleted, and a narrower pattern loses no crawler."""
    [crawler] = [known for known in CRAWLER_USER_AGENTS_DATA if known["pattern"] == pattern]
    if NOT_ONLY_CRAWLERS[pattern]:
        assert [name for name in crawler["instances"] if not is_bot(name)] == []
