//! Tracebacks of several languages, below records and by themselves.

use expect_test::{Expect, expect};

use crate::decode::format::{
    Pattern, Settings, find,
    tests::{PASSED_OVER, Taken, decode, decode_slowly},
};

fn check(format: &str, text: &str, expect: &Expect) {
    expect.assert_eq(&decode(format, &Settings::default(), text.as_bytes()));
}

/// In both formats that have tracebacks, at once and with pauses between the lines.
fn check_both(text: &str, expect: &Expect) {
    for format in ["logfmt", "auto"] {
        check(format, text, expect);
        let came = decode_slowly(format, &Settings::default(), text.as_bytes());
        expect.assert_eq(&came);
    }
}

#[test]
fn tracebacks_of_python_are_exceptions_of_the_record_above() {
    let text = "2026-11-20 12:00:00,123 ERROR app failed order=7
Traceback (most recent call last):
  File \"a.py\", line 3, in f
    return g(x=1, y = 2)
           ^^^^^^^^^^^^^
ValueError: bad key=1 of 2

  a second line
The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File \"a.py\", line 9, in <module>
    {\"a\": f()}
RuntimeError: no
2026-11-20 12:00:01,123 INFO app went on
";
    let expect = expect![[r#"
        {"time":"2026-11-20 12:00:00,123","level":"ERROR","message":"app failed","order":7,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    return g(x=1, y = 2)\n           ^^^^^^^^^^^^^\nValueError: bad key=1 of 2\n\n  a second line\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"a.py\", line 9, in <module>\n    {\"a\": f()}\nRuntimeError: no"}
        {"time":"2026-11-20 12:00:01,123","level":"INFO","message":"app went on"}
    "#]];
    check("logfmt", text, &expect);
    check("auto", text, &expect);
}

#[test]
fn what_nobody_has_caught_is_a_record() {
    let text = "Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
KeyError: 'x'
level=info msg=next
";
    let expect = expect![[r#"
        {"message":"KeyError: 'x'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'"}
        {"level":"info","msg":"next"}
    "#]];
    check("logfmt", text, &expect);
}

#[test]
fn one_that_stands_behind_another_is_another_record() {
    let one = |name: &str| {
        format!("Traceback (most recent call last):\n  File \"{name}.py\", line 1\n{name}: no\n")
    };
    let text = format!(
        "{}{}\nThe above exception was the direct cause of the following exception:\n\n{}a=1\n",
        one("A"),
        one("B"),
        one("C")
    );
    let expect = expect![[r#"
        {"message":"A: no","exception":"Traceback (most recent call last):\n  File \"A.py\", line 1\nA: no"}
        {"message":"C: no","exception":"Traceback (most recent call last):\n  File \"B.py\", line 1\nB: no\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"C.py\", line 1\nC: no"}
        {"a":1}
    "#]];
    check("logfmt", &text, &expect);
    check("auto", &text, &expect);
}

#[test]
fn what_an_interpreter_writes_line_by_line_is_waited_for() {
    let text = "a=1
Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"a.py\", line 3, in <module>
ValueError: y
b=2
";
    // A record is out at once, and nobody knows then what belongs to it.
    let expect = expect![[r#"
        {"a":1}
        {"message":"ValueError: y","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nValueError: y"}
        {"b":2}
    "#]];
    for format in ["logfmt", "auto"] {
        let came = decode_slowly(format, &Settings::default(), text.as_bytes());
        expect.assert_eq(&came);
    }
}

#[test]
fn what_is_whole_is_out_when_nothing_follows_for_a_while() {
    for format in ["logfmt", "auto"] {
        let check = |lines: &[&str], is_whole: bool| {
            let format = find(format).expect("a format");
            let mut decoder = format.decoder(&Settings::default());
            let mut taken = Taken::default();
            for line in lines {
                decoder.line(line.as_bytes(), &mut taken);
            }
            decoder.pause(&mut taken);
            assert!(decoder.is_holding(), "{lines:?}");
            decoder.rest(&mut taken);
            assert_eq!(taken.0.len(), usize::from(is_whole), "{lines:?}");
            assert_eq!(decoder.is_holding(), !is_whole, "{lines:?}");
        };
        let head = "Traceback (most recent call last):";
        check(&["a=1", head, "  File \"a.py\", line 1"], false);
        check(&["a=1", head, "  File \"a.py\", line 1", "E: x"], true);
        check(&["Exception in thread Thread-1:"], false);
        check(&["Exception in thread \"main\" a.E: x", "\tat a"], true);
        check(&["a.b.Error: x"], true);
        check(&["a=1", "    at f (a.js:1:2)"], true);
        check(&["a=1", "java.lang.Error: x", "\tat a.B.c(B.java:1)"], true);
    }
}

#[test]
fn stacks_of_other_languages() {
    let text = "2026-11-20 12:00:00.123 [main] ERROR app.Main - failed
java.lang.IllegalStateException: bad
\tat app.Main.run(Main.java:3)
Caused by: java.io.IOException: gone
\tat app.Main.read(Main.java:9)
\t... 1 more
2026-11-20 12:00:01.123 [main] INFO app.Main - went on
";
    let expect = expect![[r#"
        {"time":"2026-11-20 12:00:00.123","level":"ERROR","logger":"app.Main","thread":"main","message":"failed","exception":"java.lang.IllegalStateException: bad\n\tat app.Main.run(Main.java:3)\nCaused by: java.io.IOException: gone\n\tat app.Main.read(Main.java:9)\n\t... 1 more"}
        {"time":"2026-11-20 12:00:01.123","level":"INFO","logger":"app.Main","thread":"main","message":"went on"}
    "#]];
    check("logfmt", text, &expect);
}

#[test]
fn what_the_jvm_writes_line_by_line_is_one_record() {
    let text = "a=1
Exception in thread \"main\" java.lang.IllegalStateException: bad
\tat app.Main.run(Main.java:3)
\tSuppressed: java.io.IOException: x=1
\t\tat app.Main.close(Main.java:7)
\t\t... 1 more
Caused by: java.io.IOException: gone
 for k=v
\tat app.Main.read(Main.java:9)
\t... 12 more
Exception in thread \"pool-1 thread-2\" java.lang.Error
\tat app.Main.run(Main.java:3)
java.lang.RuntimeException: printed
\tat app.Main.run(Main.java:5)
java.lang.RuntimeException: printed, too
\tat app.Main.run(Main.java:5)
java.lang.RuntimeException: alone
java.lang.RuntimeException: alone as well
b=2
";
    let expect = expect![[r#"
        {"a":1}
        {"message":"java.lang.IllegalStateException: bad","exception":"Exception in thread \"main\" java.lang.IllegalStateException: bad\n\tat app.Main.run(Main.java:3)\n\tSuppressed: java.io.IOException: x=1\n\t\tat app.Main.close(Main.java:7)\n\t\t... 1 more\nCaused by: java.io.IOException: gone\n for k=v\n\tat app.Main.read(Main.java:9)\n\t... 12 more"}
        {"message":"java.lang.Error","exception":"Exception in thread \"pool-1 thread-2\" java.lang.Error\n\tat app.Main.run(Main.java:3)"}
        {"message":"java.lang.RuntimeException: printed","exception":"java.lang.RuntimeException: printed\n\tat app.Main.run(Main.java:5)"}
        {"message":"java.lang.RuntimeException: printed, too","exception":"java.lang.RuntimeException: printed, too\n\tat app.Main.run(Main.java:5)"}
        {"message":"java.lang.RuntimeException: alone","exception":"java.lang.RuntimeException: alone"}
        {"message":"java.lang.RuntimeException: alone as well","exception":"java.lang.RuntimeException: alone as well"}
        {"b":2}
    "#]];
    check_both(text, &expect);
}

#[test]
fn an_exception_that_nobody_has_caught_belongs_to_no_record_above() {
    let text = "a=1
Exception in thread Thread-1 (f):
Traceback (most recent call last):
  File \"a.py\", line 1, in f
app.errors.OrderError: no
app.errors.OtherError: a second line
Exception ignored in: <_io.TextIOWrapper name='<stdout>'>
BrokenPipeError: [Errno 32] Broken pipe
b=2
";
    let expect = expect![[r#"
        {"a":1}
        {"message":"app.errors.OrderError: no","exception":"Exception in thread Thread-1 (f):\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\napp.errors.OrderError: no\napp.errors.OtherError: a second line"}
        {"message":"BrokenPipeError: [Errno 32] Broken pipe","exception":"Exception ignored in: <_io.TextIOWrapper name='<stdout>'>\nBrokenPipeError: [Errno 32] Broken pipe"}
        {"b":2}
    "#]];
    check_both(text, &expect);
}

#[test]
fn a_line_that_is_a_record_by_itself_begins_no_stack() {
    let text = b"java.io.IOException: gone path=/a\njava.io.IOException: gone path=/b\n";
    expect![[r#"
        {"message":"java.io.IOException: gone","path":"/a"}
        {"message":"java.io.IOException: gone","path":"/b"}
    "#]]
    .assert_eq(&decode_slowly("logfmt", &Settings::default(), text));
}

#[test]
fn records_of_another_format_end_a_traceback_and_keep_their_order() {
    let text = "level=error msg=failed
Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
KeyError: 'x'
{\"level\":\"info\",\"msg\":\"json\"}
  File \"b.py\", line 1
level=info msg=last
{\"n\":1}
";
    let expect = expect![[r#"
        {"level":"error","msg":"failed","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'"}
        {"level":"info","msg":"json"}
        rejected (no key=value pair, and no time or level in front):   File "b.py", line 1
        {"level":"info","msg":"last"}
        {"n":1}
    "#]];
    check("auto", text, &expect);
}

#[test]
fn what_lacks_a_line_says_so() {
    let text = format!(
        "a=1
Traceback (most recent call last):
{PASSED_OVER}
KeyError: 'x'
b=2
{PASSED_OVER}
b=~
Traceback (most recent call last):
{PASSED_OVER}
"
    );
    // What is not UTF-8 is told beside it.
    let bytes = text
        .bytes()
        .map(|byte| if byte == b'~' { 0xFF } else { byte });
    let text: Vec<u8> = bytes.collect();
    let expect = expect![[r#"
        {"a":1,"exception":"Traceback (most recent call last):\nKeyError: 'x'","dl":{"recv":{"partial":true}}}
        {"b":2}
        {"b":"�","exception":"Traceback (most recent call last):","dl":{"recv":{"invalid_utf8":true,"partial":true}}}
    "#]];
    for format in ["logfmt", "auto"] {
        expect.assert_eq(&decode(format, &Settings::default(), &text));
    }
}

#[test]
fn one_that_is_too_long_is_cut_where_it_is() {
    let settings = Settings {
        longest: 60,
        ..Settings::default()
    };
    let text =
        "a=1\nTraceback (most recent call last):\n  File \"a.py\", line 1\n  File \"b.py\"\nb=2\n";
    expect![[r#"
        {"a":1,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 1","dl":{"recv":{"partial":true}}}
        rejected (no key=value pair, and no time or level in front):   File "b.py"
        {"b":2}
    "#]]
    .assert_eq(&decode("logfmt", &settings, text.as_bytes()));
}

#[test]
fn a_traceback_that_is_not_utf_8_says_so() {
    let text = b"a=1\nTraceback (most recent call last):\nE: \xFF\na=2\n";
    expect![[r#"
        {"a":1,"exception":"Traceback (most recent call last):\nE: �","dl":{"recv":{"invalid_utf8":true}}}
        {"a":2}
    "#]]
    .assert_eq(&decode("logfmt", &Settings::default(), text));
}

#[test]
fn a_record_may_have_nothing_but_its_traceback() {
    let settings = Settings {
        patterns: vec![Pattern::read("(?P<a>x)?y").expect("a pattern")],
        ..Settings::default()
    };
    let text = b"y\nTraceback (most recent call last):\nE: x\ny\n";
    expect![[r#"
        {"exception":"Traceback (most recent call last):\nE: x"}
        {}
    "#]]
    .assert_eq(&decode("pattern", &settings, text));
}

#[test]
fn lines_that_show_nothing_are_more_of_a_message_with_a_time_in_front() {
    let text = "a banner
2026-11-20 12:00:00,123 INFO sqlalchemy.engine.Engine SELECT orders.id, orders.\"total\"
FROM orders\t

WHERE orders.id = ? AND a=1 LIMIT b=2
2026-11-20 12:00:00,124 INFO sqlalchemy.engine.Engine [generated in 0.00012s] (7,)
2026-11-20 12:00:00,125 DEBUG app.orders found dur_ms=3 order=7
{'id': 7,
 'total': 12}
a=1 b=2
ERROR: not more of it
no more
2026-11-20 12:00:01,000 INFO app n=1
of a text by itself
Traceback (most recent call last):
  File \"a.py\", line 1
KeyError: 'x'
and a reason of two lines
";
    check(
        "logfmt",
        text,
        &expect![[r#"
        rejected (no key=value pair, and no time or level in front): a banner
        {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"sqlalchemy.engine.Engine","message":"SELECT orders.id, orders.\"total\"\nFROM orders\nWHERE orders.id = ? AND a=1 LIMIT b=2"}
        {"time":"2026-11-20 12:00:00,124","level":"INFO","logger":"sqlalchemy.engine.Engine","message":"[generated in 0.00012s] (7,)"}
        {"time":"2026-11-20 12:00:00,125","level":"DEBUG","logger":"app.orders","message":"found\n{'id': 7,\n 'total': 12}","dur_ms":3,"order":7}
        {"a":1,"b":2}
        {"level":"ERROR","message":"not more of it"}
        rejected (no key=value pair, and no time or level in front): no more
        {"time":"2026-11-20 12:00:01,000","level":"INFO","message":"app\nof a text by itself","n":1,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\nand a reason of two lines"}
    "#]],
    );
}

#[test]
fn a_message_is_not_longer_than_it_may_be() {
    let settings = Settings {
        longest: 100,
        ..Settings::default()
    };
    let text = format!(
        "2026-11-20 12:00:00,123 INFO app up\n{}",
        "and more\n".repeat(6)
    );
    expect![[r#"
        {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"app up\nand more\nand more\nand more\nand more","dl":{"recv":{"partial":true}}}
        rejected (no key=value pair, and no time or level in front): and more
        rejected (no key=value pair, and no time or level in front): and more
    "#]].assert_eq(&decode("logfmt", &settings, text.as_bytes()));
}
