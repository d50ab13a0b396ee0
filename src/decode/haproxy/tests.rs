//! Entries of HAProxy, by themselves and within syslog.

use expect_test::expect;

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

#[test]
fn entries_of_haproxy() {
    let sample = include_bytes!("../../../tests/data/samples/haproxy.txt");
    expect![[r#"
        {"message":"Server deadb/d1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."}
        {"message":"backend deadb has no server available!"}
        {"time":"2026-11-30 23:03:50.949","client":"127.0.0.1","port":57616,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":116,"TR":0,"Tw":0,"Tc":0,"Tr":1,"duration_ms":1,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"time":"2026-11-30 23:03:50.965","client":"127.0.0.1","port":57622,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/slow","protocol":"HTTP/1.1","status":200,"bytes":116,"TR":0,"Tw":0,"Tc":0,"Tr":306,"duration_ms":306,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"time":"2026-11-30 23:03:51.346","client":"127.0.0.1","port":57634,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/bad?x=1&y=2","protocol":"HTTP/1.1","status":500,"bytes":135,"TR":0,"Tw":0,"Tc":0,"Tr":11,"duration_ms":11,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"time":"2026-11-30 23:03:51.444","client":"127.0.0.1","port":50156,"frontend":"tcpin","backend":"tcpapp","server":"s1","bytes":113,"Tw":1,"Tc":0,"duration_ms":317,"termination_state":"--","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"time":"2026-11-30 23:03:51.870","client":"127.0.0.1","port":42252,"frontend":"custom","backend":"app","server":"s1","method":"GET","path":"/slow","protocol":"HTTP/1.1","status":200,"bytes":116,"TR":0,"Tw":0,"Tc":0,"Tr":303,"duration_ms":305,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0,"captured":"127.0.0.1:4212|curl/7.88.1","rest":"7F000001:A50C_7F000001:1074_6B0E00D7_0007:48D8"}
        {"time":"2026-11-30T23:03:52+00:00","client":"127.0.0.1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":116,"rest":"35088 197 \"clf\" \"app\" \"s1\" 0 0 0 0 0 ---- 1 1 0 0 0 0 0 \"\" \"\""}
        {"time":"2026-11-30 23:03:52.606","client":"127.0.0.1","port":39036,"frontend":"dead","backend":"deadb","server":"<NOSRV>","method":"GET","path":"/","protocol":"HTTP/1.1","status":503,"bytes":217,"TR":0,"Tw":-1,"Tc":-1,"Tr":-1,"duration_ms":0,"termination_state":"SC--","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"level":"WARNING","process":18648,"message":"Server deadb/d1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."}
        {"level":"ALERT","process":18648,"message":"backend 'deadb' has no server available!"}
    "#]].assert_eq(&decode("auto", &Settings::default(), sample));
}

#[test]
fn entries_within_syslog() {
    let sample = include_bytes!("../../../tests/data/samples/haproxy-syslog.txt");
    expect![[r#"
        note: syslog times without a year are only in syslog.timestamp; --year YEAR, or --year now, makes times of them
        {"level":"alert","service":"haproxy","process":18648,"message":"Server deadb/d1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.","syslog":{"priority":129,"facility":"local0","timestamp":"Nov 30 23:03:48"}}
        {"time":"2026-11-30T23:03:50.965Z","level":"info","service":"haproxy","process":18648,"client":"127.0.0.1","port":57622,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/slow","protocol":"HTTP/1.1","status":200,"bytes":116,"TR":0,"Tw":0,"Tc":0,"Tr":306,"duration_ms":306,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0,"syslog":{"priority":134,"facility":"local0","timestamp":"Nov 30 23:03:51"}}
        {"time":"2026-11-30T23:03:51.346Z","level":"info","service":"haproxy","process":18648,"client":"127.0.0.1","port":57634,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/bad?x=1&y=2","protocol":"HTTP/1.1","status":500,"bytes":135,"TR":0,"Tw":0,"Tc":0,"Tr":11,"duration_ms":11,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0,"syslog":{"priority":134,"facility":"local0","timestamp":"Nov 30 23:03:51"}}
        {"time":"2026-11-30T23:03:51.403Z","level":"info","service":"haproxy","process":18648,"client":"127.0.0.1","port":50154,"frontend":"tcpin","backend":"tcpapp","server":"s1","bytes":113,"Tw":1,"Tc":0,"duration_ms":8,"termination_state":"--","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0,"syslog":{"priority":134,"facility":"local0","timestamp":"Nov 30 23:03:51"}}
    "#]].assert_eq(&decode("syslog", &Settings::default(), sample));
    let line = b"2026-11-20T12:00:01.5+01:00 lb haproxy[7]: 10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web app/s1 0/0/0/1/1 200 116 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n";
    expect![[r#"
        {"time":"2026-11-20T12:00:01.5+01:00","host":"lb","service":"haproxy","process":7,"accept_date":"2026-11-20 12:00:00.949","client":"10.0.0.9","port":51234,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":116,"TR":0,"Tw":0,"Tc":0,"Tr":1,"duration_ms":1,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
    "#]].assert_eq(&decode("auto", &Settings::default(), line));
}

#[test]
fn odd_entries() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = br#"::1:51234 [20/Nov/2026:12:00:00.949] web~ app/s1 10/0/30/69/+109 200 +2750 a=1 b=2 SVII 1/1/1/1/0 0/0 {shop.example} {Apache} "GET /x HTTP/2.0" id=7 up
10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web/<NOSRV> -1/-1/-1/-1/0 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web web/<NOSRV> -1/-1/-1/-1/0 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web app/s1 0/0/0/1/1 200 116 - - ---- 1/1/0/0/0 0/0 "GET /cut
10.0.0.9:51234 [20/Nov/2026:12:00:00.949] https/1: SSL handshake failure
10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web app/s1 0/0/0/1 200 116 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web app/s1
10.0.0.9 [20/Nov/2026:12:00:00.949] web app/s1 1/0/8 113 -- 1/1/0/0/0 0/0
[WARNING] 333/230348 (4711) : Server app/s1 is DOWN
[NOTICE]   (4711) : New worker (4712) forked
[INFO]   (4711) : not ours
Backup Server app/s2 is UP, reason: Layer4 check passed
Server is DOWN
"#;
    expect![[r#"
        {"time":"2026-11-20T11:00:00.949Z","client":"::1","port":51234,"frontend":"web","backend":"app","server":"s1","method":"GET","path":"/x","protocol":"HTTP/2.0","status":200,"bytes":"+2750","TR":10,"Tw":0,"Tc":30,"Tr":69,"duration_ms":"+109","termination_state":"SVII","request_cookie":"a=1","response_cookie":"b=2","actconn":1,"feconn":1,"beconn":1,"srv_conn":1,"retries":0,"srv_queue":0,"backend_queue":0,"captured":"shop.example","captured_response":"Apache","id":7,"up":true}
        rejected (no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES): 10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web/<NOSRV> -1/-1/-1/-1/0 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
        {"time":"2026-11-20T11:00:00.949Z","client":"10.0.0.9","port":51234,"frontend":"web","backend":"web","server":"<NOSRV>","request":"<BADREQ>","status":400,"bytes":187,"TR":-1,"Tw":-1,"Tc":-1,"Tr":-1,"duration_ms":0,"termination_state":"PR--","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"time":"2026-11-20T11:00:00.949Z","client":"10.0.0.9","port":51234,"frontend":"web","backend":"app","server":"s1","request":"GET /cut","status":200,"bytes":116,"TR":0,"Tw":0,"Tc":0,"Tr":1,"duration_ms":1,"termination_state":"----","actconn":1,"feconn":1,"beconn":0,"srv_conn":0,"retries":0,"srv_queue":0,"backend_queue":0}
        {"time":"2026-11-20T11:00:00.949Z","client":"10.0.0.9","port":51234,"frontend":"https","bind":"1","message":"SSL handshake failure"}
        rejected (no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES): 10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web app/s1 0/0/0/1 200 116 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        rejected (no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES): 10.0.0.9:51234 [20/Nov/2026:12:00:00.949] web app/s1
        rejected (no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES): 10.0.0.9 [20/Nov/2026:12:00:00.949] web app/s1 1/0/8 113 -- 1/1/0/0/0 0/0
        {"level":"WARNING","process":4711,"message":"Server app/s1 is DOWN"}
        {"level":"NOTICE","process":4711,"message":"New worker (4712) forked"}
        rejected (no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES): [INFO]   (4711) : not ours
        {"message":"Backup Server app/s2 is UP, reason: Layer4 check passed"}
        rejected (no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES): Server is DOWN
    "#]].assert_eq(&decode("haproxy", &settings, lines));
}
