//! What is read of nginx's log of errors.

use expect_test::expect;

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

#[test]
fn entries_of_nginx() {
    let sample = include_bytes!("../../../tests/data/samples/nginx-error.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 13:37:28","level":"notice","process":19557,"thread":19557,"message":"nginx/1.22.1"}
        {"time":"2026-11-30 13:37:28","level":"notice","process":19557,"thread":19557,"message":"start worker processes"}
        {"time":"2026-11-30 13:37:29","level":"error","process":19559,"thread":19559,"connection":1,"message":"connect() failed (111: Connection refused) while connecting to upstream","client":"127.0.0.1","server":"shop.example","request":"GET /api/orders/7?a=b HTTP/1.1","upstream":"http://127.0.0.1:9/orders/7?a=b","http_host":"127.0.0.1:5897","referer":"https://shop.example/cart"}
        {"time":"2026-11-30 13:37:29","level":"info","process":19559,"thread":19559,"connection":1,"message":"client 127.0.0.1 closed keepalive connection"}
        {"time":"2026-11-30 13:37:29","level":"error","process":19559,"thread":19559,"connection":3,"message":"open() \"/srv/shop/none\" failed (2: No such file or directory)","client":"127.0.0.1","server":"shop.example","request":"GET /none HTTP/1.1","http_host":"127.0.0.1:5897"}
        {"time":"2026-11-30 13:37:29","level":"error","process":19559,"thread":19559,"connection":7,"message":"client intended to send too large body: 5 bytes","client":"127.0.0.1","server":"shop.example","request":"POST /x HTTP/1.1","http_host":"127.0.0.1:5897"}
        {"time":"2026-11-30 13:37:29","level":"notice","process":19557,"thread":19557,"message":"signal 15 (SIGTERM) received from 19500, exiting"}
        {"time":"2026-11-30 13:37:53","level":"info","process":19996,"thread":19996,"connection":2,"message":"client sent invalid version while reading client request line","client":"127.0.0.1","server":"shop.example","request":"GET / HTTP/9.9.9"}
        {"time":"2026-11-30 13:37:53","level":"error","process":19996,"thread":19996,"connection":4,"message":"open() \"/srv/shop/\"q\"\" failed (2: No such file or directory)","client":"127.0.0.1","server":"shop.example","request":"GET /\"q%22 HTTP/1.1","http_host":"a"}
    "#]].assert_eq(&check("nginx"));
    assert_eq!(check("auto"), check("nginx"));
}

#[test]
fn what_else_entries_tell() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = br#"2026/11/20 12:00:00 [error] 7#8: *17 connect() failed, client: 10.0.0.9, server: _, request: "GET /"x", host: y HTTP/1.1", subrequest: "/auth", upstream: "http://127.0.0.1:9/", host: "a"b", referrer: "https://shop.example/?q="x""
2026/11/20 12:00:00 [info] 7#8: *18 client 10.0.0.9:51234 connected to 0.0.0.0:443
2026/11/20 12:00:00 [error] 7#8: *19 upstream timed out, client: 10.0.0.9, server: 0.0.0.0:443, upstream: "10.1.0.2:5432", bytes from/to client:0/0, bytes from/to upstream:0/0
2026/11/20 12:00:00 [crit] 7#8: *20 SSL_do_handshake() failed while SSL handshaking, client: 10.0.0.9, server: 0.0.0.0:443
2026/11/20 12:00:00 [error] 7#8: *21 cut off, client: 10.0.0.9, server: _, request: "GET /aaaa
2026/11/20 12:00:00 [error] 7#8: *22 FastCGI sent in stderr: "first line
second line" while reading response header from upstream, client: 10.0.0.9, server: _
2026/11/20 12:00:00 [notice] 7#7: *no connection
nginx: [emerg] host not found in upstream "app" in /etc/nginx/nginx.conf:3
"#;
    let check = |format| decode(format, &settings, lines);
    expect![[r#"
        {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":17,"message":"connect() failed","client":"10.0.0.9","server":"_","request":"GET /\"x\", host: y HTTP/1.1","subrequest":"/auth","upstream":"http://127.0.0.1:9/","http_host":"a\"b","referer":"https://shop.example/?q=\"x\""}
        {"time":"2026-11-20T11:00:00Z","level":"info","process":7,"thread":8,"connection":18,"message":"client 10.0.0.9:51234 connected to 0.0.0.0:443"}
        {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":19,"message":"upstream timed out","client":"10.0.0.9","server":"0.0.0.0:443","upstream":"10.1.0.2:5432","rest":"bytes from/to client:0/0, bytes from/to upstream:0/0"}
        {"time":"2026-11-20T11:00:00Z","level":"crit","process":7,"thread":8,"connection":20,"message":"SSL_do_handshake() failed while SSL handshaking","client":"10.0.0.9","server":"0.0.0.0:443"}
        {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":21,"message":"cut off","client":"10.0.0.9","server":"_","request":"GET /aaaa"}
        {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":22,"message":"FastCGI sent in stderr: \"first line\nsecond line\" while reading response header from upstream","client":"10.0.0.9","server":"_"}
        {"time":"2026-11-20T11:00:00Z","level":"notice","process":7,"thread":7,"message":"*no connection"}
        {"level":"emerg","message":"host not found in upstream \"app\" in /etc/nginx/nginx.conf:3"}
    "#]].assert_eq(&check("nginx"));
    assert_eq!(check("auto"), check("nginx"));
}

#[test]
fn nginx_in_a_container() {
    let lines =
        "web-1  | 2026/11/20 12:00:00 [error] 7#8: *17 open() failed, client: 10.0.0.9, server: _
web-1  | Traceback (most recent call last):
web-1  |   File \"a.py\", line 1, in f
web-1  | KeyError: 1
web-1  | 2026/11/20 12:00:00 [notice] 7#8: exiting
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00","level":"error","process":7,"thread":8,"connection":17,"message":"open() failed","client":"10.0.0.9","server":"_","service":"web-1","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 1"}
        {"time":"2026-11-20 12:00:00","level":"notice","process":7,"thread":8,"message":"exiting","service":"web-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "2026/11/20 12:00:00 hello",
        "2026/11/20 12:00:00 [7] 7#8: hello",
        "2026/13/20 12:00:00 [info] 7#8: hello",
        "2026/11/20 12:00:00 [info] 7: hello",
        "nginx: configuration file /etc/nginx/nginx.conf test failed",
    ] {
        let read = decode("nginx", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no log of nginx"), "{read}");
    }
}

#[test]
fn what_an_application_tells_in_lines_is_of_its_request() {
    let lines = br#"2026/11/30 17:14:36 [error] 7#7: *1 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Exception: no, "quoted", client: x in /srv/shop/a.php:3
Stack trace:
#0 {main}
  thrown in /srv/shop/a.php on line 3" while reading response header from upstream, client: 127.0.0.1, server: shop.example, request: "GET /orders/1?a=b HTTP/1.1", upstream: "fastcgi://127.0.0.1:5902", host: "127.0.0.1:5903", referrer: "https://shop.example/cart"
2026/11/30 17:14:36 [error] 7#7: *3 FastCGI sent in stderr: "Traceback (most recent call last):
  File "/srv/shop/app.py", line 7, in application
    raise KeyError("x")
KeyError: 'x'" while reading response header from upstream, client: 127.0.0.1, server: shop.example, request: "GET /orders/2?a=b HTTP/1.1", upstream: "fastcgi://127.0.0.1:5902", host: "127.0.0.1:5903"
2026/11/30 17:14:36 [error] 7#7: *5 FastCGI sent in stderr: "one line, client: x" while reading response header from upstream, client: 127.0.0.1, server: shop.example, request: "GET /orders/3?a=b HTTP/1.1", upstream: "fastcgi://127.0.0.1:5902", host: "127.0.0.1:5903"
2026/11/30 17:14:36 [error] 7#7: *7 FastCGI sent in stderr: "cut off, client: x
second line
2026/11/30 17:14:36 [error] 7#7: *9 "x" while connecting, client: 127.0.0.1
"#;
    let check = |format| decode(format, &Settings::default(), lines);
    expect![[r#"
        {"time":"2026-11-30 17:14:36","level":"error","process":7,"thread":7,"connection":1,"message":"FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Uncaught Exception: no, \"quoted\", client: x in /srv/shop/a.php:3\nStack trace:\n#0 {main}\n  thrown in /srv/shop/a.php on line 3\" while reading response header from upstream","client":"127.0.0.1","server":"shop.example","request":"GET /orders/1?a=b HTTP/1.1","upstream":"fastcgi://127.0.0.1:5902","http_host":"127.0.0.1:5903","referer":"https://shop.example/cart"}
        {"time":"2026-11-30 17:14:36","level":"error","process":7,"thread":7,"connection":3,"message":"FastCGI sent in stderr: \"Traceback (most recent call last):\n  File \"/srv/shop/app.py\", line 7, in application\n    raise KeyError(\"x\")\nKeyError: 'x'\" while reading response header from upstream","client":"127.0.0.1","server":"shop.example","request":"GET /orders/2?a=b HTTP/1.1","upstream":"fastcgi://127.0.0.1:5902","http_host":"127.0.0.1:5903"}
        {"time":"2026-11-30 17:14:36","level":"error","process":7,"thread":7,"connection":5,"message":"FastCGI sent in stderr: \"one line, client: x\" while reading response header from upstream","client":"127.0.0.1","server":"shop.example","request":"GET /orders/3?a=b HTTP/1.1","upstream":"fastcgi://127.0.0.1:5902","http_host":"127.0.0.1:5903"}
        {"time":"2026-11-30 17:14:36","level":"error","process":7,"thread":7,"connection":7,"message":"FastCGI sent in stderr: \"cut off, client: x\nsecond line"}
        {"time":"2026-11-30 17:14:36","level":"error","process":7,"thread":7,"connection":9,"message":"\"x\" while connecting","client":"127.0.0.1"}
    "#]].assert_eq(&check("nginx"));
    assert_eq!(check("auto"), check("nginx"));
}
