//! Forms that programs give Python's logging, read as logfmt.

use expect_test::{Expect, expect};

use crate::decode::format::{Settings, tests::decode};

fn check(lines: &str, expect: &Expect) {
    expect.assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
}

#[test]
fn formats_that_programs_give_pythons_logging() {
    check(
        r"ERROR [4711] app.web: slow
ERROR [12] App.Web - slow
2018-04-18 23:03:19,148 ERROR [app.web] [web.py:31] - slow
2018-04-18 23:03:19,148:ERROR:app.web:slow: very
2018-04-18 23:03:19:app:ERROR:slow
2018-04-18 23:03:19,148,ERROR,app.web,slow, very
2018-04-18 23:03:19,ERROR,it is slow
2018-04-18 23:03:19,148:what is this
ERROR 2018-04-18 23:03:19,148 web 4711 140376943668096 slow
ERROR 2018-04-18 23:03:19,148 it 4711 is slow
2018-04-18 23:03:19,148 (4711) [ERROR] app.web: slow
2018-04-18 23:03:19,148 (MainThread) ERROR slow
2018-04-18 23:03:19,148 (it is) ERROR slow
2018-04-18 23:03:19,148 web1 app.web[4711] ERROR slow
2018-04-18 23:03:19,148 web1 app.web[it] ERROR slow
2018-04-18 23:03:19,148 ERROR MainProcess app.web: slow
2018-04-18 23:03:19,148 ERROR SpawnProcess-2 slow
2018-04-18 23:03:19,148 ERROR ThreadPoolExecutor-0_3 app.web slow
2018-04-18 23:03:19,148 ERROR Process is slow
2018-04-18 23:03:19,148 ERROR in web: slow [in /srv/app/web.py:31]
2018-04-18 23:03:19,148 ERROR app.web slow [in this:31]
ERROR    | 2018-04-18 23:03:19,148 | app.web:charge:31 | slow | very
ERROR | slow | very
",
        &expect![[r#"
            {"level":"ERROR","logger":"app.web","process":4711,"message":"slow"}
            {"level":"ERROR","logger":"App.Web","thread":"12","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","filename":"web.py","lineno":31,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","message":"slow: very"}
            {"time":"2018-04-18 23:03:19","level":"ERROR","logger":"app","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","message":"slow, very"}
            {"time":"2018-04-18 23:03:19","level":"ERROR","message":"it is slow\n2018-04-18 23:03:19,148:what is this"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","module":"web","process":4711,"thread":"140376943668096","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","message":"it 4711 is slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","process":4711,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","thread":"MainThread","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","message":"(it is) ERROR slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","host":"web1","process":4711,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","message":"web1 app.web[it] ERROR slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","processName":"MainProcess","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","processName":"SpawnProcess-2","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","thread":"ThreadPoolExecutor-0_3","message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","message":"Process is slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","module":"web","pathname":"/srv/app/web.py","lineno":31,"message":"slow"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","message":"slow [in this:31]"}
            {"time":"2018-04-18 23:03:19,148","level":"ERROR","logger":"app.web","funcName":"charge","lineno":31,"message":"slow | very"}
            {"level":"ERROR","message":"slow | very"}
        "#]],
    );
}
