"""A Chromium that is asked and clicked, and the reports that it opens.

Debian's chromium and chromium-driver are used as they are installed; nothing is downloaded.
"""

import atexit
import functools
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "data" / "samples"
# Nothing here takes longer than a few seconds; machines that are busy do.
DEADLINE = 60
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-device-scale-factor=1",
    # A request that a page should not make finds nobody.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def program(name):
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    folders = [Path(os.environ["DISTLOG_BIN"])] if "DISTLOG_BIN" in os.environ else [target / "debug", target / "release"]
    for folder in folders:
        if (folder / name).is_file():
            return str(folder / name)
    raise FileNotFoundError(f"{name} is not built: cargo build")


def run(name, *arguments, given=b"", into=subprocess.PIPE):
    done = subprocess.run([program(name), *map(str, arguments)], input=given, stdout=into, stderr=subprocess.PIPE, timeout=DEADLINE * 3)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(records):
    """Records, or trees, as the programs read them."""
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records)


@functools.cache
def browser():
    """The browser that all tests share; it ends with them."""
    profile = tempfile.mkdtemp(prefix="distlog-browser-")
    atexit.register(shutil.rmtree, profile, ignore_errors=True)
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # An alert stays where it is, so that a test finds it.
    options.unhandled_prompt_behavior = "ignore"
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver") or "chromedriver"))
    atexit.register(driver.quit)
    driver.set_page_load_timeout(DEADLINE)
    driver.set_script_timeout(DEADLINE)
    return driver


class BrowserTest(unittest.TestCase):
    """Tests that open what they want to look at."""

    SIZE = (1500, 1000)
    opened = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="distlog-reports-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.driver = browser()
        cls.driver.set_window_size(*cls.SIZE)

    @classmethod
    def report(cls, given, *arguments, name="report.html"):
        """Writes a report of these lines; returns its file."""
        file = cls.folder / name
        with file.open("wb") as out:
            run("dl-fmt", "--to", "html", *arguments, given=given, into=out)
        return file

    def open(self, file, part=""):
        """Opens a report and waits until it has been read."""
        self.driver.get("about:blank")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.opened = file
        self.driver.get(f"file://{file}{part}")
        self.until("document.body.dataset.ready === 'true'")

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition, *arguments):
        """Waits until the page says so; returns what it says."""
        return WebDriverWait(self.driver, DEADLINE, 0.02).until(lambda _: self.js(f"return {condition}", *arguments), condition)

    def assertSoon(self, expression, expected):
        """The page comes to give this value."""
        try:
            WebDriverWait(self.driver, DEADLINE, 0.02).until(lambda _: self.js(f"return {expression}") == expected)
        except Exception:
            self.assertEqual(self.js(f"return {expression}"), expected, expression)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        """The texts of all that are in sight, from top to bottom."""
        script = """return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility())
            .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).map((one) => one.textContent)"""
        return self.js(script, selector)

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()
        self.frame()

    def type(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)
        self.frame()

    def choose(self, selector, words):
        Select(self.find(selector)).select_by_visible_text(words)
        self.frame()

    def frame(self):
        """Waits until what was asked for has been drawn: what is chosen in one frame is laid out in the next."""
        self.driver.execute_async_script("const done = arguments[0]; let left = 4; const step = () => left-- ? requestAnimationFrame(step) : done(); step()")

    def requests(self):
        """All addresses that the page has asked for since it was opened."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def tearDown(self):
        """Whatever a test did: no alert, no word in the console, and nothing was asked for but the file."""
        if self.opened is None:
            return
        with self.assertRaises(NoAlertPresentException):
            print(self.driver.switch_to.alert.text)
        self.assertEqual([entry["message"] for entry in self.driver.get_log("browser")], [])
        self.assertEqual({url.partition("#")[0] for url in self.requests()}, {f"file://{self.opened}"})
