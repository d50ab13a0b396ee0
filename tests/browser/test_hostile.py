#!/usr/bin/env python3
"""What a record says can hurt nobody who looks at it, and a report that is broken says so."""

import json
import unittest

from chromium import BrowserTest, lines, run

MARKUP = [
    "</script><img src=x onerror=alert(1)><script>alert(2)</script>",
    "<!--<script>",
    "<svg onload=alert(3)><iframe srcdoc='<script>parent.alert(4)</script>'>",
    "\"'><a href=javascript:alert(5)>x</a><style>*{display:none}</style>",
    "<link rel=stylesheet href=http://192.0.2.1/x.css><base href=http://192.0.2.1/><meta http-equiv=refresh content=0>",
    "{{constructor.constructor('alert(6)')()}}${alert(7)}",
]
CONTROL = "\u0000\u0007\u001b[2J\u009b31m\u007f\r\u0085"
ORDER = "abc\u202edef\u2066ghi\u200f\u061c\u2028\u2029\ufeff"
SURROGATE = "\\ud800"
EVIL = "".join(MARKUP)
# Ids of scopes are cut at slashes, and what begins with < is none.
TREE = "evil" + EVIL.replace("/", "")
KEYS = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", EVIL, ORDER, CONTROL]


class Hostile(BrowserTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        base = {"name": EVIL, "levelname": "ERROR", "levelno": 40, "hostname": EVIL, "service": ORDER, "process": EVIL}

        def record(at, message, **members):
            return {**base, "message": message, "created": 1795200098 + at / 10, "context": {"key": f"{at}@{TREE}"}, **members}

        records = [
            record(0, EVIL, dl={"event": "start"}),
            record(1, CONTROL + ORDER, **{"o": {key: {key: [key]} for key in KEYS}}),
            record(2, "M" * 1_000_000),
            record(3, EVIL, exc_text=f"Traceback\n  {EVIL}\nBoom: {EVIL}", **{key: EVIL for key in KEYS}),
            record(4, "deep", a=json.loads("[" * 500 + "]" * 500)),
            record(5, EVIL, dl={"event": "end", "status": "failed"}, exc_text=EVIL),
        ]
        loose = [{key: EVIL, "message": EVIL, "level": EVIL, "time": EVIL} for key in KEYS]
        given = lines(records + loose) + (
            b'{"message":"odd","n":123456789012345678901234567890,"m":NaN,"i":-Infinity,"k":1,"k":2,"s":"' + SURROGATE.encode() + b'","raw":"\x01\x1b\xff"}\n'
            b"<script>alert(8)</script>\n"
        )
        cls.given = run("dl-tree", "--loose", "pass", "--foreign", "pass", given=given)
        cls.file = cls.report(cls.given, "--records", "all")

    def elements(self):
        """The kinds of elements that are in the page, and how many scripts and styles."""
        return self.js("""const count = (what) => document.querySelectorAll(what).length;
            return [count('img, svg, iframe, object, embed, link, base, a, video, form:not(#filters)'), count('script:not([type])'), count('style'), count('meta')]""")

    def look_at_everything(self):
        self.press("j")
        self.find("#list .row").click()
        for tab in "1231":
            self.press(tab)
        self.js("document.getElementById('tree').focus()")
        for _ in range(8):
            self.press("j")
        self.press("?")
        self.press("?")
        self.find("#see-records").click()
        self.frame()
        for at in range(len(self.texts("#lines .row"))):
            self.js("document.querySelectorAll('#lines .row')[arguments[0]].click()", at)
            self.js("for (let more; (more = document.querySelector('#loose-detail .more')); ) more.click()")
        self.frame()

    def test_nothing_of_a_record_becomes_an_element_or_runs(self):
        self.open(self.file)
        self.assertEqual(self.elements(), [0, 1, 1, 4])
        self.look_at_everything()
        self.assertEqual(self.elements(), [0, 1, 1, 4])
        self.assertEqual(self.js("return [({}).polluted, Object.keys(Object.prototype), window.k]"), [None, [], None])
        # The end of a test sees to alerts, the console and requests.

    def test_it_is_all_there_and_can_be_seen(self):
        self.open(self.file)
        self.assertEqual(self.text("#list .name"), EVIL)
        self.find("#list .row").click()
        self.frame()
        self.assertEqual(self.text("#trace code"), TREE)
        shown = "\n".join(self.texts("#tree .what"))
        self.assertIn("\\x00\\x07\\x1b[2J\\x9b31m\\x7f\\r\\x85abc\\u{202e}def\\u{2066}ghi\\u{200f}\\u{61c}\\u{2028}\\u{2029}\\u{feff}", shown)
        bad = self.js("return document.body.innerText.match(/[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]/g)")
        self.assertIsNone(bad)
        titles = self.js("return [...document.querySelectorAll('[title]')].map((one) => one.title).join('').match(/[\\x00-\\x08\\x7f-\\x9f\\u202a-\\u202e]/g)")
        self.assertIsNone(titles)

    def test_keys_and_numbers_are_as_they_came(self):
        self.open(self.file)
        self.find("#see-records").click()
        self.frame()
        self.js("[...document.querySelectorAll('#lines .row')].find((row) => row.textContent.includes('odd')).click()")
        fields = self.js("return [...document.querySelectorAll('#loose-detail .fields > .field')].map((one) => [one.firstChild.textContent, one.lastChild.textContent])")
        self.assertEqual(fields[1:6], [["n", "123456789012345678901234567890"], ["m", "NaN"], ["i", "-Infinity"], ["k", "1"], ["k", "2"]])
        self.assertEqual(fields[6], ["s", "\ufffd"])
        self.assertEqual(fields[7], ["raw", "\\x01\\x1b\ufffd"])
        self.js("document.querySelector('#lines .row').click()")
        keys = self.js("return [...document.querySelectorAll('#loose-detail .fields > .field > .key')].map((one) => one.textContent)")
        self.assertIn("__proto__", keys)

    def test_a_message_of_a_megabyte(self):
        self.open(self.file)
        self.find("#list .row").click()
        self.frame()
        self.js("[...document.querySelectorAll('#tree .row')].find((row) => row.textContent.includes('MMMM')).click()")
        self.frame()
        self.assertLess(len(self.text("#detail")), 20_000)
        self.js("[...document.querySelectorAll('#detail .more')].find((one) => one.textContent.includes('1,000,000')).click()")
        self.assertIn("M" * 1_000_000, self.text("#detail"))

    def test_the_policy_lets_nothing_else_run(self):
        self.open(self.file)
        ran = self.js("""const script = document.createElement('script');
            try { script.text = 'window.ran = true'; document.body.append(script); } catch (error) { window.refused = error.name; }
            try { document.body.insertAdjacentHTML('beforeend', '<b>'); } catch (error) { window.html = error.name; }
            const style = document.createElement('style');
            style.textContent = 'body { display: none }';
            document.head.append(style);
            return [window.ran, window.refused, window.html, document.body.checkVisibility()]""")
        self.assertEqual(ran, [None, "TypeError", "TypeError", True])
        said = "\n".join(entry["message"] for entry in self.driver.get_log("browser"))
        self.assertIn("TrustedScript", said)
        self.assertIn("Content Security Policy", said)
        self.open(self.file)

    def test_a_report_that_is_cut_short_says_so(self):
        whole = self.file.read_bytes()
        for end in (whole.rindex(b"<script type"), whole.rindex(b"\n[") + 20, whole.index(b'class="data"') + 40):
            cut = self.folder / "cut.html"
            cut.write_bytes(whole[:end])
            self.open(cut)
            self.assertIn("This report is cut short", self.text("#warning"))


if __name__ == "__main__":
    unittest.main()
