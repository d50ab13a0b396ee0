#!/usr/bin/env python3
"""What somebody does with a report: searches, opens, folds, zooms, goes by keys and addresses.

    .venv/bin/python -m unittest discover -s tests/browser
"""

import json
import unittest

from chromium import ROOT, BrowserTest, lines, run
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

SHOP = ROOT / "tests" / "data" / "shop.ndjson"
GRACE = "91584875-e78d-497b-b76c-1a3e14f1a723"
LIST = "#list .row .name"
TREE = "#tree .row:not(.note):not(.failure) .name"


class ReportTest(BrowserTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trees = run("dl-tree", "--loose", "pass", SHOP)
        cls.file = cls.report(cls.trees)

    def grace(self, part=""):
        """Opens the request of grace, which failed in four processes."""
        self.open(self.file, f"#tree={GRACE}{part}")
        self.assertSoon("document.querySelector('#trace h2').textContent", "✗ order 3 of grace77ms")
        self.frame()

    def current(self):
        return self.text("#detail h2").strip()

class SearchTest(ReportTest):
    ALL = ["order 1 of edsger", "order 3 of grace", "order 9 of leslie", "order 19 of edsger"]

    def setUp(self):
        self.open(self.file)

    def shown(self, expected):
        self.frame()
        self.assertEqual(self.texts(LIST), expected)

    def test_all_are_listed_and_counted(self):
        self.shown(self.ALL)
        self.assertEqual(self.text("#found"), "4 requests")
        self.assertEqual(self.text("#see-records"), "Records 4")
        self.assertEqual([text.split() for text in self.texts(".chip")], [["✓", "succeeded", "1"], ["✗", "failed", "3"]])

    def test_words_must_all_be_there_and_some_must_not(self):
        for query, expected in [
            ("edsger", [self.ALL[0], self.ALL[3]]),
            ("EDSGER 19", [self.ALL[3]]),
            ("order -edsger", [self.ALL[1], self.ALL[2]]),
            ('"insufficient funds"', [self.ALL[2]]),
            ("worker:23640", self.ALL[:2]),
            (GRACE[:13], [self.ALL[1]]),
            ("garden gnome", []),
        ]:
            with self.subTest(query):
                self.type("#query", query)
                self.shown(expected)
        self.find("#clear").click()
        self.shown(self.ALL)

    def test_the_text_of_records_is_searched_where_that_is_asked_for(self):
        self.type("#query", "garden gnome")
        self.shown([])
        self.find("#deep").click()
        self.shown([self.ALL[1]])
        # Beyond ASCII, which a producer may have escaped.
        self.type("#query", "…4242")
        trees = [json.loads(line) for line in self.trees.splitlines()]
        having = [one["root"]["name"] for one in trees if "root" in one and "…4242" in json.dumps(one, ensure_ascii=False)]
        self.assertTrue(0 < len(having) < 4)
        self.shown(having)
        self.type("#query", "0@2fcd85b7")
        self.shown([self.ALL[0]])

    def test_filters(self):
        self.find(".chip.failed").click()
        self.shown(self.ALL[1:])
        self.type("#least", "50ms")
        self.shown([self.ALL[1], self.ALL[3]])
        self.type("#most", "0.1")
        self.shown([self.ALL[1]])
        self.type("#most", "soon")
        self.assertEqual(self.find("#most").get_attribute("aria-invalid"), "true")
        self.find("#clear").click()
        self.choose("#process", "worker (2)")
        self.shown(self.ALL[:2])

    def test_order(self):
        self.choose("#order", "slowest first")
        self.shown([self.ALL[at] for at in (3, 0, 1, 2)])
        self.choose("#order", "newest first")
        self.shown(self.ALL[::-1])

    def test_a_stretch_of_time(self):
        canvas = self.find("#scatter")
        size = canvas.size["width"]
        # The first two began within 4 ms, the others 100 and 260 ms later.
        ActionChains(self.driver).move_to_element_with_offset(canvas, 30 - size // 2, 0).click_and_hold().move_by_offset(40, 0).release().perform()
        self.shown(self.ALL[:2])
        self.assertEqual(self.text("#found"), "2 of 4")
        self.find("#clear").click()
        self.shown(self.ALL)

    def test_a_dot_is_a_request(self):
        canvas = self.find("#scatter")
        # The fastest stands lowest, and between the others.
        for x in range(-120, 120, 10):
            ActionChains(self.driver).move_to_element_with_offset(canvas, x, 16).perform()
            if not self.js("return document.getElementById('tip').hidden"):
                break
        self.assertIn("order 9 of leslie failed, 20ms", self.text("#tip"))
        ActionChains(self.driver).click().perform()
        self.frame()
        self.assertEqual(self.current(), "✗ order 9 of leslie")


class KeysTest(ReportTest):
    def test_through_the_report_without_a_mouse(self):
        self.open(self.file)
        self.press("/")
        self.press("grace", Keys.ENTER)
        self.press(Keys.ENTER)
        self.assertEqual(self.js("return document.activeElement.id"), "tree")
        self.assertEqual(self.current(), "✗ order 3 of grace")
        self.press("jj")
        self.assertEqual(self.current(), "✗ place order 3")
        self.press("h")
        self.assertEqual(self.texts(TREE), ["order 3 of grace", "check the session of grace", "place order 3"])
        self.press("l")
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.current(), "✓ reserve what order 3 needs")
        self.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
        self.assertEqual(self.current(), "✗ place order 3")
        self.press("e")
        self.assertEqual(self.current(), "✗ have order 3 packed")
        self.press("eee")
        self.assertEqual(self.current(), "✗ choose a box for garden gnome")
        self.press("E")
        self.assertEqual(self.current(), "✗ pack notebook, garden gnome")
        self.press("G")
        self.assertEqual(self.current(), "✓ write the refund into the ledger")
        self.press("g")
        self.assertEqual(self.current(), "✗ order 3 of grace")
        self.press(Keys.ESCAPE)
        self.assertEqual(self.js("return document.activeElement.id"), "list")
        self.press("x", "j")
        self.assertEqual(self.text("#trace h2"), "✗ order 9 of leslie20ms")
        self.press("kkk")
        self.assertEqual(self.text("#trace h2"), "✓ order 1 of edsger315ms")
        self.press("nn")
        self.assertEqual(self.text("#trace h2"), "✗ order 9 of leslie20ms")

    def test_what_is_typed_counts_before_a_frame_shows_it(self):
        self.open(self.file)
        self.js("""const query = document.getElementById('query');
            query.focus();
            query.value = 'grace';
            query.dispatchEvent(new Event('input', { bubbles: true }));
            query.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));""")
        self.assertRegex(self.text("#trace h2"), "^✗ order 3 of grace")

    def test_help_tells_of_keys_and_signs(self):
        self.open(self.file)
        self.press("?")
        self.assertTrue(self.js("return document.getElementById('help').open"))
        words = self.text("#help")
        for word in ("search", "fold or unfold", "critical path", "never seen itself", "clocks disagree", "start missing", "below itself"):
            self.assertIn(word, words)
        self.press("j")
        self.assertFalse(self.js("return document.body.classList.contains('reading')"), "keys work behind the help")
        self.press(Keys.ESCAPE)
        self.assertFalse(self.js("return document.getElementById('help').open"))

    def test_views_by_keys(self):
        self.grace()
        for key, place in (("2", "flame"), ("3", "tree-records"), ("1", "waterfall")):
            self.press(key)
            self.assertEqual(self.js("return [...document.querySelectorAll('#stage > div:not([hidden])')].map((one) => one.id)"), [place])

    def test_all_that_can_be_pressed_has_a_name_and_the_focus_is_seen(self):
        self.grace()
        nameless = self.js("""return [...document.querySelectorAll('button, input, select, [tabindex], [role=tab]')]
            .filter((one) => one.checkVisibility() && !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML)""")
        self.assertEqual(nameless, [])
        seen = set()
        for _ in range(60):
            self.press(Keys.TAB)
            name, outline = self.js("const one = document.activeElement; return [one.id || one.textContent, getComputedStyle(one).outlineStyle]")
            # Behind the last one comes the browser itself.
            if self.js("return document.activeElement === document.body"):
                continue
            if name in seen:
                break
            seen.add(name)
            self.assertNotEqual(outline, "none", name)
        self.assertLessEqual({"query", "list", "tree", "node-query", "theme"}, seen)


class TreesTest(ReportTest):
    def test_the_tree_is_that_of_dl_tree(self):
        self.grace()
        picture = run("dl-fmt", "--records", "none", "--ascii", "--width", "200", given=self.trees).decode()
        (one,) = [part for part in picture.split("\n\n") if GRACE in part]
        names = self.texts(TREE)
        self.assertEqual(len(names), 22)
        for line, name in zip((line for line in one.splitlines()[1:] if "Failure:" not in line and "KeyError:" not in line), names):
            self.assertIn(name, line)
        durations = self.texts("#tree .row:not(.note):not(.failure) .took")
        for took in durations:
            self.assertIn(f" {took}", one)
        self.assertEqual(self.texts("#tree .process"), ["gateway:23630"] + [f"⇢ {name}" for name in
            ("orders:23632", "payments:23636", "worker:23640", "payments:23636")])
        self.assertEqual(len(self.texts("#tree .sign")), one.count("concurrent") or 1)

    def test_folding_by_click(self):
        self.grace()
        self.js("[...document.querySelectorAll('#tree .row')].find((row) => row.textContent.includes('have order 3 packed')).querySelector('.fold').click()")
        self.frame()
        names = self.texts(TREE)
        self.assertNotIn("pack notebook, garden gnome", names)
        self.assertIn("refund order 3", names)
        self.assertEqual(self.texts("#tree .folded"), ["+4"])
        folded = self.find("#tree .row[aria-expanded=false]")
        self.assertIn("have order 3 packed", folded.text)
        self.press("F")
        self.assertEqual(len(self.texts(TREE)), 22)
        self.press("F")
        self.assertEqual(self.texts(TREE), ["order 3 of grace", "check the session of grace", "place order 3"])

    def test_records_stand_among_the_scopes_as_wanted(self):
        self.grace()
        self.assertEqual([text.split(" is")[0] for text in self.texts("#tree .note .what")], ["WARNING shop.orders order 3"])
        self.press("r")
        self.assertGreater(len(self.texts("#tree .note")), 15)
        self.press("r")
        self.assertEqual(self.texts("#tree .note"), [])
        self.assertEqual(self.texts("#tree .exception")[-1], "KeyError: 'huge'")

    def test_zoom_and_pan(self):
        self.grace()
        width = "Math.round(document.querySelector('#tree .row .bar').getBoundingClientRect().width)"
        whole = self.js(f"return {width}")
        ticks = self.texts("#waterfall .ticks span")
        self.assertEqual(ticks[0], "0")
        bar = "[...document.querySelectorAll('#tree .row')].find((row) => row.textContent.includes('price order 3')).querySelector('.bar').getBoundingClientRect()"
        before = self.js(f"return {bar}.width")
        self.press("+", "+")
        after = self.js(f"return {bar}.width")
        self.assertAlmostEqual(after / before, 1 / 0.625**2, delta=0.1)
        self.assertGreaterEqual(self.js(f"return {width}"), whole - 1)
        left = self.js(f"return {bar}.left")
        self.press("]")
        self.assertLess(self.js(f"return {bar}.left"), left)
        self.press("0")
        self.assertAlmostEqual(self.js(f"return {bar}.width"), before, delta=1)
        # A part of the ruler, chosen by dragging, is what is seen then.
        ruler = self.find("#waterfall .ruler")
        size = ruler.size["width"]
        ActionChains(self.driver).move_to_element_with_offset(ruler, -size // 4, 0).click_and_hold().move_by_offset(size // 2, 0).release().perform()
        self.frame()
        self.assertAlmostEqual(self.js(f"return {bar}.width") / before, 2, delta=0.1)
        self.assertNotEqual(self.texts("#waterfall .ticks span"), ticks)
        # The wheel with Ctrl zooms where the pointer is.
        self.js("""const tree = document.getElementById('tree'), box = document.querySelector('#waterfall .ruler').getBoundingClientRect();
            tree.dispatchEvent(new WheelEvent('wheel', {deltaY: -60, ctrlKey: true, clientX: box.left + 5, clientY: box.bottom + 60, cancelable: true}))""")
        self.frame()
        self.assertGreater(self.js(f"return {bar}.width") / before, 2.5)
        self.press("0")
        self.press("e", "z")
        place = "const row = document.querySelector('#tree .row.current'), bar = row.querySelector('.bar').getBoundingClientRect(); return bar.width / row.querySelector('.when').clientWidth"
        self.assertGreater(self.js(place), 0.8)

    def test_the_critical_path_can_be_shown(self):
        self.grace()
        self.assertGreater(len(self.texts("#tree .critical")), 15)
        self.press("c")
        self.assertEqual(self.texts("#tree .critical"), [])
        self.assertEqual(self.find("#tools [aria-pressed]").get_attribute("aria-pressed"), "false")

    def test_find_in_the_request(self):
        self.grace()
        self.press("f")
        self.press("ledger")
        self.assertEqual(self.text("#node-found"), "1 of 2")
        self.assertEqual(self.current(), "✓ write the charge into the ledger")
        self.press(Keys.ENTER)
        self.assertEqual(self.current(), "✓ write the refund into the ledger")
        self.type("#node-query", "shelf D2")
        self.assertEqual(self.text("#node-found"), "1 of 1")
        self.assertIn("shelf D2 has 5 of garden gnome", self.text("#detail h3"))

    def test_records_with_their_fields(self):
        self.grace("&view=records")
        rows = self.texts("#told .row")
        self.assertTrue(rows[1].endswith("check the session of grace"), rows[1])
        self.choose("#tree-level", "error and worse")
        self.frame()
        self.assertTrue(all("ERROR" in row for row in self.texts("#told .row")))
        self.find("#told .row").click()
        self.frame()
        fields = dict(self.js("return [...document.querySelectorAll('#detail .fields > .field')].map((one) => [one.firstChild.textContent, one.lastChild.textContent])"))
        self.assertEqual(fields["levelname"], "ERROR")
        self.assertEqual(fields["thread"], self.js("return document.querySelector('#detail .fields').textContent.match(/thread(\\d+)/)[1]"))
        self.js("[...document.querySelectorAll('#detail .more')].at(-1).click()")
        self.assertTrue(self.text("#detail .raw").startswith('{"name": "'))

    def test_flames(self):
        self.grace("&view=flame")
        filled = """const canvas = document.getElementById('flames'), copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
            let n = 0; for (let at = 3; at < data.length; at += 4) n += data[at] > 0; return n"""
        by_time = self.js(filled)
        self.assertGreater(by_time, 10_000)
        canvas = self.find("#flames")
        self.js("arguments[0].focus()", canvas)
        self.press(Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
        self.assertEqual(self.current(), "✗ place order 3")
        # The lowest box in the middle of the widest stretch is what is clicked.
        ActionChains(self.driver).move_to_element_with_offset(canvas, 0, -canvas.size["height"] // 2 + 10).click().perform()
        self.assertEqual(self.current(), "✗ order 3 of grace")
        self.press("m")
        self.assertIn("of work", self.text("#flame output"))
        self.assertNotEqual(self.js(filled), by_time)


class AddressTest(ReportTest):
    def test_an_address_names_a_scope_and_a_view(self):
        self.open(self.file, f"#tree={GRACE}&node=%2F2%2F4&view=flame")
        self.assertSoon("document.querySelector('#detail h2').textContent.trim()", self.by_place("/2/4"))
        self.assertFalse(self.js("return document.getElementById('flame').hidden"))

    def by_place(self, place):
        return next(f"{'✗' if node['status'] == 'failed' else '✓'} {node['name']}" for node in self.nodes() if node["node"] == place)

    def nodes(self):
        tree = next(one for one in map(json.loads, self.trees.splitlines()) if one.get("tree") == GRACE)
        left = [tree["root"]]
        while left:
            node = left.pop()
            yield node
            left.extend(node["children"])

    def test_the_address_follows_what_is_shown(self):
        self.grace()
        self.press("j")
        self.assertSoon("location.hash", f"#tree={GRACE}&node=%2F1")
        self.press("3")
        self.assertSoon("location.hash", f"#tree={GRACE}&node=%2F1&view=records")
        self.js("location.hash = '#records'")
        self.assertSoon("document.getElementById('loose').hidden", False)

    def test_what_is_not_there_is_said(self):
        self.open(self.file, "#tree=nobody")
        self.assertSoon("document.getElementById('warning').textContent", "The request nobody is not in this report. Close")


class LooseTest(ReportTest):
    def test_records_without_a_tree(self):
        self.open(self.file)
        self.find("#see-records").click()
        self.frame()
        self.assertEqual(len(self.texts("#lines .row")), 4)
        self.press("/")
        self.press("worker")
        self.assertSoon("document.querySelectorAll('#lines .row:not([hidden])').length", 1)
        self.find("#lines .row").click()
        self.assertIn("worker", self.text("#loose-detail h3"))

    def test_many_records_are_a_few_rows(self):
        records = [{"level": ["info", "warning", "error"][at % 3], "time": f"2026-11-20T12:00:{at % 60:02}Z", "message": f"number {at}", "n": at} for at in range(20_000)]
        file = self.report(lines(records), name="many.html")
        self.open(file)
        self.assertEqual(self.text("#loose output"), "20,000 records")
        self.assertLess(self.js("return document.querySelectorAll('#lines .row').length"), 120)
        self.press(Keys.END)
        self.js("document.getElementById('lines').focus()")
        self.press(Keys.END)
        self.assertIn("number 19999", self.texts("#lines .row")[-1])
        self.type("#loose-query", '"number 1234"')
        having = [at for at in range(20_000) if f"number {at}".startswith("number 1234")]
        self.assertSoon("document.querySelector('#loose output').textContent", f"{len(having)} of 20,000 records")
        self.choose("#loose-level", "error and worse")
        self.assertSoon("document.querySelector('#loose output').textContent", f"{len([at for at in having if at % 3 == 2])} of 20,000 records")


if __name__ == "__main__":
    unittest.main()
