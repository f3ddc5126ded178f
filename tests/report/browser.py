"""Debian's headless Chromium, looked at from outside: what it shows, what it asks for, what it complains about."""

import base64
import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """A page in Chromium.

    Args:
        driver: of Selenium.
    """

    def __init__(self, driver):
        self.driver = driver

    def open(self, path: Path, width: int = 1200, height: int = 900, scheme: str = "light") -> None:
        """Shows a file in a window of a given size, by day or by night, and forgets what was heard before."""
        self.messages(), self.requests()
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        self.driver.get(path.resolve().as_uri())

    def run(self, script: str):
        """Returns what a script returns in the page."""
        return self.driver.execute_script(script)

    def texts(self, selector: str) -> list[str]:
        """Returns the text of each element that a selector finds, seen or folded away."""
        return self.run(f"return [...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent.trim())")

    def messages(self) -> list[str]:
        """Returns what the console was told since a page was opened, or the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Returns the addresses asked for since a page was opened, or the last call; those of data are cut short."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        addresses = [event["request"]["url"] for event in sent]
        return [address[:80] if address.startswith("data:") else address for address in addresses]

    def picture(self, path: Path) -> None:
        """Writes the whole page as a picture, for people."""
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        how = {"captureBeyondViewport": True, "clip": clip}
        path.write_bytes(base64.b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", how)["data"]))


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile; the test is skipped where Chromium or its driver is not installed."""
    selenium = pytest.importorskip("selenium.webdriver", reason="Selenium, of the extra dev, is not installed.")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("Chromium is not installed: apt-get install chromium chromium-driver")
    options = selenium.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = selenium.Chrome(options, selenium.ChromeService(driver))  # given a path, Selenium downloads nothing
    try:
        found.get("about:blank")  # away from the page that Chromium begins with, which asks for much
        found.get_log("performance")
        yield Browser(found)
    finally:
        found.quit()
