//! Lines of zap's encoder for consoles and of spdlog, read as logfmt.

use expect_test::expect;

use crate::decode::format::{Settings, tests::decode};

#[test]
fn lines_of_zap() {
    let sample = include_bytes!("../../../../tests/data/samples/go-zap-console.txt");
    expect![[r#"
        {"time":"2026-12-01T00:07:54.025Z","level":"INFO","logger":"shop.orders","filename":"zapmain/main.go","lineno":14,"message":"order is taken","order": 7, "request_id": "r1"}
        {"time":"2026-12-01T00:07:54.025Z","level":"WARN","logger":"shop.orders","filename":"zapmain/main.go","lineno":15,"message":"two\nlines\nmain.main\n\t/srv/shop/main.go:15\nruntime.main\n\t/usr/lib/go/src/runtime/proc.go:250"}
        {"time":"2026-12-01T00:07:54.025Z","level":"ERROR","logger":"shop.orders","filename":"zapmain/main.go","lineno":16,"message":"nothing to send\nmain.main\n\t/srv/shop/main.go:16\nruntime.main\n\t/usr/lib/go/src/runtime/proc.go:250","error": "no stock", "request_id": "r1"}
        {"time":"2026-12-01T00:07:54.025Z","level":"DEBUG","filename":"zapmain/main.go","lineno":17,"message":"no name","nested": {"a":1}}
        {"time":"2026-12-01T00:07:54.025Z","level":"info","logger":"shop","message":"up"}
        {"time":"2026-12-01T00:07:54.026Z","level":"error","logger":"down","message":"with a tab","request_id": "r2"}
        {"time":1.7960836740260024e+09,"level":"info","message":"epoch","ok": true}
        {"time":"2026-12-01T00:07:54Z","level":"INFO","filename":"zapmain/main.go","lineno":29,"message":"colour","n": 1}
    "#]].assert_eq(&decode("logfmt", &Settings::default(), sample));
}

#[test]
fn what_stands_between_tabs() {
    let lines = "2026-11-20 12:00:00,123\tERROR\tapp.web\tslow
2026-11-20 12:00:00,123\tERROR\tit is slow
2026-11-20 12:00:00,123\tERROR\tit is slow\t{\"a\":1} {
2026-11-20 12:00:00,123\tit is\tslow
2026-11-20 12:00:00,123\tERROR\tapp\tslow\t{\"a\":1}
1.7951760001e+09\twhat is\tthis
1.7951760001e+09\tinfo\tapp\tapp/main.go:12\tup\t{\"a\":1}
1.79e+09\tinfo
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00,123","level":"ERROR","logger":"app.web","message":"slow"}
        {"time":"2026-11-20 12:00:00,123","level":"ERROR","message":"it is slow"}
        {"time":"2026-11-20 12:00:00,123","level":"ERROR","message":"it is slow\t{\"a\":1} {"}
        {"time":"2026-11-20 12:00:00,123","message":"it is\tslow"}
        {"time":"2026-11-20 12:00:00,123","level":"ERROR","logger":"app","message":"slow\n1.7951760001e+09\twhat is\tthis","a":1}
        {"time":1.7951760001e+09,"level":"info","logger":"app","filename":"app/main.go","lineno":12,"message":"up\n1.79e+09\tinfo","a":1}
    "#]].assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
}
