"""The way of scopes between services: headers, traceparent, Celery, WSGI and ASGI."""

import asyncio
import email.message
import json
import logging
import unittest
import uuid
from wsgiref.util import setup_testing_defaults

from distlog import current_scope, external_call, extract, headers, import_task, inject, task, to
from distlog.middleware import AsgiMiddleware, WsgiMiddleware
from distlog.propagate import HEADER, accept, extract_celery, span_id

from support import logged, nodes_of, shape, trees_of

log = logging.getLogger("tests.propagate")
TRACE = "6b003e24000000007fd21e1e22f804ac"
SPAN = "05c48cf0ce2119a4"
PARENT = f"00-{TRACE}-{SPAN}-01"
TREE = str(uuid.UUID(TRACE))


class Headers(unittest.TestCase):
    def test_what_is_injected_is_extracted(self):
        with task("caller") as scope:
            sent = [headers(), headers()]
        self.assertEqual([extract(one) for one in sent], [f"{scope.id}/1", f"{scope.id}/2"])
        for one in sent:
            version, trace, span, flags = one["traceparent"].split("-")
            self.assertEqual((version, uuid.UUID(trace), span, flags), ("00", uuid.UUID(scope.id), span_id(scope.id), "01"))
            # Each by itself is enough.
            del one[HEADER]
            self.assertEqual(extract(one).rpartition("/")[0], scope.id)
        self.assertEqual(headers(), {})

    def test_every_form_of_headers(self):
        with task("caller") as scope:
            sent = headers()
        wanted = f"{scope.id}/1"
        self.assertEqual(extract({k.upper(): v for k, v in sent.items()}), wanted)
        self.assertEqual(extract([(k.lower().encode(), v.encode()) for k, v in sent.items()]), wanted)
        self.assertEqual(extract({f"HTTP_{k.upper().replace('-', '_')}": v for k, v in sent.items()}), wanted)
        # What http.server and urllib have is no Mapping.
        message = email.message.Message()
        for name, value in sent.items():
            message[name] = value
        self.assertEqual(extract(message), wanted)
        self.assertIsNone(extract(email.message.Message()))
        self.assertIsNone(extract(None))

    def test_what_others_had_in_tracestate_stays(self):
        with task("caller"):
            carrier = inject({"tracestate": "vendor=1"})
        self.assertRegex(carrier["tracestate"], r"^distlog=\S+,vendor=1$")

    def test_a_caller_with_a_traceparent_only(self):
        first, second = extract({"traceparent": PARENT}), extract({"traceparent": PARENT})
        self.assertNotEqual(first, second)
        self.assertEqual(first.rpartition("/")[0], f"{TREE}/{SPAN}")
        self.assertEqual(import_task(first, "x").id, first)

    def test_what_cannot_be_used_is_not(self):
        for bad in ("", "x", "ff" + PARENT[2:], PARENT + "-more", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
                    PARENT.upper(), PARENT[:-1]):
            self.assertIsNone(extract({"traceparent": bad}), bad)
        self.assertIsNotNone(extract({"traceparent": "01" + PARENT[2:] + "-more"}))
        self.assertIsNone(extract({HEADER: "../../etc/passwd"}))
        # Somebody between us has a span of their own: the state tells of a scope that is not its parent.
        with task("caller"):
            sent = headers()
        del sent[HEADER]
        between = f"00-{sent['traceparent'][3:35]}-{SPAN}-01"
        self.assertIn(f"/{SPAN}/", extract({**sent, "traceparent": between}))

    def test_celery(self):
        class Request:
            headers = None

        with task("caller") as scope:
            sent = headers()
        modern, older = Request(), Request()
        modern.headers = sent
        older.__dict__.update(sent)
        self.assertEqual(extract_celery(modern), f"{scope.id}/1")
        self.assertEqual(extract_celery(older), f"{scope.id}/1")
        self.assertIsNone(extract_celery(Request()))


def span(name, span, parent, state=""):
    """A span as the console exporter of OpenTelemetry writes it."""
    state = [f"{{key={key}, value={value}}}" for key, _, value in [state.partition("=")] if key]
    return json.dumps({
        "name": name, "context": {"trace_id": "0x" + TRACE, "span_id": "0x" + span, "trace_state": str(state)},
        "kind": "SpanKind.SERVER", "parent_id": parent and "0x" + parent, "start_time": "2026-11-28T03:00:00.000000Z",
        "end_time": "2026-11-28T03:00:01.000000Z", "status": {"status_code": "UNSET"}, "attributes": {}, "events": [],
        "links": [], "resource": {"attributes": {"service.name": "edge"}, "schema_url": ""},
    }).encode()


class OpenTelemetry(unittest.TestCase):
    def test_a_caller_s_trace_and_ours_are_one_tree(self):
        with logged() as out:
            with accept({"traceparent": PARENT}, "serve"):
                log.info("inside")
        trees = trees_of([span("edge", SPAN, None), *out.lines])
        self.assertEqual(len(trees), 1)
        (tree,) = trees.values()
        self.assertEqual(tree["records"], 4)
        self.assertLessEqual({"edge", "serve"}, {n.get("name") for n in nodes_of(tree)})

    def test_a_callee_s_span_is_below_our_call(self):
        with logged() as out:
            with import_task(TREE, "our root"):
                with external_call("theirs", "ask them"):
                    sent = headers()
        callee = span("their root", "0123456789abcdef", sent["traceparent"].split("-")[2])
        (tree,) = trees_of([callee, *out.lines]).values()
        (call,) = [n for n in nodes_of(tree) if n.get("name") == "ask them"]
        self.assertEqual([n["name"] for n in call["children"]], ["their root"])

    def test_a_callee_s_span_is_below_any_scope_of_ours(self):
        with logged() as out:
            with import_task(TREE, "our root"):
                with to("ask them"):
                    sent = headers()
        parent = sent["traceparent"].split("-")[2]
        root = span("their root", "0123456789abcdef", parent, sent["tracestate"])
        inner = span("their query", "0123456789abcde0", "0123456789abcdef", sent["tracestate"])
        (tree,) = trees_of([inner, root, *out.lines]).values()
        self.assertTrue(tree["complete"])
        (call,) = [n for n in nodes_of(tree) if n.get("name") == "ask them"]
        (theirs,) = call["children"]
        self.assertEqual((theirs["name"], theirs["edge"]), ("their root", "join"))
        self.assertEqual([n["name"] for n in theirs["children"]], ["their query"])


class Wsgi(unittest.TestCase):
    def call(self, app, trusted=True, **environ):
        setup_testing_defaults(environ)
        answered = []
        body = WsgiMiddleware(app, trusted)(environ, lambda *answer: answered.append(answer[:2]))
        pieces = list(body)
        if hasattr(body, "close"):
            body.close()
        return answered, pieces

    def test_a_request_is_a_scope(self):
        def app(environ, start_response):
            log.info("in the application")
            start_response("200 OK", [])
            return [b"x"]

        with task("caller") as caller:
            sent = headers()
        with logged() as out:
            answered, _ = self.call(app, PATH_INFO="/a", HTTP_DISTLOG_TASK=sent[HEADER])
        self.assertEqual(answered, [("200 OK", [(HEADER, f"{caller.id}/1")])])
        self.assertEqual(
            shape(out.records),
            [("0@1", "start", None, "GET /a"), ("1@1", None, None, "in the application"),
             ("2@1", "end", "succeeded", "GET /a")],
        )
        self.assertEqual(out.records[-1]["context"]["status"], 200)
        self.assertEqual(out.records[-1]["name"], "distlog.middleware")

    def test_the_edge_trusts_nobody(self):
        def app(environ, start_response):
            start_response("204 No Content", [])
            return []

        with logged() as out:
            self.call(app, trusted=False, HTTP_DISTLOG_TASK=f"{TREE}/1", HTTP_TRACEPARENT=PARENT)
        self.assertNotIn(TREE, out.records[0]["context"]["key"])

    def test_a_body_that_is_read_later_belongs_to_the_scope(self):
        def app(environ, start_response):
            start_response("200 OK", [])
            for number in range(2):
                log.info("piece %d", number)
                yield b"x"

        with logged() as out:
            self.call(app, PATH_INFO="/stream")
            self.assertIsNone(current_scope())
        self.assertEqual([s[3] for s in shape(out.records)], ["GET /stream", "piece 0", "piece 1", "GET /stream"])
        self.assertEqual(len({r["context"]["key"].partition("@")[2] for r in out.records}), 1)

    def test_a_body_goes_on_in_the_scope_that_it_was_in(self):
        def app(environ, start_response):
            start_response("200 OK", [])
            try:
                with to("pieces"):
                    for number in range(2):
                        yield b"x"
                        log.info("piece %d is sent", number)
            finally:
                log.info("cleaning up")

        for pieces in (2, 1):
            with self.subTest(pieces=pieces), logged() as out:
                environ = {"PATH_INFO": "/stream"}
                setup_testing_defaults(environ)
                body = WsgiMiddleware(app)(environ, lambda *_: None)
                for _ in range(pieces):
                    next(body)
                    self.assertIsNone(current_scope())
                if pieces == 2:
                    self.assertEqual(list(body), [])
                body.close()
                self.assertIsNone(current_scope())
                keys = [(key.partition("@")[2], text) for key, event, _, text in shape(out.records) if event is None]
                sent = [("1", f"piece {number} is sent") for number in range(2 if pieces == 2 else 0)]
                self.assertEqual(keys, [*sent, ("", "cleaning up")])
                self.assertEqual(shape(out.records)[-1][1:3], ("end", "succeeded"))

    def test_failures(self):
        def answers(environ, start_response):
            start_response("503 Service Unavailable", [])
            return []

        def raises(environ, start_response):
            raise ValueError("x")

        def breaks_off(environ, start_response):
            start_response("200 OK", [])
            yield b"x"
            raise ValueError("x")

        for app in (answers, raises, breaks_off):
            with self.subTest(app=app.__name__), logged() as out:
                try:
                    self.call(app)
                except ValueError:
                    pass
                self.assertEqual(shape(out.records)[-1][1:3], ("end", "failed"))
                self.assertEqual(len(out.records), 2)


class Asgi(unittest.TestCase):
    def call(self, app, scope):
        sent = []

        async def send(message):
            sent.append(message)

        asyncio.run(AsgiMiddleware(app)(scope, None, send))
        return sent

    def test_a_request_is_a_scope(self):
        async def app(scope, receive, send):
            log.info("in the application")
            await asyncio.sleep(0)
            await send({"type": "http.response.start", "status": 500, "headers": [(b"a", b"b")]})
            await send({"type": "http.response.body", "body": b""})

        with task("caller") as caller:
            given = [(k.lower().encode(), v.encode()) for k, v in headers().items()]
        with logged() as out:
            sent = self.call(app, {"type": "http", "method": "GET", "path": "/b", "headers": given})
        self.assertEqual(sent[0]["headers"], [(b"a", b"b"), (b"distlog-task", f"{caller.id}/1".encode())])
        self.assertEqual(
            shape(out.records),
            [("0@1", "start", None, "GET /b"), ("1@1", None, None, "in the application"),
             ("2@1", "end", "failed", "FAILED GET /b: HTTP status 500")],
        )

    def test_what_an_application_sends_each_time_stays_what_it_is(self):
        start = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}

        async def app(scope, receive, send):
            await send(start)

        with logged():
            for _ in range(2):
                (sent,) = self.call(app, {"type": "http", "method": "GET", "path": "/b", "headers": []})
                self.assertEqual([name for name, _ in sent["headers"]], [b"a", b"distlog-task"])
        self.assertEqual(start["headers"], [(b"a", b"b")])

    def test_what_is_no_request_is_let_through(self):
        async def app(scope, receive, send):
            self.assertIsNone(current_scope())

        self.call(app, {"type": "lifespan"})


if __name__ == "__main__":
    unittest.main()
