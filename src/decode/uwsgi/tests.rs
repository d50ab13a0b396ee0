//! What is read of uWSGI's log, and what is not.

use expect_test::expect;

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

#[test]
fn entries_of_uwsgi() {
    let sample = include_bytes!("../../../tests/data/samples/uwsgi.txt");
    expect![[r#"
        {"message":"[uWSGI] getting INI configuration from uwsgi.ini"}
        {"time":"2026-11-30 16:55:47","message":"*** Starting uWSGI 2.0.21-debian (64bit) on [Mon Nov 30 16:55:47 2026] ***"}
        {"level":"WARNING","message":"*** WARNING: you have enabled harakiri without post buffering. Slow upload could be rejected on post-unbuffered webservers ***"}
        rejected (no log of uWSGI: expected [pid: PID|...] CLIENT ... => generated ..., or TIME - MESSAGE): uwsgi socket 0 bound to TCP address 127.0.0.1:5899 fd 3
        {"message":"*** Operational MODE: preforking ***"}
        {"process":22443,"message":"WSGI app 0 (mountpoint='') ready in 0 seconds on interpreter 0x7f39b3360018 pid: 22443 (default app)"}
        {"message":"*** uWSGI is running in multiple interpreter mode ***"}
        {"process":22443,"message":"spawned uWSGI master process (pid: 22443)"}
        {"process":22467,"worker":1,"message":"spawned uWSGI worker 1 (pid: 22467, cores: 1)"}
        rejected (no log of uWSGI: expected [pid: PID|...] CLIENT ... => generated ..., or TIME - MESSAGE): 2026-11-30 16:55:51,643 INFO shop found order=7
        {"time":"2026-11-30 16:55:51","client":"127.0.0.1","method":"GET","path":"/orders/7?a=b%20c&d=%22e","protocol":"HTTP/1.1","status":200,"bytes":3,"duration_ms":2,"process":22468,"app_id":0,"req":"1/1","vars":24,"pktsize":289,"headers":2,"hsize":64,"switches":1,"core":0}
        rejected (no log of uWSGI: expected [pid: PID|...] CLIENT ... => generated ..., or TIME - MESSAGE): printed by the application
        {"message":"KeyError: 'x'","exception":"Traceback (most recent call last):\n  File \"app.py\", line 18, in application\n    raise KeyError(\"x\")\nKeyError: 'x'"}
        {"time":"2026-11-30 16:55:51","client":"127.0.0.1","method":"GET","path":"/fail","protocol":"HTTP/1.1","status":500,"bytes":0,"duration_ms":1,"process":22468,"app_id":0,"req":"3/4","vars":24,"pktsize":252,"headers":0,"hsize":0,"switches":0,"core":0}
        {"time":"2026-11-30 16:55:51","client":"127.0.0.1","method":"GET","path":"/file","protocol":"HTTP/1.1","status":200,"bytes":957,"duration_ms":0,"process":22468,"app_id":0,"req":"4/5","vars":24,"pktsize":252,"headers":1,"hsize":45,"via":"sendfile","switches":0,"core":0}
        {"process":22467,"worker":1,"message":"DAMN ! worker 1 (pid: 22467) died, killed by signal 9 :( trying respawn ..."}
        {"process":23014,"worker":1,"message":"Respawned uWSGI worker 1 (new pid: 23014)"}
        {"time":"2026-11-30 16:55:54","process":22468,"worker":2,"message":"*** HARAKIRI ON WORKER 2 (pid: 22468, try: 1) ***"}
        {"message":"HARAKIRI: -- wchan> 0"}
        {"time":"2026-11-30 16:55:54","message":"HARAKIRI !!! worker 2 status !!!"}
        {"time":"2026-11-30 16:55:54","message":"HARAKIRI [core 0] 127.0.0.1 - GET /slow since 1796057751"}
        rejected (no log of uWSGI: expected [pid: PID|...] CLIENT ... => generated ..., or TIME - MESSAGE): 2026-11-30 16:55:54,966 INFO shop found order=7
        {"time":"2026-11-30 16:55:54","client":"127.0.0.1","method":"POST","path":"/orders/7","protocol":"HTTP/1.1","status":200,"bytes":3,"duration_ms":0,"process":23014,"app_id":0,"req":"3/6","vars":28,"pktsize":329,"headers":2,"hsize":64,"switches":1,"core":0}
        {"time":"2026-11-30 16:55:56","client":"127.0.0.1","method":"GET","path":"/a\"b=c%0ad","protocol":"HTTP/1.1","status":404,"bytes":5,"duration_ms":0,"process":4905,"app_id":0,"req":"6/7","vars":24,"pktsize":260,"headers":1,"hsize":52,"switches":1,"core":0}
        {"message":"goodbye to uWSGI."}
        {"time":"2026-11-30 17:05:01","message":"*** Starting uWSGI 2.0.21-debian (64bit) on [Mon Nov 30 17:05:01 2026] ***"}
        {"time":"2026-11-30 17:05:02","process":7092,"worker":1,"message":"spawned uWSGI worker 1 (pid: 7092, cores: 1)"}
        {"time":"2026-11-30 17:05:05","vhost":"shop.example","client":"127.0.0.1","method":"GET","path":"/big","protocol":"HTTP/1.1","status":404,"bytes":5,"duration_ms":0.270,"process":7092,"app_id":0,"req":"1/1","vars":24,"pktsize":270,"headers":1,"hsize":52,"switches":1,"core":0,"vsz":63938560,"rss":13504512}
        {"time":"2026-11-30 17:05:17","client":"127.0.0.1","status":200,"bytes":4000000,"duration_ms":184,"process":8080,"app_id":0,"req":"3/3","vars":8,"pktsize":75,"headers":1,"hsize":45,"switches":5,"core":0}
        {"time":"2026-11-30 17:05:06","message":"not enough space in wsgi_req http proto_parser_buf to decode PATH_INFO, consider tuning it with --buffer-size"}
        {"time":"2026-11-30 17:05:06","vhost":"x","client":"127.0.0.1","method":"GET","path":"/a","protocol":"b HTTP/1.1","status":404,"bytes":5,"duration_ms":0.121,"process":7092,"app_id":0,"req":"4/4","vars":24,"pktsize":240,"headers":1,"hsize":54,"switches":1,"core":0,"vsz":63938560,"rss":13766656}
        {"time":"2026-11-30 17:05:17","filename":"core/writer.c","lineno":429,"client":"10.0.0.9, 10.0.0.8","method":"GET","path":"/big","message":"uwsgi_response_write_body_do(): Connection reset by peer [core/writer.c line 429] during GET /big (10.0.0.9, 10.0.0.8)"}
        {"message":"OSError: write error","exception":"OSError: write error"}
        {"time":"2026-11-30 17:05:17","client":"10.0.0.9, 10.0.0.8","method":"GET","path":"/big","protocol":"HTTP/1.1","status":200,"bytes":4000000,"duration_ms":200,"process":8080,"app_id":0,"req":"1/1","vars":22,"pktsize":242,"headers":1,"hsize":45,"switches":5,"core":0}
        {"time":"2026-11-30 17:05:18","message":"*** uWSGI listen queue of socket \"127.0.0.1:5899\" (fd: 3) full !!! (2/2) ***"}
    "#]].assert_eq(&decode("uwsgi", &Settings::default(), sample));
}

#[test]
fn what_nothing_marks_is_what_it_was() {
    let sample = include_bytes!("../../../tests/data/samples/uwsgi.txt");
    let [auto, named] =
        ["auto", "uwsgi"].map(|format| decode(format, &Settings::default(), sample));
    assert_eq!(auto.lines().count(), named.lines().count());
    let both = auto.lines().zip(named.lines());
    let others: Vec<_> = both
        .filter(|(auto, named)| auto != named)
        .map(|(auto, _)| auto)
        .collect();
    expect![[r#"
        rejected (no key=value pair, and no time or level in front): uwsgi socket 0 bound to TCP address 127.0.0.1:5899 fd 3
        {"time":"2026-11-30 16:55:51,643","level":"INFO","message":"shop found","order":7}
        rejected (no key=value pair, and no time or level in front): printed by the application
        {"time":"2026-11-30 16:55:54,966","level":"INFO","message":"shop found","order":7}"#]]
    .assert_eq(&others.join("\n"));
}

#[test]
fn what_else_entries_tell() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = br#"[pid: 7|app: -1|req: -1/9] 10.0.0.9 (ada) {30 vars in 400 bytes} [Fri Nov 20 12:00:00 2026] GET /a => generated b => generated 12 bytes in 5 micros via offload() (HTTP/1.1 302) 2 headers in 79 bytes (1 switches on core 3)
[pid: 7|app: 0|req: 1/1] 0.0.0.0 () {30 vars in 9000 bytes} [Fri Nov 20 12:00:00 2026] - - => generated 12 bytes in 12345 micros (- 200) 2 headers in 79 bytes (1 switches on core 0)
[pid: 7|app: 0|req: 1/1] 0.0.0.0 () {30 vars in 9000 bytes} [Fri Nov 20 12:00:00 2026] - - => generated 12 bytes in 12 msecs (- 200) 2 headers in 79 bytes (1 switches on core 0)
{address space usage: 7 bytes/0MB} {rss usage: 8 bytes/0MB} {uss usage: 9 bytes/0MB} {pss usage: 10 bytes/0MB} [pid: 7|app: 0|req: 1/1] 10.0.0.9 () {30 vars in 400 bytes} [Fri Nov 20 12:00:00 2026] GET / => generated 12 bytes in 1 msecs (HTTP/1.1 200) 2 headers in 79 bytes (1 switches on core 0)
Fri Nov  6 12:00:00 2026 - uwsgi_response_write_body_do(): Broken pipe [core/writer.c line 306] during GET /x (y) (10.0.0.9)
Fri Nov  6 12:00:00 2026 - unable to stat() /x: No such file [core/utils.c line 7]
!!! uWSGI process 7 got Segmentation Fault !!!
Traceback (most recent call last):
  File "bad.py", line 1, in <module>
ImportError: no
unable to load app 0 (mountpoint='') (callable not found or import error)
*** no app loaded. going in full dynamic mode ***
--- no python application found, check your startup logs for errors ---
SIGINT/SIGTERM received...killing workers...
"#;
    let check = |format| decode(format, &settings, lines);
    expect![[r#"
        {"time":"2026-11-20T11:00:00Z","client":"10.0.0.9","user":"ada","method":"GET","path":"/a => generated b","protocol":"HTTP/1.1","status":302,"bytes":12,"duration_ms":0.005,"process":7,"app_id":-1,"req":"-1/9","vars":30,"pktsize":400,"headers":2,"hsize":79,"via":"offload","switches":1,"core":3}
        {"time":"2026-11-20T11:00:00Z","status":200,"bytes":12,"duration_ms":12.345,"process":7,"app_id":0,"req":"1/1","vars":30,"pktsize":9000,"headers":2,"hsize":79,"switches":1,"core":0}
        {"time":"2026-11-20T11:00:00Z","status":200,"bytes":12,"duration_ms":12,"process":7,"app_id":0,"req":"1/1","vars":30,"pktsize":9000,"headers":2,"hsize":79,"switches":1,"core":0}
        {"time":"2026-11-20T11:00:00Z","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":12,"duration_ms":1,"process":7,"app_id":0,"req":"1/1","vars":30,"pktsize":400,"headers":2,"hsize":79,"switches":1,"core":0,"vsz":7,"rss":8,"uss":9,"pss":10}
        {"time":"2026-11-06T11:00:00Z","filename":"core/writer.c","lineno":306,"client":"10.0.0.9","method":"GET","path":"/x (y)","message":"uwsgi_response_write_body_do(): Broken pipe [core/writer.c line 306] during GET /x (y) (10.0.0.9)"}
        {"time":"2026-11-06T11:00:00Z","filename":"core/utils.c","lineno":7,"message":"unable to stat() /x: No such file [core/utils.c line 7]"}
        {"message":"!!! uWSGI process 7 got Segmentation Fault !!!"}
        {"message":"ImportError: no","exception":"Traceback (most recent call last):\n  File \"bad.py\", line 1, in <module>\nImportError: no"}
        {"message":"unable to load app 0 (mountpoint='') (callable not found or import error)"}
        {"message":"*** no app loaded. going in full dynamic mode ***"}
        {"message":"--- no python application found, check your startup logs for errors ---"}
        {"message":"SIGINT/SIGTERM received...killing workers..."}
    "#]].assert_eq(&check("uwsgi"));
    assert_eq!(check("auto"), check("uwsgi"));
}

#[test]
fn uwsgi_in_a_container() {
    let lines = "app-1  | spawned uWSGI worker 1 (pid: 7, cores: 1)
app-1  | Traceback (most recent call last):
app-1  |   File \"a.py\", line 1, in f
app-1  | KeyError: 1
app-1  | [pid: 7|app: 0|req: 1/1] 10.0.0.9 () {30 vars in 400 bytes} [Fri Nov 20 12:00:00 2026] GET / => generated 0 bytes in 1 msecs (HTTP/1.1 500) 0 headers in 0 bytes (0 switches on core 0)
app-1  | printed
app-1  | 2026-11-20 12:00:00,123 INFO app up
";
    expect![[r#"
        {"service":"app-1","process":7,"worker":1,"message":"spawned uWSGI worker 1 (pid: 7, cores: 1)"}
        {"service":"app-1","message":"KeyError: 1","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 1"}
        {"time":"2026-11-20 12:00:00","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/1.1","status":500,"bytes":0,"duration_ms":1,"process":7,"app_id":0,"req":"1/1","vars":30,"pktsize":400,"headers":0,"hsize":0,"switches":0,"core":0,"service":"app-1"}
        {"service":"app-1","message":"printed"}
        {"time":"2026-11-20 12:00:00,123","level":"INFO","message":"app up","service":"app-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "*** (1) TRANSACTION:",
        "Fri Nov 20 12:00:00 2026 - ",
        "Fri Nov 20 12:00:00 2026 up",
        "Thu Nov 20 12:00:00 2026 - up",
        "[pid: 7|app: 0|req: 1/1] 10.0.0.9 () {30 vars in 400 bytes} [Fri Nov 20 12:00:00 2026] GET / => generated 0 bytes in 1 secs (HTTP/1.1 500) 0 headers in 0 bytes (0 switches on core 0)",
        "[pid: 7|app: 0|req: 1/1] 10.0.0.9 () {30 vars in 400 bytes} [Fri Nov 20 12:00:00 2026] GET / => generated 0 bytes in 1 msecs (HTTP/1.1 x) 0 headers in 0 bytes (0 switches on core 0)",
        "x (0 switches on core 0)",
    ] {
        let read = decode("uwsgi", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no log of uWSGI"), "{read}");
    }
}
