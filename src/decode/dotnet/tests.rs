//! Entries of .NET's console logger.

use expect_test::expect;

use crate::decode::format::{Settings, tests::decode};

#[test]
fn entries_of_several_lines() {
    let sample = include_bytes!("../../../tests/data/samples/dotnet.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"level":"info","logger":"Microsoft.Hosting.Lifetime","event_id":14,"message":"Now listening on: http://localhost:5000"}
        {"level":"info","logger":"Shop.Orders","event_id":0,"SpanId":"05c48cf0ce2119a4","TraceId":"6b003e24000000007fd21e1e22f804ac","ParentId":"0000000000000000","ConnectionId":"0HMV8JQ0","RequestPath":"/orders/7","RequestId":"0HMV8JQ0:00000001","scope":"order 7","message":"order 7 is taken"}
        {"level":"warn","logger":"Shop.Orders","event_id":17,"SpanId":"05c48cf0ce2119a4","TraceId":"6b003e24000000007fd21e1e22f804ac","ParentId":"0000000000000000","message":"the stock tells:\n\n2 notebooks are left"}
        {"level":"fail","logger":"Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware","event_id":1,"message":"An unhandled exception has occurred while executing the request.","exception":"System.InvalidOperationException: nothing to send\n ---> System.IO.IOException: disk full\n   at Shop.Stock.Take(Int32 n) in /srv/Stock.cs:line 12\n   --- End of inner exception stack trace ---\n   at Shop.Orders.Place(Int32 n) in /srv/Orders.cs:line 31"}
        {"level":"crit","logger":"Shop.Orders","event_id":-1,"exception":"System.OutOfMemoryException: no more"}
        {"level":"dbug","logger":"Shop.Orders","event_id":0,"message":"on one line"}
    "#]].assert_eq(&check("dotnet"));
    assert_eq!(check("auto"), check("dotnet"));
}

#[test]
fn entries_with_times_and_in_containers() {
    let lines = "2026-11-20 12:00:00 info: Shop.Orders[0]
      order 7 is taken
12:00:00.123 warn: Shop.Orders[0]
      System is slow
[2026-11-20T12:00:01.5Z] fail: Shop.Orders[0] nothing to send
fail: Shop.Orders[0]
info: sshd[12]
warn: no category
2026-11-20 12:00:02 INFO app.db up
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00","level":"info","logger":"Shop.Orders","event_id":0,"message":"order 7 is taken"}
        {"time_of_day":"12:00:00.123","level":"warn","logger":"Shop.Orders","event_id":0,"message":"System is slow"}
        {"time":"2026-11-20T12:00:01.5Z","level":"fail","logger":"Shop.Orders","event_id":0,"message":"nothing to send"}
        {"level":"fail","logger":"Shop.Orders","event_id":0}
        {"level":"info","logger":"sshd","event_id":12}
        {"level":"warn","message":"no category"}
        {"time":"2026-11-20 12:00:02","level":"INFO","logger":"app.db","message":"up"}
    "#]].assert_eq(&decode("auto", &Settings::default(), lines.as_bytes()));
}

#[test]
fn entries_in_a_container() {
    let lines = "web-1  | fail: Shop.Orders[0]
db-1   | 2026-11-20 12:00:00.1 UTC [7] LOG:  checkpoint
web-1  |       nothing to send
web-1  |       System.IO.IOException: disk full
web-1  |          at Shop.Stock.Take(Int32 n)
web-1  | info: Shop.Orders[0]
web-1  |       up
";
    expect![[r#"
        {"service":"web-1","level":"fail","logger":"Shop.Orders","event_id":0,"message":"nothing to send","exception":"System.IO.IOException: disk full\n   at Shop.Stock.Take(Int32 n)"}
        {"service":"web-1","level":"info","logger":"Shop.Orders","event_id":0,"message":"up"}
        {"time":"2026-11-20 12:00:00.1 UTC","level":"LOG","process":7,"message":"checkpoint","service":"db-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "      set in",
        "info: Shop.Orders",
        "info: Shop.Orders[x]",
        "INFO: Shop.Orders[0]",
        "info Shop.Orders[0]",
    ] {
        let found = decode("dotnet", &Settings::default(), line.as_bytes());
        assert!(
            found.starts_with("rejected") || found.contains("no log of .NET"),
            "{found}"
        );
    }
}
