//! What is read of Apache's log of errors.

use expect_test::expect;

use crate::{
    decode::format::{
        Settings,
        tests::{decode, decode_slowly},
    },
    record::Zone,
};

#[test]
fn entries_of_apache() {
    let sample = include_bytes!("../../../tests/data/samples/apache-error.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 13:37:55.074559","level":"notice","logger":"mpm_event","process":20243,"thread":20243,"msgid":"AH00489","message":"Apache/2.4.71 (Debian) configured -- resuming normal operations"}
        {"time":"2026-11-30 13:37:55.075525","level":"debug","logger":"proxy","process":20245,"thread":20245,"filename":"proxy_util.c","lineno":2268,"msgid":"AH00925","message":"initializing worker http://127.0.0.1:9/ shared"}
        {"time":"2026-11-30 13:37:57.049038","level":"trace","verbosity":2,"logger":"proxy","process":20247,"thread":20254,"filename":"mod_proxy.c","lineno":848,"client":"127.0.0.1","port":40380,"msgid":"AH03461","message":"attempting to match URI path '/none' against prefix '/api/' for proxying","referer":"https://shop.example/cart, x"}
        {"time":"2026-11-30 13:37:57.049137","level":"info","logger":"core","process":20247,"thread":20254,"client":"127.0.0.1","port":40380,"msgid":"AH00128","message":"File does not exist: /srv/www/none","referer":"https://shop.example/cart, x"}
        {"time":"2026-11-30 13:37:57.070904","level":"error","logger":"authz_core","process":20247,"thread":20256,"client":"127.0.0.1","port":40392,"msgid":"AH01630","message":"client denied by server configuration: /srv/www/private"}
        {"time":"2026-11-30 13:37:57.078094","level":"trace","verbosity":1,"logger":"proxy","process":20247,"thread":20258,"filename":"mod_proxy.c","lineno":969,"client":"127.0.0.1","port":40408,"msgid":"AH03464","message":"URI path '/api/x' matches proxy handler 'proxy:http://127.0.0.1:9/x'"}
        {"time":"2026-11-30 13:37:57.078402","level":"error","logger":"proxy","process":20247,"thread":20258,"msgid":"AH00957","errno":111,"strerror":"Connection refused","message":"http: attempt to connect to 127.0.0.1:9 (127.0.0.1:9) failed"}
        {"time":"2026-11-30 13:37:57.078440","level":"error","logger":"proxy_http","process":20247,"thread":20258,"client":"127.0.0.1","port":40408,"msgid":"AH01114","message":"HTTP: failed to make connection to backend: 127.0.0.1"}
        {"time":"2026-11-30 13:37:57.359351","level":"info","logger":"core","process":20247,"thread":20267,"client":"127.0.0.1","port":40436,"msgid":"AH00128","message":"File does not exist: /srv/www/\"q\""}
        {"time":"2026-11-30 13:37:57.386748","level":"notice","logger":"mpm_event","process":20243,"thread":20243,"msgid":"AH00491","message":"caught SIGTERM, shutting down"}
    "#]].assert_eq(&check("apache"));
    assert_eq!(check("auto"), check("apache"));
}

#[test]
fn what_else_entries_tell() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = br"[Fri Nov 20 12:00:00 2026] [error] [client 10.0.0.9] File does not exist: /x
[Fri Nov 20 12:00:00.5 2026] [authz_core:error] [pid 7:tid 8] (13)Permission denied: [client ::1:51234] AH00035: access to /x denied, referer: https://a.example/, b
[Fri Nov 20 12:00:00.5 2026] [wsgi:error] [pid 7:tid 8] [remote 10.0.0.9:51234] a\tb\\c \xff
[Fri Nov 20 12:00:00.5 2026] [-:notice] [pid 7] no module, referer: x
[Fri Nov 20 12:00:00.5 2026] [cgi:error] [pid 7] [client 10.0.0.9:51234] AH01215: first
second line
AH00558: httpd: Could not reliably determine the server's fully qualified domain name
[Fri Nov 20 12:00:00.5 2026] [core:trace8] [pid 7] core.c(7): x
";
    let check = |format| decode(format, &settings, lines);
    expect![[r#"
        {"time":"2026-11-20T11:00:00Z","level":"error","client":"10.0.0.9","message":"File does not exist: /x"}
        {"time":"2026-11-20T11:00:00.500Z","level":"error","logger":"authz_core","process":7,"thread":8,"client":"::1","port":51234,"msgid":"AH00035","errno":13,"strerror":"Permission denied","message":"access to /x denied","referer":"https://a.example/, b"}
        {"time":"2026-11-20T11:00:00.500Z","level":"error","logger":"wsgi","process":7,"thread":8,"client":"10.0.0.9","port":51234,"message":"a\tb\\c �","dl":{"recv":{"invalid_utf8":true}}}
        {"time":"2026-11-20T11:00:00.500Z","level":"notice","process":7,"message":"no module, referer: x"}
        {"time":"2026-11-20T11:00:00.500Z","level":"error","logger":"cgi","process":7,"client":"10.0.0.9","port":51234,"msgid":"AH01215","message":"first\nsecond line"}
        {"msgid":"AH00558","message":"httpd: Could not reliably determine the server's fully qualified domain name"}
        {"time":"2026-11-20T11:00:00.500Z","level":"trace","verbosity":8,"logger":"core","process":7,"filename":"core.c","lineno":7,"message":"x"}
    "#]].assert_eq(&check("apache"));
    assert_eq!(check("auto"), check("apache"));
}

#[test]
fn apache_in_a_container() {
    let lines = "web-1  | AH00558: httpd: Could not determine the name
web-1  | [Fri Nov 20 12:00:00.5 2026] [core:notice] [pid 7:tid 8] AH00094: Command line: 'httpd -D FOREGROUND'
web-1  | 10.0.0.9 - - [20/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 45
";
    expect![[r#"
        {"service":"web-1","msgid":"AH00558","message":"httpd: Could not determine the name"}
        {"time":"2026-11-20 12:00:00.500","level":"notice","logger":"core","process":7,"thread":8,"msgid":"AH00094","message":"Command line: 'httpd -D FOREGROUND'","service":"web-1"}
        {"time":"2026-11-20T12:00:00+00:00","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":45,"service":"web-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "[Thu Nov 20 12:00:00 2026] [core:error] x",
        "[Fri Nov 20 12:00:00 2026] [core:7] x",
        "[Fri Nov 20 12:00:00 2026] x",
        "[Fri Nov 20 12:00:00 2026 [error] x",
        "AH00: x",
    ] {
        let read = decode("apache", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no log of Apache"), "{read}");
    }
}

#[test]
fn tracebacks_of_mod_wsgi() {
    let sample = include_bytes!("../../../tests/data/samples/apache-wsgi.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 17:14:41.398768","level":"error","logger":"wsgi","process":12101,"thread":12145,"client":"127.0.0.1","port":42914,"message":"printed by the application"}
        {"time":"2026-11-30 17:14:41.522769","level":"error","logger":"wsgi","process":12100,"thread":12165,"client":"127.0.0.1","port":42920,"message":"printed by the application"}
        {"time":"2026-11-30 17:14:41.522811","level":"error","logger":"wsgi","process":12100,"thread":12165,"client":"127.0.0.1","port":42920,"message":"mod_wsgi (pid=12100): Exception occurred processing WSGI script '/srv/shop/wsgi.py'.","exception":"Traceback (most recent call last):\n  File \"/srv/shop/wsgi.py\", line 8, in application\n    raise KeyError(\"x\")\nKeyError: 'x'\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/srv/shop/wsgi.py\", line 10, in application\n    raise ValueError(\"no\\nreally\") from error\nValueError: no"}
        {"time":"2026-11-30 17:14:41.593512","level":"error","logger":"wsgi","process":12100,"thread":12165,"client":"127.0.0.1","port":42920,"message":"really"}
        {"time":"2026-11-30 17:14:41.657859","level":"error","logger":"wsgi","process":12101,"thread":12144,"client":"127.0.0.1","port":42936,"message":"printed by the application"}
        {"time":"2026-11-30 17:14:41.657894","level":"error","logger":"wsgi","process":12101,"thread":12144,"client":"127.0.0.1","port":42936,"message":"mod_wsgi (pid=12101): Exception occurred processing WSGI script '/srv/shop/wsgi.py'."}
        {"time":"2026-11-30 17:14:41.673611","level":"error","logger":"wsgi","process":12100,"thread":12166,"client":"127.0.0.1","port":42940,"message":"printed by the application"}
        {"time":"2026-11-30 17:14:41.673646","level":"error","logger":"wsgi","process":12100,"thread":12166,"client":"127.0.0.1","port":42940,"message":"mod_wsgi (pid=12100): Exception occurred processing WSGI script '/srv/shop/wsgi.py'.","exception":"Traceback (most recent call last):\n  File \"/srv/shop/wsgi.py\", line 8, in application\n    raise KeyError(\"x\")\nKeyError: 'x'"}
        {"time":"2026-11-30 17:14:41.674891","level":"error","logger":"wsgi","process":12101,"thread":12144,"client":"127.0.0.1","port":42936,"exception":"Traceback (most recent call last):\n  File \"/srv/shop/wsgi.py\", line 8, in application\n    raise KeyError(\"x\")\nKeyError: 'x'"}
        {"time":"2026-11-30 17:14:42.972532","level":"notice","logger":"mpm_event","process":12097,"thread":12097,"msgid":"AH00491","message":"caught SIGTERM, shutting down"}
    "#]].assert_eq(&check("apache"));
    assert_eq!(check("auto"), check("apache"));
    let slowly = decode_slowly("apache", &Settings::default(), sample);
    assert_eq!(slowly, check("apache"));
    let lines = String::from_utf8_lossy(sample);
    let lines: Vec<_> = lines.lines().take(4).collect();
    let lines = format!("web-1  | {}\n", lines.join("\nweb-1  | "));
    expect![[r#"
        {"time":"2026-11-30 17:14:41.398768","level":"error","logger":"wsgi","process":12101,"thread":12145,"client":"127.0.0.1","port":42914,"message":"printed by the application","service":"web-1"}
        {"time":"2026-11-30 17:14:41.522769","level":"error","logger":"wsgi","process":12100,"thread":12165,"client":"127.0.0.1","port":42920,"message":"printed by the application","service":"web-1"}
        {"time":"2026-11-30 17:14:41.522811","level":"error","logger":"wsgi","process":12100,"thread":12165,"client":"127.0.0.1","port":42920,"message":"mod_wsgi (pid=12100): Exception occurred processing WSGI script '/srv/shop/wsgi.py'.","service":"web-1","exception":"Traceback (most recent call last):"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}
