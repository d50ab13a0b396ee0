//! Contexts in front of messages, read as logfmt, which they belong to.

use expect_test::{Expect, expect};

use crate::decode::format::{Settings, tests::decode};

fn check(lines: &str, expect: &Expect) {
    expect.assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
}

#[test]
fn a_context_stands_between_level_and_message() {
    check(
        r"2026-11-20 12:00:00,123 INFO [app] [db.py:12] [trace_id=0 span_id=0 resource.service.name=shop] - up
2026-11-20 12:00:00,123 INFO [app] [db.py:12] [dd.service=shop dd.env= dd.trace_id=17 dd.span_id=4711] - up n=1
2026-11-20 12:00:00,123 INFO app.db [trace_id=1f span_id=2e] up
2026-11-20 12:00:00,123 INFO [trace_id=1f] app.db up
2026-11-20 12:00:00.123 [main] INFO Shop trace_id=1f span_id=2e trace_flags=01 - n=1
2026-11-20 12:00:00,123 INFO [main] Shop {spanId=2e, traceId=1f} - up
2026-11-20 12:00:00,123 INFO [main] [spanId=2e] Shop: up
12:00:00 INFO  traceId=1f, parentId=, spanId=2e, sampled=true [or.ac.Shop] (main) up
12:00:00.123 trace_id=1f span_id=2e trace_flags=01 up
2026-11-20 12:00:00.123 [main] INFO Shop [00000000000000000000000abcdef001,0000000001234561] - up
2026-11-20 12:00:00.123 [main] INFO Shop [00000000000000000000000abcdef001/0000000001234561] up
2026-11-20 12:00:00.123  INFO [shop,00000000000000000000000abcdef001,0000000001234561] 4711 --- [main] c.e.Shop : up
2026-11-20 12:00:00.123  INFO [shop,,] 4711 --- [           main] c.e.Shop : up
2026-11-20 12:00:00.123  INFO 4711 --- [shop] [main] [shop,00000000000000000000000abcdef001,0000000001234561] c.e.Shop : up
2026-11-20 12:00:00.123  INFO 4711 --- [shop] [main] [-] c.e.Shop : up
2026-11-20 12:00:00.123 [main] INFO Shop [,] - up
2026-11-20 12:00:00,123 INFO [main] Shop {} - up
2026-11-20 12:00:00,123 INFO [main] Shop: up
2026-11-20 12:00:00,123 INFO [main] com.ex.Shop.run up
2026-11-20 12:00:00,123 INFO [Shop.main:7] - up
2026-11-20 12:00:00,123 INFO Shop - n=1
",
        &expect![[r#"
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"app","filename":"db.py","lineno":12,"message":"up","trace_id":0,"span_id":0,"resource.service.name":"shop"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"app","filename":"db.py","lineno":12,"message":"up","dd.service":"shop","dd.env":"","dd.trace_id":17,"dd.span_id":4711,"n":1}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"app.db","message":"up","trace_id":"1f","span_id":"2e"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"app.db","message":"up","trace_id":"1f"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"Shop","thread":"main","trace_id":"1f","span_id":"2e","trace_flags":"01","n":1}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"Shop","thread":"main","message":"up","spanId":"2e","traceId":"1f"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"Shop","thread":"main","message":"up","spanId":"2e"}
            {"time_of_day":"12:00:00","level":"INFO","logger":"or.ac.Shop","thread":"main","message":"up","traceId":"1f","parentId":"","spanId":"2e","sampled":true}
            {"time_of_day":"12:00:00.123","message":"up","trace_id":"1f","span_id":"2e","trace_flags":"01"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"Shop","traceId":"00000000000000000000000abcdef001","spanId":"0000000001234561","thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"Shop","traceId":"00000000000000000000000abcdef001","spanId":"0000000001234561","thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"c.e.Shop","service":"shop","traceId":"00000000000000000000000abcdef001","spanId":"0000000001234561","process":4711,"thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"c.e.Shop","service":"shop","process":4711,"thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"c.e.Shop","service":"shop","process":4711,"thread":"main","traceId":"00000000000000000000000abcdef001","spanId":"0000000001234561","message":"up"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"c.e.Shop","service":"shop","process":4711,"thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"Shop","thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"Shop","thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"Shop","thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"com.ex.Shop.run","thread":"main","message":"up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"Shop.main","lineno":7,"message":"up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"Shop","n":1}
        "#]],
    );
}

#[test]
fn what_only_looks_like_a_context_is_a_message() {
    check(
        r"2026-11-20 12:00:00,123 INFO [see a=1 for more] up
2026-11-20 12:00:00,123 INFO [a=1]: up
2026-11-20 12:00:00,123 INFO {} up
2026-11-20 12:00:00,123 INFO [-] up
2026-11-20 12:00:00,123 INFO [main] is up
2026-11-20 12:00:00,123 INFO [up, and, away] now
2026-11-20 12:00:00,123 INFO user=ann is up
2026-11-20 12:00:00,123 INFO app.db {not: json, a=b} up
2026-11-20 12:00:00,123 INFO app.db x} - is up
2026-11-20 12:00:00,123 INFO [trace_id=1f
",
        &expect![[r#"
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"[see a=1 for more] up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"[a=1]: up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"{} up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"[-] up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"[main] is up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"[up, and, away] now"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"user=ann is up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"app.db","message":"{not: json, a=b} up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","logger":"app.db","message":"x} - is up"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"[trace_id=1f"}
        "#]],
    );
}

#[test]
fn commas_between_pairs_are_none_of_the_values() {
    check(
        r#"a=1, b="x y", c='z', d=2
INFO app: up n=1 a=1, b=, c=2,
INFO app: up a=1, b=2 c=3
a=1, b c=2
a="1", b
"#,
        &expect![[r#"
            {"a":1,"b":"x y","c":"z","d":2}
            {"level":"INFO","logger":"app","message":"up","n":1,"a":1,"b":"","c":"2,"}
            {"level":"INFO","logger":"app","message":"up","a":"1,","b":2,"c":3}
            {"a":"1,","b":true,"c":2}
            {"a":"1","b":true}
        "#]],
    );
}
