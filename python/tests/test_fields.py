"""The fields of a record, and when their values are taken."""

import logging
import unittest

from distlog import JSONFormatter

from support import Records, logged, parse

log = logging.getLogger("tests.fields")


class Fields(unittest.TestCase):
    ORIGINAL = (
        "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created"
        " msecs relativeCreated thread threadName processName process context message asctime hostname"
    ).split()

    def test_the_keys_of_the_original(self):
        with logged() as out:
            log.info("number %d\nof two lines", 7, extra={"req": "r-1"})
        (record,) = out.records
        names = [name for name in record if name != "taskName"]
        self.assertEqual(names[:21], self.ORIGINAL[:21])
        self.assertEqual(names[21:], ["req", "message", "asctime", "hostname"])
        self.assertEqual((record["msg"], record["args"]), ("number %d\nof two lines", [7]))
        self.assertEqual(record["message"], "number 7\nof two lines")
        self.assertRegex(record["asctime"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$")

    def test_a_formatted_time_is_that_of_the_standard_library(self):
        formatter, usual = JSONFormatter(), logging.Formatter()
        for created in (0.0, 1795177540.3932004, 1795177540.999, 1795177541.0, 951782399.5):
            record = logging.makeLogRecord({"created": created, "msecs": int(created % 1 * 1000) + 0.0, "msg": ""})
            self.assertEqual(parse(formatter.encode(record))["asctime"], usual.formatTime(record))

    def test_values_are_those_at_the_time_of_the_call(self):
        items = [1]
        with logged() as out:
            log.info("%s", items, extra={"items": items})
            items.append(2)
        self.assertEqual(out.records[0]["items"], [1])

    def test_dictConfig_arguments(self):
        made = JSONFormatter("%(message)s", "%H", style="%", service="x")
        record = logging.makeLogRecord({"msg": "m", "created": 0.0})
        self.assertRegex(parse(made.encode(record))["asctime"], r"^\d\d$")

    def test_a_field_of_the_applications_that_has_the_name_of_ours(self):
        for formatter in (JSONFormatter(), JSONFormatter(fields={"record_id": 8})):
            record = logging.makeLogRecord({"msg": "x"})
            if formatter._fields == {}:
                record.__dict__.update(record_id=7, record_id_="mine")
            made = parse(formatter.encode(record, ',"record_id":"a-1"'))
            kept = {name: value for name, value in made.items() if name.startswith("record_id")}
            expect = {"record_id_": "mine", "record_id__": 7} if formatter._fields == {} else {"record_id_": 8}
            self.assertEqual(kept, {"record_id": "a-1", **expect})
            # Without an id of ours nothing is in its way.
            self.assertIn(parse(formatter.encode(record))["record_id"], (7, 8))

    def test_a_record_of_another_class_makes_its_own_message(self):
        class Discreet(logging.LogRecord):
            def getMessage(self):
                return super().getMessage().replace("hunter2", "***")

        before = logging.getLogRecordFactory()
        logging.setLogRecordFactory(Discreet)
        try:
            with logged() as out:
                log.info("the password is hunter2")
                log.info("the password is %s", "hunter2", extra={"a": 1})
        finally:
            logging.setLogRecordFactory(before)
        self.assertEqual([record["message"] for record in out.records], ["the password is ***"] * 2)

    def test_a_formatter_that_makes_fields_of_its_own(self):
        class Discreet(JSONFormatter):
            def fields(self, record):
                return {**super().fields(record), "args": None, "of": "shop"}

        with logged(handler=Records(Discreet())) as out:
            log.info("the card is %d", 4711)
        (record,) = out.records
        self.assertEqual((record["args"], record["of"], record["message"]), (None, "shop", "the card is 4711"))


if __name__ == "__main__":
    unittest.main()
