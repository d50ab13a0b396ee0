//! Prefixes of real formatters, read as logfmt, which they belong to.

use expect_test::{Expect, expect};

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

fn check(lines: &str, expect: &Expect) {
    expect.assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
}

#[test]
fn formats_of_pythons_logging() {
    check(
        r"2018-04-18 23:03:19,148 INFO app.db it works
2018-04-18 23:03:19,148 INFO it works
2018-04-18 23:03:19,148: it works
2018-04-18 23:03:19,148 - app - ERROR - no - way
2018-04-18 23:03:19,148 app.db INFO slow
2018-04-18 23:03:19,148 app.db [INFO] slow
2018-04-18 23:03:19,148 found ERROR in it
2018-04-18 23:03:19,148 [4711] [INFO] app.db: slow
2018-04-18 23:03:19,148 [INFO] app.db: slow
2018-04-18 23:03:19,148 [INFO] [app.db] slow
2018-04-18 23:03:19,148 [app.db] [INFO] slow
2018-04-18 23:03:19,148 INFO MainThread app.db slow
2018-04-18 23:03:19,148 DEBUG    app.db:db.py:12 slow
2018-04-18 23:03:19,148 DEBUG db.py:12 - slow
2018-04-18 23:03:19,148|app.db|INFO|slow
2018-04-18 23:03:19,148 | WARNING | slow | very
2018-04-18 23:03:19,148 | 4711 | INFO | app.db | slow
2018-04-18 23:03:19,148 | what | is | this
2018-04-18 23:03:19,148 [warn] slow
2018-04-18 23:03:19,148 error: slow
2018-04-18 23:03:19,148 INFO app.db:12 slow
2018-04-18 23:03:19,148 INFO app:12: slow
2018-04-18 23:03:19,148 error is no level here
INFO 2018-04-18 23:03:19,148 app.db 4711 139 slow
INFO:root:it: works
WARNING  root:test.py:12 slow
test - INFO -
test - INFO - a - b
",
        &expect![[r#"
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"it works"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","message":"it works"}
            {"time":"2018-04-18 23:03:19,148","message":"it works"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app","message":"no - way"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","message":"found ERROR in it"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","process":4711,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","thread":"MainThread","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"DEBUG","logger":"app.db","filename":"db.py","lineno":12,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"DEBUG","filename":"db.py","lineno":12,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"WARNING","message":"slow | very"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","process":4711,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","message":"what | is | this"}
            {"time":"2018-04-18 23:03:19,148","level":"warn","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"error","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","lineno":12,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app:12","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","message":"error is no level here"}
            {"time":"2018-04-18 23:03:19,148","level":"INFO","logger":"app.db","process":4711,"thread":"139","message":"slow"}
            {"level":"INFO","logger":"root","message":"it: works"}
            {"level":"WARNING","logger":"root","filename":"test.py","lineno":12,"message":"slow"}
            {"level":"INFO","logger":"test"}
            {"level":"INFO","logger":"test","message":"a - b"}
        "#]],
    );
}

#[test]
fn formats_of_pythons_frameworks() {
    check(
        r"[2026-11-20 12:00:00,123] ERROR in app: Exception on /x [GET]
[2026-11-20 12:00:00 +0000] [4711] [INFO] Starting gunicorn 22.0.0
INFO:     Started server process [4711]
2026-11-20 12:00:00 [scrapy.core.engine] INFO: Spider opened
2026-11-20 12:00:00.123 | INFO     | __main__:<module>:12 - hello
2026-11-20 12:00:00.123 | ERROR    | app.db:fetch:12 - slow | very
2026-11-20 12:00:00 [info     ] hello                          [app] key=val n=1
2026-11-20 12:00:00 [critical ] it is [over] now key=val
[2026-11-20T12:00:00.123+0000] {taskinstance.py:1157} INFO - Executing
2026-11-20 12:00:00.123 ERROR (MainThread) [homeassistant.core] slow
2026-11-20T12:23:27+0000 [eliot#info] native 3
2026-11-20T12:23:27+0000 [-] native 3
[2026-11-20 12:00:00,123: INFO/MainProcess] Connected to redis://localhost:6379//
[2026-11-20 12:00:00,123: INFO/MainProcess] Task app.add[5c8f2f5e-0000-4444-8888-1234567890ab] received
[2026-11-20 12:00:00,123: WARNING/ForkPoolWorker-2] app.add[5c8f2f5e-0000-4444-8888-1234567890ab]: slow order=7
[2026-11-20 12:00:00,123: WARNING/ForkPoolWorker-2] Task is slow
[2026-11-20 12:00:00,123: it is/no level] at all
",
        &expect![[r#"
            {"time":"2026-11-20 12:00:00,123","level":"ERROR","module":"app","message":"Exception on /x [GET]"}
            {"time":"2026-11-20 12:00:00 +0000","level":"INFO","process":4711,"message":"Starting gunicorn 22.0.0"}
            {"level":"INFO","message":"Started server process [4711]"}
            {"time":"2026-11-20 12:00:00","level":"INFO","logger":"scrapy.core.engine","message":"Spider opened"}
            {"time":"2026-11-20 12:00:00.123","level":"INFO","logger":"__main__","funcName":"<module>","lineno":12,"message":"hello"}
            {"time":"2026-11-20 12:00:00.123","level":"ERROR","logger":"app.db","funcName":"fetch","lineno":12,"message":"slow | very"}
            {"time":"2026-11-20 12:00:00","level":"info","logger":"app","message":"hello","key":"val","n":1}
            {"time":"2026-11-20 12:00:00","level":"critical","message":"it is [over] now","key":"val"}
            {"time":"2026-11-20T12:00:00.123+0000","level":"INFO","filename":"taskinstance.py","lineno":1157,"message":"Executing"}
            {"time":"2026-11-20 12:00:00.123","level":"ERROR","logger":"homeassistant.core","thread":"MainThread","message":"slow"}
            {"time":"2026-11-20T12:23:27+0000","level":"info","logger":"eliot","message":"native 3"}
            {"time":"2026-11-20T12:23:27+0000","message":"[-] native 3"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","processName":"MainProcess","message":"Connected to redis://localhost:6379//"}
            {"time":"2026-11-20 12:00:00,123","level":"INFO","processName":"MainProcess","task":"app.add","task_id":"5c8f2f5e-0000-4444-8888-1234567890ab","message":"Task app.add[5c8f2f5e-0000-4444-8888-1234567890ab] received"}
            {"time":"2026-11-20 12:00:00,123","level":"WARNING","processName":"ForkPoolWorker-2","task":"app.add","task_id":"5c8f2f5e-0000-4444-8888-1234567890ab","message":"slow","order":7}
            {"time":"2026-11-20 12:00:00,123","level":"WARNING","processName":"ForkPoolWorker-2","message":"Task is slow"}
            {"time":"2026-11-20 12:00:00,123","message":"[2026-11-20 12:00:00,123: it is/no level] at all"}
        "#]],
    );
}

#[test]
fn formats_of_other_languages() {
    check(
        r"2026-11-20 12:38:20.518 [main] TRACE com.ex.App - tr
2026-11-20 12:38:20.518 [ForkJoinPool.commonPool-worker-1] INFO  com.ex.App - up
2026-11-20T12:38:20.518Z  INFO 123 --- [           main] c.e.App                  : Started App in 2.1 seconds
2026-11-20T12:38:20.518Z  WARN 123 --- [shop] [nio-8080-exec-1] c.e.App           : slow
2026-11-20T12:38:20.518Z  WARN 123 --- [shop] [nio-8080-exec-1] [0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331] c.e.App           :
2026-11-20T12:38:20.518Z  WARN 123 --- [           main] [                                                 ] c.e.App : up
2026-11-20T12:38:20.518Z  WARN 123 --- [a] [b] [c] c.e.App : up
2026-11-20 12:38:20,518 INFO  [org.jboss.as] (MSC service thread 1-2) up
[main] INFO com.ex.App - up
[note] ERROR is no level
[2026-11-20T12:38:20Z INFO  mycrate::db] up
[2026-11-20T12:38:20Z WARN ] up
[2026-11-20T12:38:20Z it is] no level
2026-11-20T12:38:20.123456Z  INFO mycrate::db: up n=1
2026-11-20T12:38:20.123456Z ERROR request{id=7 path=/x}:inner{n=1}: mycrate::db: failed n=1
2026-11-20T12:38:20.123456Z ERROR request{id=7 path=/x up
2026/11/20 12:38:20 up
2026/11/20 12:38:20 http: TLS handshake error from 10.1.2.3:55: EOF
2026/11/20 12:38:20.123456 main.go:12: up
2026-11-20 12:38:20.518 UTC [7] LOG:  database system is ready
2026-11-20T12:38:20.518Z  up
12:38:20.518 [main] ERROR com.ex.App - no
12:38:20 INFO app.db: up
[12:38:20,518] - app - INFO - up
12:38:20 up
[12:38] INFO up
12:38:20.5x WARN up
",
        &expect![[r#"
            {"time":"2026-11-20 12:38:20.518","level":"TRACE","logger":"com.ex.App","thread":"main","message":"tr"}
            {"time":"2026-11-20 12:38:20.518","level":"INFO","logger":"com.ex.App","thread":"ForkJoinPool.commonPool-worker-1","message":"up"}
            {"time":"2026-11-20T12:38:20.518Z","level":"INFO","logger":"c.e.App","process":123,"thread":"main","message":"Started App in 2.1 seconds"}
            {"time":"2026-11-20T12:38:20.518Z","level":"WARN","logger":"c.e.App","service":"shop","process":123,"thread":"nio-8080-exec-1","message":"slow"}
            {"time":"2026-11-20T12:38:20.518Z","level":"WARN","logger":"c.e.App","service":"shop","process":123,"thread":"nio-8080-exec-1","traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"}
            {"time":"2026-11-20T12:38:20.518Z","level":"WARN","logger":"c.e.App","process":123,"thread":"main","message":"up"}
            {"time":"2026-11-20T12:38:20.518Z","level":"WARN","message":"123 --- [a] [b] [c] c.e.App : up"}
            {"time":"2026-11-20 12:38:20,518","level":"INFO","logger":"org.jboss.as","thread":"MSC service thread 1-2","message":"up"}
            {"level":"INFO","logger":"com.ex.App","thread":"main","message":"up"}
            rejected (no key=value pair, and no time or level in front): [note] ERROR is no level
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"mycrate::db","message":"up"}
            {"time":"2026-11-20T12:38:20Z","level":"WARN","message":"up"}
            {"time":"2026-11-20T12:38:20Z","message":"[2026-11-20T12:38:20Z it is] no level"}
            {"time":"2026-11-20T12:38:20.123456Z","level":"INFO","logger":"mycrate::db","message":"up","n":1}
            {"time":"2026-11-20T12:38:20.123456Z","level":"ERROR","target":"mycrate::db","message":"failed","span":{"n":1,"name":"inner"},"spans":[{"id":7,"path":"/x","name":"request"},{"n":1,"name":"inner"}],"n":1}
            {"time":"2026-11-20T12:38:20.123456Z","level":"ERROR","message":"request{id=7 path=/x up"}
            {"time":"2026/11/20 12:38:20","message":"up"}
            {"time":"2026/11/20 12:38:20","message":"http: TLS handshake error from 10.1.2.3:55: EOF"}
            {"time":"2026/11/20 12:38:20.123456","filename":"main.go","lineno":12,"message":"up"}
            {"time":"2026-11-20 12:38:20.518 UTC","level":"LOG","process":7,"message":"database system is ready"}
            {"time":"2026-11-20T12:38:20.518Z","message":"up"}
            {"time_of_day":"12:38:20.518","level":"ERROR","logger":"com.ex.App","thread":"main","message":"no"}
            {"time_of_day":"12:38:20","level":"INFO","logger":"app.db","message":"up"}
            {"time_of_day":"12:38:20,518","level":"INFO","logger":"app","message":"up\n12:38:20 up\n[12:38] INFO up\n12:38:20.5x WARN up"}
        "#]],
    );
}

#[test]
fn formats_of_servers() {
    check(
        r"[2026-11-20T12:00:00,123][WARN ][o.e.c.r.a.DiskThresholdMonitor] [node-1] high disk watermark [90%] exceeded on [a]
[2026-11-20T12:00:00,123][INFO ][logstash.runner          ] Starting
[2026-11-20T12:00:00,123][note][it is] no level
[2026-11-20 12:00:00] production.ERROR: boom {n}
[2026-11-20T12:00:00.123456+00:00] app.db.WARNING: slow
[2026-11-20 12:00:00] see app.ERROR: no level
[2026-11-20 12:00:00] app.Error: no level
2026-11-20 12:00:00,123 4711 WARNING shopdb odoo.addons.base: slow
2026-11-20 12:00:00.123 4711 ERROR nova.compute.manager [None req-7d1c demo demo] boom
2026-11-20 12:00:00.123 4711 errors, no level
2026-11-20 12:00:00,123 fail2ban.filter         [4711]: WARNING [sshd] Found 10.0.0.9
[20/Nov/2026 12:00:00] INFO app.db: slow
[20/Nov/2026 12:00:00] INFO [app.db:12] slow
20-Nov-2026 12:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.start boom
I, [2026-11-20T12:00:00.123456 #4711]  INFO -- : [2b1c6e42] Started GET
E, [2026-11-20T12:00:00.123456 #4711] ERROR -- shop: no: cover order=7
D, [2026-11-20T12:00:00.123456 #4711] DEBUG -- shop:
20-Nov-2026 12:00:00.123x no time
31/Nov/2026 12:00:00 no time
[20-Nov-2026 12:00:00 UTC] PHP Fatal error:  Uncaught Error: no in /srv/i.php:8
[20-Nov-2026 12:00:00 Europe/Berlin] PHP Warning:  Undefined variable $n in /srv/i.php on line 6
[20-Nov-2026 12:00:00 UTC] PHP Deprecated:  no level
[20-Nov-2026 12:00:00 UTC] hello from the program
[20-Nov-2026 12:00:00 Middle/Earth] no zone
20-Nov-2026 12:00:00.123 zoneload: error: zone broken.test/IN: not loaded
20-Nov-2026 12:00:00.123 general: debug 1: now using logging configuration
2026-11-20T12:00:00.123Z lame-servers: info: connection refused
2026-11-20T12:00:00.123Z general: [info] no level
2026-11-20T12:00:00.123Z [orders] info: up
1795177800: mosquitto version 2.0.11 running
1795177800: Error: Address already in use
1795177800 no time
179517780: no time
2795177800: no time
",
        &expect![[r#"
            {"time":"2026-11-20T12:00:00,123","level":"WARN","logger":"o.e.c.r.a.DiskThresholdMonitor","message":"[node-1] high disk watermark [90%] exceeded on [a]"}
            {"time":"2026-11-20T12:00:00,123","level":"INFO","logger":"logstash.runner","message":"Starting"}
            {"time":"2026-11-20T12:00:00,123","message":"[note][it is] no level"}
            {"time":"2026-11-20 12:00:00","level":"ERROR","logger":"production","message":"boom {n}"}
            {"time":"2026-11-20T12:00:00.123456+00:00","level":"WARNING","logger":"app.db","message":"slow"}
            {"time":"2026-11-20 12:00:00","message":"see app.ERROR: no level"}
            {"time":"2026-11-20 12:00:00","message":"app.Error: no level"}
            {"time":"2026-11-20 12:00:00,123","level":"WARNING","process":4711,"message":"shopdb odoo.addons.base: slow"}
            {"time":"2026-11-20 12:00:00.123","level":"ERROR","logger":"nova.compute.manager","process":4711,"message":"[None req-7d1c demo demo] boom"}
            {"time":"2026-11-20 12:00:00.123","message":"4711 errors, no level"}
            {"time":"2026-11-20 12:00:00,123","level":"WARNING","logger":"fail2ban.filter","process":4711,"message":"[sshd] Found 10.0.0.9"}
            {"time":"2026-11-20 12:00:00","level":"INFO","logger":"app.db","message":"slow"}
            {"time":"2026-11-20 12:00:00","level":"INFO","logger":"app.db","lineno":12,"message":"slow"}
            {"time":"2026-11-20 12:00:00.123","level":"SEVERE","logger":"org.apache.catalina.core.StandardService.start","thread":"main","message":"boom"}
            {"time":"2026-11-20T12:00:00.123456","level":"INFO","process":4711,"message":"[2b1c6e42] Started GET"}
            {"time":"2026-11-20T12:00:00.123456","level":"ERROR","logger":"shop","process":4711,"message":"no: cover","order":7}
            {"time":"2026-11-20T12:00:00.123456","level":"DEBUG","logger":"shop","process":4711,"message":"20-Nov-2026 12:00:00.123x no time\n31/Nov/2026 12:00:00 no time"}
            {"time":"2026-11-20T12:00:00Z","level":"Fatal","logger":"PHP","message":"Uncaught Error: no in /srv/i.php:8"}
            {"time":"2026-11-20T11:00:00Z","level":"Warning","logger":"PHP","message":"Undefined variable $n in /srv/i.php on line 6"}
            {"time":"2026-11-20T12:00:00Z","message":"PHP Deprecated:  no level"}
            {"time":"2026-11-20T12:00:00Z","message":"hello from the program"}
            rejected (no key=value pair, and no time or level in front): [20-Nov-2026 12:00:00 Middle/Earth] no zone
            {"time":"2026-11-20 12:00:00.123","level":"error","logger":"zoneload","message":"zone broken.test/IN: not loaded"}
            {"time":"2026-11-20 12:00:00.123","level":"debug","logger":"general","message":"now using logging configuration"}
            {"time":"2026-11-20T12:00:00.123Z","level":"info","logger":"lame-servers","message":"connection refused"}
            {"time":"2026-11-20T12:00:00.123Z","message":"general: [info] no level"}
            {"time":"2026-11-20T12:00:00.123Z","level":"info","logger":"orders","message":"up"}
            {"time":"2026-11-20T12:30:00Z","message":"mosquitto version 2.0.11 running"}
            {"time":"2026-11-20T12:30:00Z","level":"Error","message":"Address already in use\n1795177800 no time\n179517780: no time\n2795177800: no time"}
        "#]],
    );
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let read = decode(
        "logfmt",
        &settings,
        b"[20/Nov/2026 12:00:00] ERROR app.db: slow\n",
    );
    assert_eq!(
        read,
        "{\"time\":\"2026-11-20T11:00:00Z\",\"level\":\"ERROR\",\"logger\":\"app.db\",\"message\":\"slow\"}\n"
    );
}

#[test]
fn spans_of_rusts_tracing() {
    check(
        r#"2026-11-20T12:38:20.123456Z  INFO request{method="G \"} {x=1" id=7 id=8 f=1.5 ok=true}:inner: app::db: up to a=b: {x=1}: y: n=1
2026-11-20T12:38:20.123456Z  INFO request{user=User { id: 3, name: "} x=1" } list=[1, 2] some=Some("a b") words=two words, (or more) t="a\tb\u{e9}\u{x}"}: app: up
 INFO request{id=7}: app: n=1
 INFO request{empty= text=""}: app: up
 INFO request{id=7}: app::db: src/main.rs:12: up: 1
 INFO tokio-rt worker 0 ThreadId(02) HTTP request{id=7}: app: up
 INFO ThreadId(10) request{id=7}: app: up
 INFO request{id=7}:inner: app: new
 INFO request{id=7}:inner: app: new id=7
 INFO request{id=7}:inner: app: close time.busy=1.5ms time.idle=2µs
 INFO request{id=7}:inner: app: close id=7
 INFO request{id=7}: app: enter
"#,
        &expect![[r#"
            {"time":"2026-11-20T12:38:20.123456Z","level":"INFO","target":"app::db","message":"up to a=b: {x=1}: y:","span":{"name":"inner"},"spans":[{"f":1.5,"id":8,"method":"G \"} {x=1","ok":true,"name":"request"},{"name":"inner"}],"n":1}
            {"time":"2026-11-20T12:38:20.123456Z","level":"INFO","target":"app","message":"up","span":{"list":"[1, 2]","some":"Some(\"a b\")","t":"a\tbé\\u{x}","user":"User { id: 3, name: \"} x=1\" }","words":"two words, (or more)","name":"request"},"spans":[{"list":"[1, 2]","some":"Some(\"a b\")","t":"a\tbé\\u{x}","user":"User { id: 3, name: \"} x=1\" }","words":"two words, (or more)","name":"request"}]}
            {"level":"INFO","target":"app","span":{"id":7,"name":"request"},"spans":[{"id":7,"name":"request"}],"n":1}
            {"level":"INFO","target":"app","message":"up","span":{"empty":"","text":"","name":"request"},"spans":[{"empty":"","text":"","name":"request"}]}
            {"level":"INFO","target":"app::db","filename":"src/main.rs","lineno":12,"message":"up: 1","span":{"id":7,"name":"request"},"spans":[{"id":7,"name":"request"}]}
            {"level":"INFO","target":"app","message":"up","threadName":"tokio-rt worker 0","threadId":"ThreadId(2)","span":{"id":7,"name":"HTTP request"},"spans":[{"id":7,"name":"HTTP request"}]}
            {"level":"INFO","target":"app","message":"up","threadId":"ThreadId(10)","span":{"id":7,"name":"request"},"spans":[{"id":7,"name":"request"}]}
            {"level":"INFO","target":"app","message":"new","span":{"name":"inner"},"spans":[{"id":7,"name":"request"}]}
            {"level":"INFO","target":"app","message":"new","span":{"name":"inner"},"spans":[{"id":7,"name":"request"},{"name":"inner"}],"id":7}
            {"level":"INFO","target":"app","message":"close","span":{"name":"inner"},"spans":[{"id":7,"name":"request"}],"time.busy":"1.5ms","time.idle":"2µs"}
            {"level":"INFO","target":"app","message":"close","span":{"name":"inner"},"spans":[{"id":7,"name":"request"},{"name":"inner"}],"id":7}
            {"level":"INFO","target":"app","message":"enter","span":{"id":7,"name":"request"},"spans":[{"id":7,"name":"request"}]}
        "#]],
    );
}

#[test]
fn what_only_looks_like_spans_is_a_message() {
    check(
        r#"2026-11-20T12:38:20Z  INFO app: x{y=1}: z: up
2026-11-20T12:38:20Z  INFO a:b: c::d: up
2026-11-20T12:38:20Z  INFO request{id=7}: no target
2026-11-20T12:38:20Z  INFO main request{id=7}: app: a thread's name or the span's
2026-11-20T12:38:20Z  INFO request{method="GET" a message}: app: up
2026-11-20T12:38:20Z  INFO request{}: app: up
2026-11-20T12:38:20Z  INFO request{id}: app: up
2026-11-20T12:38:20Z  INFO request{id="7}: app: up
2026-11-20T12:38:20Z  INFO request{id=[7}: app: up
2026-11-20T12:38:20Z  INFO request{id=7} app: up
2026-11-20T12:38:20Z  INFO request{id=7}:inner{a=1: app: up
2026-11-20T12:38:20Z  INFO from ThreadId(3) x{y=1: z: up
"#,
        &expect![[r#"
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"app","message":"x{y=1}: z: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"a:b","message":"c::d: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","message":"request{id=7}: no target"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","message":"main request{id=7}: app: a thread's name or the span's"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"app","message":"request{method=\"GET\" a message}: app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"app","message":"request{}: app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"app","message":"request{id}: app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"app","message":"request{id=\"7}: app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","logger":"app","message":"request{id=[7}: app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","message":"request{id=7} app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","message":"request{id=7}:inner{a=1: app: up"}
            {"time":"2026-11-20T12:38:20Z","level":"INFO","message":"from ThreadId(3) x{y=1: z: up"}
        "#]],
    );
}

#[test]
fn times_without_a_zone_are_those_of_a_zone() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = "2026/11/20 12:38:20 up\n[2026-11-20 12:38:20] up\n2026-11-20 12:38:20+00:00 up\n";
    let read = decode("logfmt", &settings, lines.as_bytes());
    expect![[r#"
        {"time":"2026-11-20T11:38:20Z","message":"up"}
        {"time":"2026-11-20T11:38:20Z","message":"up"}
        {"time":"2026-11-20 12:38:20+00:00","message":"up"}
    "#]]
    .assert_eq(&read);
}

#[test]
fn sentences_are_no_prefixes() {
    for line in [
        "",
        "a - b - c",
        "E-10 is no level",
        "2026-11-20 is a day, not a time",
        "[",
        "{}",
        "[]",
        "(",
        "|",
        ":::",
        "12:38:20",
        "12:38:20 up",
        "[12:38:20]",
    ] {
        let read = decode("logfmt", &Settings::default(), line.as_bytes());
        assert!(read.is_empty() || read.starts_with("rejected"), "{read}");
    }
}

#[test]
fn lines_of_spdlog() {
    let sample = include_bytes!("../../../tests/data/samples/spdlog.txt");
    expect![[r#"
        {"time":"2026-12-01 00:08:41.323","level":"info","message":"default up"}
        {"time":"2026-12-01 00:08:41.324","level":"info","logger":"net","message":"listens on 80"}
        {"time":"2026-12-01 00:08:41.324","level":"warning","logger":"net","message":"slow"}
        {"time":"2026-12-01 00:08:41.324","level":"error","logger":"net","message":"nothing to send"}
        {"time":"2026-12-01 00:08:41.324","level":"critical","logger":"net","message":"out"}
        {"time":"2026-12-01 00:08:41.324","level":"trace","logger":"net","message":"t"}
        {"time":"2026-12-01 00:08:41.324","level":"debug","logger":"net","message":"d"}
        {"time":"2026-12-01 00:08:41.324","level":"info","logger":"net","filename":"m.cpp","lineno":5,"message":"with place"}
        {"time":"2026-12-01 00:08:41.324","level":"info","logger":"net","message":"x [thread 10991]"}
    "#]].assert_eq(&decode("logfmt", &Settings::default(), sample));
}
