//! Access logs of servers, real ones and what is none.

use expect_test::expect;

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

const LINES: &str = r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326
::1 - - [20/Nov/2026:12:00:00 +0000] "POST /orders/7?a=b HTTP/1.1" 500 - "-" "curl/8.5.0"
shop.example:443 10.0.0.9 - - [20/Nov/2026:12:00:01 +0000] "GET / HTTP/2.0" 200 512 "https://a.example/?q=\"x\"" "Mozilla/5.0 (X11; Linux)" rt=0.120 "10.1.2.3" uid=7
10.0.0.9 - - [20/Nov/2026:12:00:02 +0000] "\x16\x03\x01" 400 157 "-" "-"
10.0.0.9 - - [20/Nov/2026:12:00:03 +0000] "" 408 0 "-" "-" "-" 0.005
10.0.0.9, 10.1.2.3, 10.1.2.4 - - [20/Nov/2026:12:00:04 +0000] "GET / HTTP/1.1" 200 12 "-" "-" "a b" rt=0.1 1234
"#;

#[test]
fn entries_of_servers() {
    let check = |format| decode(format, &Settings::default(), LINES.as_bytes());
    expect![[r#"
        {"time":"2000-10-10T13:55:36-07:00","client":"127.0.0.1","user":"frank","method":"GET","path":"/apache_pb.gif","protocol":"HTTP/1.0","status":200,"bytes":2326}
        {"time":"2026-11-20T12:00:00+00:00","client":"::1","method":"POST","path":"/orders/7?a=b","protocol":"HTTP/1.1","status":500,"agent":"curl/8.5.0"}
        {"time":"2026-11-20T12:00:01+00:00","vhost":"shop.example:443","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/2.0","status":200,"bytes":512,"referer":"https://a.example/?q=\"x\"","agent":"Mozilla/5.0 (X11; Linux)","rest":"\"10.1.2.3\"","rt":0.120,"uid":7}
        {"time":"2026-11-20T12:00:02+00:00","client":"10.0.0.9","request":"\u0016\u0003\u0001","status":400,"bytes":157}
        {"time":"2026-11-20T12:00:03+00:00","client":"10.0.0.9","status":408,"bytes":0,"rest":"\"-\" 0.005"}
        {"time":"2026-11-20T12:00:04+00:00","client":"10.0.0.9, 10.1.2.3, 10.1.2.4","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":12,"rest":"\"a b\" 1234","rt":0.1}
    "#]].assert_eq(&check("access"));
    assert_eq!(check("auto"), check("access"));
}

#[test]
fn entries_of_gunicorn_and_nginx() {
    let sample = include_bytes!("../../../tests/data/samples/access-combined.txt");
    expect![[r#"
        {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/6","protocol":"HTTP/1.0","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
        {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/3","protocol":"HTTP/1.0","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
        {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/6","protocol":"HTTP/1.1","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
        {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/3","protocol":"HTTP/1.1","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
        {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/7","protocol":"HTTP/1.1","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
        {"time":"2026-11-30T11:24:36+00:00","client":"127.0.0.1","method":"POST","path":"/orders/901","protocol":"HTTP/1.1","status":500,"bytes":18,"agent":"python-requests/2.34.2"}
        {"time":"2026-11-30T11:24:48+00:00","client":"127.0.0.1","method":"POST","path":"/orders/1777","protocol":"HTTP/1.1","status":500,"bytes":18,"agent":"python-requests/2.34.2"}
    "#]].assert_eq(&decode("access", &Settings::default(), sample));
}

#[test]
fn servers_in_containers_write_them_too() {
    let line = |line: &str| format!("web-1  | {line}\n");
    let text: String = LINES.lines().take(2).map(line).collect();
    let text = text + "web-1  | Traceback (most recent call last):\nweb-1  | KeyError: 1\n";
    expect![[r#"
        {"time":"2000-10-10T13:55:36-07:00","client":"127.0.0.1","user":"frank","method":"GET","path":"/apache_pb.gif","protocol":"HTTP/1.0","status":200,"bytes":2326,"service":"web-1"}
        {"time":"2026-11-20T12:00:00+00:00","client":"::1","method":"POST","path":"/orders/7?a=b","protocol":"HTTP/1.1","status":500,"agent":"curl/8.5.0","service":"web-1"}
        {"service":"web-1","message":"KeyError: 1","exception":"Traceback (most recent call last):\nKeyError: 1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), text.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        r#"127.0.0.1 - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#,
        r#"127.0.0.1 - - [10/Okt/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#,
        r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0 200 2326"#,
        r#"a.example 10.0.0.9, 10.1.2.3 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#,
        r#"- - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#,
        r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" OK 2326"#,
        r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200"#,
        r#"INFO:werkzeug:127.0.0.1 - - [10/Oct/2000 13:55:36] "GET / HTTP/1.0" 200 -"#,
        r#"127.0.0.1 - - [10/Oct/2000 13:55:36] "GET / HTTP/1.0" 200"#,
        r"[10/Oct/2000 13:55:36] - Broken pipe from ('127.0.0.1', 51234)",
        r#"INFO:     main:7 - "GET / HTTP/1.0" 200 OK"#,
        r#"NAME:     127.0.0.1:51234 - "GET / HTTP/1.0" 200 OK"#,
        r#"INFO:     127.0.0.1:51234 - "WebSocket /ws" [accepted]"#,
        r#"INFO:     127.0.0.1:51234 - "GET / HTTP/1.0""#,
    ] {
        let read = decode("access", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no access log"), "{read}");
    }
}

#[test]
fn entries_of_servers_for_development_and_of_uvicorn() {
    let sample = include_bytes!("../../../tests/data/samples/access-development.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 13:37:07","client":"127.0.0.1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200}
        {"time":"2026-11-30 13:37:07","client":"127.0.0.1","method":"GET","path":"/none?a=b","protocol":"HTTP/1.1","status":404}
        {"time":"2026-11-30 13:37:07","client":"127.0.0.1","method":"POST","path":"/","protocol":"HTTP/1.1","status":405}
        {"time":"2026-11-30 13:37:53","client":"127.0.0.1","request":"\u0016\u0003\u0001 \"x\\","status":400}
        {"time":"2026-11-30 13:37:53","client":"127.0.0.1","status":404,"message":"File not found"}
        {"time":"2026-11-30 13:37:53","client":"127.0.0.1","method":"GET","path":"/\"qÿ","protocol":"HTTP/1.1","status":404}
        {"time":"2026-11-30 13:37:53","client":"127.0.0.1","status":404,"message":"File not found"}
        {"time":"2026-11-30 13:37:53","client":"127.0.0.1","method":"GET","path":"/\"q%22","protocol":"HTTP/1.1","status":404}
        {"time":"2026-11-30 13:37:07","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":5}
        {"time":"2026-11-30 13:37:07","method":"GET","path":"/none?a=b","protocol":"HTTP/1.1","status":404,"bytes":2329}
        {"time":"2026-11-30 13:37:53","method":"GET","path":"/\"qÿ","protocol":"HTTP/1.1","status":500,"bytes":59}
        {"level":"INFO","client":"127.0.0.1","port":46794,"method":"GET","path":"/orders/7?a=b%20c","protocol":"HTTP/1.1","status":200,"reason":"OK"}
        {"level":"INFO","client":"127.0.0.1","port":46808,"method":"GET","path":"/none","protocol":"HTTP/1.1","status":404,"reason":"Not Found"}
        {"level":"INFO","client":"127.0.0.1","port":46810,"method":"GET","path":"/orders/9","protocol":"HTTP/1.1","status":500,"reason":"Internal Server Error"}
    "#]].assert_eq(&check("access"));
    assert_eq!(check("auto"), check("access"));
}

#[test]
fn a_time_without_a_zone_is_one_of_the_zone_that_is_told() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = br#"::1 - - [20/Nov/2026 12:00:00] "GET / HTTP/1.1" 200 -
[20/Nov/2026 12:00:00] "GET / HTTP/1.1" 404 2345
10.0.0.9 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5
"#;
    expect![[r#"
        {"time":"2026-11-20T11:00:00Z","client":"::1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200}
        {"time":"2026-11-20T11:00:00Z","method":"GET","path":"/","protocol":"HTTP/1.1","status":404,"bytes":2345}
        {"time":"2026-11-20T12:00:00+00:00","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":5}
    "#]].assert_eq(&decode("access", &settings, lines));
}

#[test]
fn what_else_such_servers_write() {
    let lines = b"\x1b[32mINFO\x1b[0m:     ::1:51234 - \"\x1b[1mGET / HTTP/1.1\x1b[0m\" \x1b[32m200 OK\x1b[0m
INFO:     10.0.0.9:0 - \"GET / HTTP/1.1\" 204 No Content
INFO:      - \"GET / HTTP/1.1\" 200
127.0.0.1:51234 - \"WebSocket /ws\" 403
[20/Nov/2026 12:00:00] \x1b[33m\"GET /x HTTP/1.1\" 404 2345\x1b[0m
127.0.0.1:51234 - - [20/Nov/2026:12:00:00] \"GET /\" 200 12
fe80::1%eth0 - - [20/Nov/2026 12:00:00] \"-\x1b]\" 400 -
";
    let check = |format| decode(format, &Settings::default(), lines);
    expect![[r#"
        {"level":"INFO","client":"::1","port":51234,"method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"reason":"OK"}
        {"level":"INFO","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/1.1","status":204,"reason":"No Content"}
        {"level":"INFO","method":"GET","path":"/","protocol":"HTTP/1.1","status":200}
        {"client":"127.0.0.1","port":51234,"request":"WebSocket /ws","status":403}
        {"time":"2026-11-20 12:00:00","method":"GET","path":"/x","protocol":"HTTP/1.1","status":404,"bytes":2345}
        {"time":"2026-11-20 12:00:00","client":"127.0.0.1","port":51234,"request":"GET /","status":200,"bytes":12}
        {"time":"2026-11-20 12:00:00","client":"fe80::1%eth0","request":"-\u001b]","status":400}
    "#]].assert_eq(&check("access"));
    assert_eq!(check("auto"), check("access"));
}

#[test]
fn a_traceback_in_a_container_ends_in_front_of_an_entry() {
    let lines = "web-1  | 2026-11-20 12:00:00,000 ERROR app failed
web-1  | Traceback (most recent call last):
web-1  |   File \"a.py\", line 1, in f
web-1  | KeyError: 1
web-1  | INFO:     127.0.0.1:51234 - \"GET / HTTP/1.1\" 500 Internal Server Error
web-1  | 127.0.0.1 - - [20/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 500 5
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00,000","level":"ERROR","message":"app failed","service":"web-1","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 1"}
        {"service":"web-1","level":"INFO","client":"127.0.0.1","port":51234,"method":"GET","path":"/","protocol":"HTTP/1.1","status":500,"reason":"Internal Server Error"}
        {"time":"2026-11-20T12:00:00+00:00","client":"127.0.0.1","method":"GET","path":"/","protocol":"HTTP/1.1","status":500,"bytes":5,"service":"web-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn entries_of_morgan() {
    let sample = include_bytes!("../../../tests/data/samples/access-morgan.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"method":"GET","path":"/orders/1","status":200,"bytes":9,"duration_ms":154.116}
        {"method":"GET","path":"/orders/3","status":500,"bytes":18,"duration_ms":189.865}
        {"method":"GET","path":"/orders/1","status":200,"bytes":9,"duration_ms":154.116}
        {"method":"GET","path":"/orders/3","status":500,"bytes":18,"duration_ms":189.865}
        {"client":"::ffff:127.0.0.1","method":"GET","path":"/orders/1","protocol":"HTTP/1.1","status":200,"bytes":9,"duration_ms":154.116}
        {"client":"::ffff:127.0.0.1","method":"GET","path":"/orders/3","protocol":"HTTP/1.1","status":500,"bytes":18,"duration_ms":189.865}
    "#]].assert_eq(&check("access"));
    assert_eq!(check("auto"), check("access"));
    let lines = b"GET /given/up - - ms - -
GET /given/up - - - - ms
OPTIONS * 204 1.5 ms - -
it took 3 ms
it took 12 3.5 ms - 4
a/b 1 - 2 - 3.5 ms
get /x 200 3.5 ms - 4
GET x 200 3.5 ms - 4
GET /x 200 3 ms - 4
GET /x OK 3.5 ms - 4
host - GET /x HTTP/1.1 200 4 - 3.5 ms
 ms - 
- ms - -
";
    expect![[r#"
        {"method":"GET","path":"/given/up"}
        {"method":"GET","path":"/given/up"}
        {"method":"OPTIONS","path":"*","status":204,"duration_ms":1.5}
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): it took 3 ms
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): it took 12 3.5 ms - 4
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): a/b 1 - 2 - 3.5 ms
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): get /x 200 3.5 ms - 4
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): GET x 200 3.5 ms - 4
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): GET /x 200 3 ms - 4
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): GET /x OK 3.5 ms - 4
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): host - GET /x HTTP/1.1 200 4 - 3.5 ms
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES):  ms - 
        rejected (no access log: expected CLIENT - USER [TIME] "REQUEST" STATUS BYTES): - ms - -
    "#]].assert_eq(&decode("access", &Settings::default(), lines));
}

#[test]
fn entries_of_squid() {
    let sample = include_bytes!("../../../tests/data/samples/access-squid.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30T23:04:45.438Z","client":"127.0.0.1","method":"GET","path":"http://127.0.0.1:4201/","status":200,"bytes":220,"duration_ms":8,"result":"TCP_MISS","hierarchy":"HIER_DIRECT","peer":"127.0.0.1"}
        {"time":"2026-11-30T23:04:45.770Z","client":"127.0.0.1","method":"GET","path":"http://127.0.0.1:4201/slow","status":200,"bytes":220,"duration_ms":321,"result":"TCP_MISS","hierarchy":"HIER_DIRECT","peer":"127.0.0.1"}
        {"time":"2026-11-30T23:04:45.802Z","client":"127.0.0.1","method":"GET","path":"http://127.0.0.1:4201/bad","status":500,"bytes":239,"duration_ms":20,"result":"TCP_MISS","hierarchy":"HIER_DIRECT","peer":"127.0.0.1"}
        {"time":"2026-11-30T23:04:45.850Z","client":"127.0.0.1","method":"GET","path":"http://127.0.0.1:4299/","status":503,"bytes":3431,"duration_ms":0,"result":"TCP_MISS","hierarchy":"HIER_DIRECT","peer":"127.0.0.1","content_type":"text/html"}
        {"time":"2026-11-30T23:04:45.876Z","client":"127.0.0.1","method":"CONNECT","path":"127.0.0.1:4201","status":200,"bytes":568,"duration_ms":2,"result":"TCP_TUNNEL","hierarchy":"HIER_DIRECT","peer":"127.0.0.1"}
    "#]].assert_eq(&check("access"));
    assert_eq!(check("auto"), check("access"));
    for line in [
        "1796079885.438      8 127.0.0.1 TCP_MISS 220 GET / - HIER_DIRECT/::1 -",
        "1796079885.438      8 127.0.0.1 TCP_MISS/200 220 GET / - HIER_DIRECT/::1",
        "1796079885.438      x 127.0.0.1 TCP_MISS/200 220 GET / - HIER_DIRECT/::1 -",
        "17960798x5.438      8 127.0.0.1 TCP_MISS/200 220 GET / - HIER_DIRECT/::1 -",
        "1796079885.438 ",
    ] {
        let read = decode("access", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected"), "{read}");
    }
}
