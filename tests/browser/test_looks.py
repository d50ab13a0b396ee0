#!/usr/bin/env python3
"""How a report looks: themes and their contrast, narrow windows, honest signs, the same words as on a terminal."""

import itertools
import json
import re
import unittest

from chromium import ROOT, SAMPLES, BrowserTest, lines, run

SHOP = ROOT / "tests" / "data" / "shop.ndjson"
TEXTS = ["fg", "dim", "accent", "good", "bad", "caution", *(f"p{n}" for n in range(8))]
GROUNDS = ["bg", "raised", "hover", "current"]


def luminance(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """As WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Themes(BrowserTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = cls.report(run("dl-tree", SHOP))

    def prefer(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def colour(self, name):
        return self.js("""const probe = document.body.appendChild(document.createElement('i'));
            probe.style.color = `var(--${arguments[0]})`;
            const colour = getComputedStyle(probe).color;
            probe.remove();
            return colour""", name)

    def check_contrast(self):
        colours = {name: self.colour(name) for name in {*TEXTS, *GROUNDS, "on-bar", "edge", "dot"}}
        for text, ground in itertools.product(TEXTS, GROUNDS):
            with self.subTest(text=text, ground=ground):
                self.assertGreaterEqual(contrast(colours[text], colours[ground]), 4.5)
        for bar in TEXTS[-8:]:
            with self.subTest(bar=bar):
                self.assertGreaterEqual(contrast(colours["on-bar"], colours[bar]), 4.5)
        for mark in ("edge", "dot"):
            self.assertGreaterEqual(contrast(colours[mark], colours["bg"]), 3)
        return luminance(colours["bg"])

    def test_the_system_decides_and_the_switch_overrules(self):
        self.open(self.file)
        self.js("localStorage.clear()")
        for system in ("light", "dark"):
            self.prefer(system)
            self.open(self.file)
            looks = [self.check_contrast()]
            for expected in ("● Dark", "○ Light", "◐ System"):
                self.press("t")
                self.assertEqual(self.text("#theme"), expected)
                looks.append(self.check_contrast())
            is_dark = [look < 0.1 for look in looks]
            self.assertEqual(is_dark, [system == "dark", True, False, system == "dark"])

    def test_what_was_chosen_stays(self):
        self.prefer("light")
        self.open(self.file)
        self.js("localStorage.clear()")
        self.open(self.file)
        self.find("#theme").click()
        self.open(self.file)
        self.assertEqual(self.text("#theme"), "● Dark")
        self.js("localStorage.clear()")


class Windows(BrowserTest):
    SIZE = (560, 900)

    def test_a_narrow_window_shows_the_list_or_the_request(self):
        self.open(self.report(run("dl-tree", SHOP)))
        shown = "return ['side', 'trace'].filter((id) => document.getElementById(id).checkVisibility())"
        self.assertEqual(self.js(shown), ["side"])
        self.find("#list .row").click()
        self.frame()
        self.assertEqual(self.js(shown), ["trace"])
        self.assertLessEqual(self.js("return document.documentElement.scrollWidth - innerWidth"), 0)
        self.assertGreater(self.js("return document.querySelector('#tree .row .when').clientWidth"), 100)
        self.find(".back").click()
        self.frame()
        self.assertEqual(self.js(shown), ["side"])


class Signs(BrowserTest):
    def open_tree(self, given, ident, *arguments):
        self.open(self.report(given, *arguments), f"#tree={ident}")
        self.until("!document.getElementById('trace').hidden")
        self.frame()

    def node(self, **members):
        return {"node": "/", "name": "n", "status": "succeeded", "start": "2026-11-20T12:00:00Z", "end": "2026-11-20T12:00:01Z", "duration": 1,
                "records": [], "children": [], **members}

    def tree(self, root, **members):
        return {"dl": {"kind": "tree"}, "tree": "t", "scheme": "generic", "status": root["status"], "complete": True,
                "start": "2026-11-20T12:00:00Z", "records": 0, "processes": [], "errors": 0, "root": root, **members}

    def test_every_sign_is_told_and_explained(self):
        flags = ["start_missing", "inferred", "duplicate", "late", "cycle"]
        children = [self.node(node=f"/{at}", name=flag, flags=[flag]) for at, flag in enumerate(flags)]
        children.append(self.node(node="/r", name="runs", status="running", end=None, duration=None))
        children.append(self.node(node="/u", name="unknown one", status="unknown", end=None, duration=None, edge="tree"))
        children.append(self.node(node="/j", name="joined one", edge="join", adjusted=-0.5, process="other:7", host="h2",
                                  children=[self.node(node="/j/1", name="joined two", process="other:7", host="h3")]))
        root = self.node(children=children, concurrent=True, process="one:1", host="h1")
        skew = [{"from": "h1", "to": "h2", "min": 0.25, "max": 0.5, "violations": 1}]
        self.open_tree(lines([self.tree(root, complete=False, continuation=True, revision=3, selected=2, skew=skew)]), "t")
        flags = {text: self.js("return [...document.querySelectorAll('.flag')].find((one) => one.textContent === arguments[0]).title", text)
                 for text in set(self.texts("#trace .flag"))}
        self.assertEqual(set(flags), {
            "incomplete", "continues an earlier tree", "snapshot", "a part", "clocks disagree", "running", "clock adjusted", "start missing",
            "never seen itself", "duplicate", "records after its end", "below itself", "place unknown", "joined"})
        self.assertEqual([flag for flag, title in flags.items() if len(title) < 20], [])
        self.assertEqual(self.text(".skew"), "The clock of h2 is at least 250ms ahead of that of h1, at most 500ms.")
        self.assertEqual(self.texts("#tree .process"), ["one:1", "⇢ other:7", "⇢ other:7 on h3"])
        self.assertEqual(len(self.texts("#tree .sign")), 1)
        bars = dict(self.js("return [...document.querySelectorAll('#tree .row:not([hidden])')].map((row) => [row.querySelector('.name').textContent, row.querySelector('.bar').className])"))
        self.assertIn("open", bars["runs"].split())
        part = "const row = [...document.querySelectorAll('#tree .row')].find((one) => one.textContent.includes('runs')); return row.querySelector('.bar').clientWidth / row.querySelector('.when').clientWidth"
        self.assertGreater(self.js(part), 0.95)
        self.assertIn("inferred", bars["inferred"].split())
        self.assertNotIn("open", bars["late"].split())
        self.js("[...document.querySelectorAll('#tree .row')].find((row) => row.textContent.includes('runs')).click()")
        self.frame()
        self.assertIn("end inferred", self.text("#detail .signs"))

    def test_trees_without_times_and_deep_ones(self):
        node = '{"node":"/%d","name":"level %d","status":"succeeded","records":[],"children":['
        levels = "".join(node % (level, level) for level in range(1000))
        tree = '{"dl":{"kind":"tree"},"tree":"t","scheme":"generic","status":"succeeded","complete":true,"records":0,"errors":0,"root":' + levels + "]}" * 1000 + "}\n"
        self.open_tree(tree.encode(), "t")
        self.assertEqual(self.texts("#tree .untimed")[0], "no time")
        self.press("G")
        self.assertEqual(self.text("#detail h2").strip(), "✓ level 999")
        self.press("23")
        self.press("1F")
        self.assertEqual(len(self.texts("#tree .row")), 2)

    def test_equal_scopes_are_one_row(self):
        def second(at):
            return f"2026-11-20T12:00:{at:02}Z"

        children = [self.node(node=f"/{at}", name="write a row", start=second(at), end=second(at + 1), duration=1 + at / 100,
                              children=[self.node(node=f"/{at}/1", name="lock")]) for at in range(40)]
        children[20] |= {"status": "failed", "exception": "Locked"}
        root = self.node(name="load", end=second(40), duration=40, children=children)
        self.open_tree(lines([self.tree(root)]), "t")
        names = [text for text in self.texts("#tree .row:not(.failure) .what")]
        self.assertEqual([re.sub(r"[▸▾·✓✗ ]", "", name) for name in names], ["load", "writearow×20", "writearow", "lock", "writearow×19"])
        self.assertEqual(self.texts("#tree .row:not(.failure) .took")[1], "21.90s")
        self.assertEqual(len(self.texts("#tree .row[data-index='1'] .bar")), 20)
        # What is chosen is seen.
        self.type("#node-query", "lock")
        self.assertGreater(len(self.texts("#tree .row")), 40)
        self.assertIn("20 equal scopes", self.text("#tree .times[title]") + self.js("return document.querySelector('.times').title"))
        self.js("document.querySelector('#tree .times').click()")
        self.frame()
        self.assertEqual(len(self.texts("#tree .row:not(.failure)")), 5)
        self.assertIn("one of20 equal scopes: 21.90s together, from 1.00s to 1.19s", self.text("#detail"))
        self.js("document.getElementById('tree').focus()")
        self.press("u")
        self.assertGreater(len(self.texts("#tree .row")), 40)

    def test_an_unfinished_scope_of_a_real_log(self):
        given = run("dl-tree", SAMPLES / "eliot.ndjson")
        ident = next(tree["tree"] for tree in map(json.loads, given.splitlines()) if tree["root"]["name"] == "app:root")
        self.open_tree(given, ident)
        row = self.js("return [...document.querySelectorAll('#tree .row')].find((row) => row.textContent.includes('app:unfinished')).textContent")
        self.assertIn("▷", row)
        self.assertIn("running", row)

    def test_records_of_several_processes(self):
        told = [("proxy", "INFO", "GET /orders"), ("shop", "ERROR", "none left"), ("proxy", "INFO", "500")]
        records = [{"time": f"2026-11-20T12:00:0{at}Z", "level": level, "message": message, "service": service, "request_id": "b1946ac9-2c4f"}
                   for at, (service, level, message) in enumerate(told)]
        self.open_tree(run("dl-tree", given=lines(records)), "b1946ac9-2c4f")
        # Its scope has no name, so that they tell what it is.
        self.assertEqual(self.texts("#tree .note .what"), ["INFO GET /orders", "ERROR none left⇢ shop", "INFO 500"])
        for _ in "all", "none", "errors":
            self.press("r")
        self.assertEqual(self.texts("#tree .note .what"), ["ERROR none left⇢ shop"])
        self.assertIn("written byproxy, shop", self.text("#detail"))
        self.open_tree(run("dl-tree", given=lines(records)), "b1946ac9-2c4f&view=records")
        self.assertEqual(self.texts("#told .row .process"), ["proxy", "shop", "proxy"])
        self.js("document.querySelectorAll('#told .row')[1].click()")
        self.frame()
        self.assertIn("processshop", self.text("#detail"))

    def test_durations_read_as_on_a_terminal(self):
        given = [0, 1e-6, 53e-6, 0.0009994, 0.0009999, 0.00214, 0.009994, 0.009996, 0.0125, 0.0445, 0.0455, 0.9994, 0.9996, 1.238, 1.005, 59.994, 59.996,
                 60, 89.5, 90.5, 192.4, 3599.4, 3599.6, 7384, 86400, 2.675]
        trees = [self.tree(self.node(name=str(took), duration=took), tree=f"t{at}", duration=took) for at, took in enumerate(given)]
        picture = run("dl-fmt", "--color", "never", given=lines(trees)).decode()
        expected = dict(re.findall(r"^✓ (\S+) +(\S+)$", picture, re.M))
        self.assertEqual(len(expected), len(given))
        self.open(self.report(lines(trees)))
        shown = {}
        for top in range(0, 42 * len(given), 300):
            self.js("document.getElementById('list').scrollTop = arguments[0]", top)
            self.frame()
            shown |= dict(self.js("return [...document.querySelectorAll('#list .row:not([hidden])')].map((row) => [row.querySelector('.name').textContent, row.querySelector('.took').textContent])"))
        self.assertEqual(shown, expected)

    def test_a_report_of_nothing_and_of_summaries(self):
        self.open(self.report(b""))
        self.assertIn("There was nothing to show", self.text("#none"))
        self.open(self.report(run("dl-tree", "--summary", SHOP)))
        self.assertEqual(self.text("#see-records"), "Records 4")
        self.assertEqual(len(self.texts("#lines .row")), 4)


if __name__ == "__main__":
    unittest.main()
