//! Entries of PostgreSQL, real ones and what is none.

use expect_test::expect;

use crate::{
    decode::format::{
        Settings,
        tests::{PASSED_OVER, decode},
    },
    record::Zone,
};

#[test]
fn entries_of_postgres() {
    let sample = include_bytes!("../../../tests/data/samples/postgres-stderr.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 13:37:13.341 UTC","level":"LOG","process":19308,"message":"starting PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit"}
        {"time":"2026-11-30 13:37:13.391 UTC","level":"LOG","process":19308,"message":"database system is ready to accept connections"}
        {"time":"2026-11-30 13:37:16.406 UTC","level":"ERROR","process":19352,"message":"duplicate key value violates unique constraint \"orders_pkey\"","detail":"Key (n)=(4) already exists.","statement":"insert into orders\n\tvalues (4, 'ada');"}
        {"time":"2026-11-30 13:37:20.626 UTC","level":"LOG","process":19405,"user":"postgres","dbname":"postgres","message":"duration: 15.538 ms  statement: drop table if exists orders;"}
        {"time":"2026-11-30 13:37:20.646 UTC","level":"ERROR","process":19405,"user":"postgres","dbname":"postgres","message":"column \"nme\" does not exist at character 8","statement":"select nme from\n orders o\nwhere x = 1;"}
        {"time":"2026-11-30 13:37:20.648 UTC","level":"ERROR","process":19405,"user":"postgres","dbname":"postgres","message":"division by zero","context":"SQL statement \"SELECT 1/0\"\nPL/pgSQL function inline_code_block line 1 at PERFORM","statement":"do $f$ begin perform 1/0; end $f$;"}
        {"time":"2026-11-30 13:37:20.728 UTC","level":"FATAL","process":19407,"user":"postgres","dbname":"nope","message":"database \"nope\" does not exist"}
        {"time":"2026-11-30 13:37:21 UTC","level":"LOG","process":19416,"message":"database system is ready to accept connections"}
        {"time":"2026-11-30 13:37:24 UTC","level":"LOG","process":19438,"user":"postgres","dbname":"postgres","remote_host":"127.0.0.1","remote_port":38156,"message":"duration: 23.172 ms  statement: drop table if exists orders;"}
        {"time":"2026-11-30 13:37:24 UTC","level":"ERROR","process":19438,"user":"postgres","dbname":"postgres","remote_host":"127.0.0.1","remote_port":38156,"message":"duplicate key value violates unique constraint \"orders_pkey\"","detail":"Key (n)=(4) already exists.","statement":"insert into orders\n\tvalues (4, 'ada');"}
        {"time":"2026-11-30 13:37:24 UTC","level":"FATAL","process":19445,"user":"postgres","dbname":"nope","remote_host":"127.0.0.1","remote_port":38172,"message":"database \"nope\" does not exist"}
    "#]].assert_eq(&check("postgres"));
    assert_eq!(check("auto"), check("postgres"));
}

#[test]
fn what_else_stands_in_front() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines =
        "2026-11-20 12:00:00 CET [7]: [3-1] user=ada,db=shop,app=psql 15,client=10.0.0.9 DEBUG2:  x
2026-11-20 12:00:00 CET [7]: user=,db=,app=,client= LOG:  y
2026-11-20 12:00:00.5 GMT [7-4] ada@shop LOG:  duration: 1.2 ms  statement: select ':  '
2026-11-20 12:00:00 +01 [7] [user=ada,db=shop] WARNING:  z
2026-11-20 12:00:00 UTC:::1(51234):[unknown]@[unknown]:[8]:LOG:  connection received
2026-11-20 12:00:00 UTC:[local]:ada@shop:[8]:LOG:
2026-11-20 12:00:00 UTC [7] a b c PANIC:  w
2026-11-20 12:00:00 UTC [7] [user=[unknown],db=[unknown],app=[unknown]] LOG:  v
2026-11-20 12:00:00 UTC [7] [unknown]@[unknown] [unknown] LOG:  u
2026-11-20 12:00:00 UTC [7] ada@shop [unknown] LOG:  t
2026-11-20 12:00:00 UTC [7] ada@shop psql 15 LOG:  s
2026-11-20 12:00:00 UTC [7] ada @shop LOG:  r
2026-11-20 12:00:00 UTC [7] [a] [b] LOG:  q
";
    let check = |format| decode(format, &settings, lines.as_bytes());
    expect![[r#"
        {"time":"2026-11-20T11:00:00Z","zone":"CET","level":"DEBUG","process":7,"line_num":3,"user":"ada","dbname":"shop","remote_host":"10.0.0.9","application_name":"psql 15","error_severity":"DEBUG2","message":"x"}
        {"time":"2026-11-20T11:00:00Z","zone":"CET","level":"LOG","process":7,"message":"y"}
        {"time":"2026-11-20T11:00:00.500Z","zone":"GMT","level":"LOG","process":7,"line_num":4,"user":"ada","dbname":"shop","message":"duration: 1.2 ms  statement: select ':  '"}
        {"time":"2026-11-20 12:00:00 +01","level":"WARNING","process":7,"user":"ada","dbname":"shop","message":"z"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":8,"remote_host":"::1","remote_port":51234,"message":"connection received"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":8,"user":"ada","dbname":"shop","remote_host":"[local]","message":""}
        {"time":"2026-11-20 12:00:00 UTC","level":"PANIC","process":7,"prefix":"a b c","message":"w"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":7,"message":"v"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":7,"message":"u"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":7,"user":"ada","dbname":"shop","message":"t"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":7,"user":"ada","dbname":"shop","prefix":"psql 15","message":"s"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":7,"prefix":"ada @shop","message":"r"}
        {"time":"2026-11-20 12:00:00 UTC","level":"LOG","process":7,"prefix":"[a] [b]","message":"q"}
    "#]].assert_eq(&check("postgres"));
    assert_eq!(check("auto"), check("postgres"));
}

#[test]
fn lines_about_an_entry_are_of_the_same_process() {
    let lines = "2026-11-20 12:00:00 UTC [7] ERROR:  syntax error
2026-11-20 12:00:00 UTC [8] HINT:  of another
2026-11-20 12:00:00 UTC [7] STATEMENT:  select
2026-11-20 12:00:01 UTC [8] ERROR:  two
\tlines
2026-11-20 12:00:01 UTC [8] DETAIL:  three
\t
\tat time zone
2026-11-20 12:00:01 UTC [8] HINT:  four
2026-11-20 12:00:01 UTC [8] LOCATION:  exec_simple_query, postgres.c:1106
2026-11-20 12:00:01 UTC [8] QUERY:  five
2026-11-20 12:00:01 UTC [8] CONTEXT:  six
\tTraceback (most recent call last):
\t{\"a\":1}
2026-11-20 12:00:01 UTC [8] BACKTRACE:  seven
2026-11-20 12:00:01 UTC [8] LOCATION:  eight
2026-11-20 12:00:02 UTC [8] LOG:  nine
{\"a\":1}
\tlost
";
    let check = |format| decode(format, &Settings::default(), lines.as_bytes());
    expect![[r#"
        {"time":"2026-11-20 12:00:00 UTC","level":"ERROR","process":7,"message":"syntax error"}
        {"time":"2026-11-20 12:00:00 UTC","process":8,"hint":"of another"}
        {"time":"2026-11-20 12:00:00 UTC","process":7,"statement":"select"}
        {"time":"2026-11-20 12:00:01 UTC","level":"ERROR","process":8,"message":"two\nlines","detail":"three\n\nat time zone","hint":"four","func_name":"exec_simple_query","file_name":"postgres.c","file_line_num":1106,"internal_query":"five","context":"six\nTraceback (most recent call last):\n{\"a\":1}","backtrace":"seven","location":"eight"}
        {"time":"2026-11-20 12:00:02 UTC","level":"LOG","process":8,"message":"nine"}
        {"a":1}
        rejected (no key=value pair, and no time or level in front): 	lost
    "#]].assert_eq(&check("auto"));
    // Nothing of a line is kept that no entry stands above.
    expect![[r#"
        rejected (no log of PostgreSQL: expected TIME [PID] SEVERITY:  MESSAGE): 	lost
        {"time":"2026-11-20 12:00:01 UTC","level":"LOG","process":8,"message":"x"}
    "#]]
    .assert_eq(&decode(
        "postgres",
        &Settings::default(),
        b"\tlost\n2026-11-20 12:00:01 UTC [8] LOG:  x\n",
    ));
}

#[test]
fn postgres_in_a_container() {
    let lines = "db-1   | 2026-11-20 12:00:00.123 UTC [7] ERROR:  syntax error at or near \"frm\" at character 10
web-1  | level=info msg=between
db-1   | 2026-11-20 12:00:00.123 UTC [7] STATEMENT:  select *
db-1   | \tfrm orders
db-1   | 2026-11-20 12:00:01.123 UTC [7] LOG:  checkpoint starting: time
db-1   | \twith a tab
";
    let check = |lines: &str| decode("compose", &Settings::default(), lines.as_bytes());
    expect![[r#"
        {"service":"web-1","level":"info","msg":"between"}
        {"time":"2026-11-20 12:00:00.123 UTC","level":"ERROR","process":7,"message":"syntax error at or near \"frm\" at character 10","service":"db-1","statement":"select *\nfrm orders"}
        {"time":"2026-11-20 12:00:01.123 UTC","level":"LOG","process":7,"message":"checkpoint starting: time\nwith a tab","service":"db-1"}
    "#]].assert_eq(&check(lines));
    // Nobody waits for ever.
    let many = "web-1  | level=info\n".repeat(17);
    let text = lines.replacen("web-1  | level=info msg=between\n", &many, 1);
    let told = check(&text);
    assert!(told.starts_with("{\"service\""), "{told}");
    let lone = r#"{"time":"2026-11-20 12:00:00.123 UTC","process":7,"statement""#;
    assert!(told.contains(lone), "{told}");
}

#[test]
fn an_entry_that_may_lack_a_line_says_so() {
    let lines = format!(
        "2026-11-20 12:00:00 UTC [7] ERROR:  syntax error
{PASSED_OVER}
2026-11-20 12:00:01 UTC [7] LOG:  next
"
    );
    expect![[r#"
        {"time":"2026-11-20 12:00:00 UTC","level":"ERROR","process":7,"message":"syntax error","dl":{"recv":{"partial":true}}}
        {"time":"2026-11-20 12:00:01 UTC","level":"LOG","process":7,"message":"next"}
    "#]].assert_eq(&decode("postgres", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "2026-11-20 12:00:00 UTC [7] hello",
        "2026-11-20 12:00:00 UTC [7] HELLO:  hello",
        "2026-11-20 12:00:00 UTC [main] LOG:  hello",
        "2026-11-20 12:00:00 [7] LOG:  hello",
        "2026-11-20 12:00:00 UTC:a:b@c:7:LOG:  hello",
        "2026-13-20 12:00:00 UTC [7] LOG:  hello",
        "LOG:  hello",
    ] {
        let read = decode("postgres", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no log of PostgreSQL"), "{read}");
    }
}
