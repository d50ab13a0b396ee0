//! What is read of MariaDB's and MySQL's logs of errors.

use expect_test::expect;

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

#[test]
fn entries_of_mariadb() {
    let sample = include_bytes!("../../../tests/data/samples/mariadb-error.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 16:56:36","level":"Warning","thread":0,"message":"Could not increase number of max_open_files to more than 20000 (request: 32184)"}
        {"time":"2026-11-30 16:56:36","level":"info","label":"Note","thread":0,"message":"InnoDB: End of log at LSN=44894"}
        {"time":"2026-11-30 16:56:36","level":"info","label":"Note","thread":0,"message":"InnoDB: Loading buffer pool(s) from /var/lib/mysql/ib_buffer_pool"}
        {"time":"2026-11-30 16:56:36","level":"info","label":"Note","thread":0,"message":"mariadbd: ready for connections.\nVersion: '10.11.19-MariaDB-0+deb12u1-log'  socket: '/run/mysqld/mysqld.sock'  port: 3399  Debian 12"}
        {"time":"2026-11-30 16:57:37","level":"Warning","thread":4,"message":"Access denied for user 'ada'@'localhost' (using password: YES)"}
        {"time":"2026-11-30 16:57:37","level":"Warning","thread":5,"message":"Access denied for user 'ada'@'localhost' to database 'none'"}
        {"time":"2026-11-30 16:57:39","level":"info","label":"Note","thread":9,"message":"InnoDB: Transactions deadlock detected, dumping detailed information."}
        {"time":"2026-11-30 16:57:39","level":"info","label":"Note","thread":9,"message":"InnoDB:\n*** (1) TRANSACTION:\nTRANSACTION 25, ACTIVE 2 sec starting index read\nmysql tables in use 1, locked 1\nLOCK WAIT 3 lock struct(s), heap size 1128, 2 row lock(s), undo log entries 1\nMariaDB thread id 9, OS thread handle 140679307912896, query id 22 localhost root Updating\nupdate orders set v=3 where n=2"}
        {"time":"2026-11-30 16:57:39","level":"info","label":"Note","thread":9,"message":"InnoDB: *** WAITING FOR THIS LOCK TO BE GRANTED:"}
        {"time":"2026-11-30 16:57:39","level":"info","label":"Note","thread":9,"message":"InnoDB: *** WE ROLL BACK TRANSACTION (1)"}
        {"time":"2026-11-30 16:57:39","level":"ERROR","thread":9,"message":"InnoDB: Transaction was aborted due to Deadlock"}
        {"time":"2026-11-30 16:57:41","level":"ERROR","thread":11,"message":"mariadbd: Got packets out of order"}
        {"time":"2026-11-30 16:57:41","level":"Warning","thread":11,"message":"Aborted connection 11 to db: 'unconnected' user: 'unauthenticated' host: 'localhost' (This connection closed normally without authentication)"}
        {"time":"2026-11-30 17:04:45","level":"ERROR","message":"mariadbd got signal 11 ;\nSorry, we probably made a mistake, and this is a bug.\nYour assistance in bug reporting will enable us to fix this for the next release.\nTo report this bug, see https://mariadb.com/docs/general-resources/community/community/bug-tracking/reporting-bugs about how to report\nmariadbd(handle_fatal_signal+0x269)[0x55b884f610f9]"}
        {"time":"2026-11-30 07:04:49","level":"info","label":"Note","thread":0,"message":"mariadbd: Aria engine: starting recovery\nrecovered pages: 0% 28% 39% 71% 92% 100% (0.0 seconds); tables to flush: 2 1 0\n (0.0 seconds);"}
        {"time":"2026-11-30 07:04:49","level":"info","label":"Note","thread":0,"message":"mariadbd: Aria engine: recovery done"}
        {"time":"2026-11-30 07:04:57","level":"info","label":"Note","thread":0,"message":"mariadbd: Shutdown complete"}
    "#]].assert_eq(&check("mysql"));
    assert_eq!(check("auto"), check("mysql"));
}

/// In the forms of its manual: none of these lines is of a server that ran here.
#[test]
fn entries_of_mysql() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = "2026-11-20T12:00:00.123456Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.40) starting as process 7
2026-11-20T12:00:00.123457Z 1 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11
2026-11-20T13:00:00.123458+01:00 8 [Warning] [MY-010055] [Server] IP address '10.0.0.9' could not be resolved
2026-11-20T12:00:00.123459Z 9 [Note] Access denied for user 'ada'@'localhost' (using password: YES)
with another line
2026-11-20T12:00:00.123459Z 9 [Note] [x] y
2026-11-20 12:00:00+00:00 [Warn] [Entrypoint]: MYSQL_PASSWORD is empty
2026-11-20 12:00:01 7 [Note] InnoDB: as MariaDB has it
261120 12:00:01 [Warning] as it was before
261120  1:00:01 [ERROR] mysqld got signal 11 ;
";
    let check = |format| decode(format, &settings, lines.as_bytes());
    expect![[r#"
        {"time":"2026-11-20T12:00:00.123456Z","level":"info","label":"System","thread":0,"error_code":"MY-010116","subsystem":"Server","message":"/usr/sbin/mysqld (mysqld 8.0.40) starting as process 7"}
        {"time":"2026-11-20T12:00:00.123457Z","level":"ERROR","thread":1,"error_code":"MY-012574","subsystem":"InnoDB","message":"Unable to lock ./ibdata1 error: 11"}
        {"time":"2026-11-20T13:00:00.123458+01:00","level":"Warning","thread":8,"error_code":"MY-010055","subsystem":"Server","message":"IP address '10.0.0.9' could not be resolved"}
        {"time":"2026-11-20T12:00:00.123459Z","level":"info","label":"Note","thread":9,"message":"Access denied for user 'ada'@'localhost' (using password: YES)\nwith another line"}
        {"time":"2026-11-20T12:00:00.123459Z","level":"info","label":"Note","thread":9,"message":"[x] y"}
        {"time":"2026-11-20 12:00:00+00:00","level":"Warn","subsystem":"Entrypoint","message":"MYSQL_PASSWORD is empty"}
        {"time":"2026-11-20T11:00:01Z","level":"info","label":"Note","thread":7,"message":"InnoDB: as MariaDB has it"}
        {"time":"2026-11-20T11:00:01Z","level":"Warning","message":"as it was before"}
        {"time":"2026-11-20T00:00:01Z","level":"ERROR","message":"mysqld got signal 11 ;"}
    "#]].assert_eq(&check("mysql"));
    assert_eq!(check("auto"), check("mysql"));
}

#[test]
fn mysql_in_a_container() {
    let lines = "db-1  | 2026-11-20 12:00:00+00:00 [Note] [Entrypoint]: Starting temporary server
db-1  | 2026-11-20  9:00:00 0 [Note] mariadbd: ready for connections.
db-1  | Version: '10.11.19-MariaDB'
db-1  | 2026-11-20  9:00:01 4 [Warning] Access denied for user 'ada'@'localhost'
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00+00:00","level":"info","label":"Note","subsystem":"Entrypoint","message":"Starting temporary server","service":"db-1"}
        {"time":"2026-11-20 09:00:00","level":"info","label":"Note","thread":0,"message":"mariadbd: ready for connections.","service":"db-1"}
        {"service":"db-1","message":"Version: '10.11.19-MariaDB'"}
        {"time":"2026-11-20 09:00:01","level":"Warning","thread":4,"message":"Access denied for user 'ada'@'localhost'","service":"db-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "2026-11-20 12:00:00 [ERROR] of anybody",
        "2026-11-20 12:00:00,123 7 [ERROR] of Python",
        "2026-11-20 12:00:00 7 [INFO] of anybody",
        "2026-11-31 12:00:00 7 [Note] x",
        "2026-11-20 12:00:00+00:00 [Note] of anybody",
        "261120 12:00:01 7 [Note] x",
    ] {
        let read = decode("mysql", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no log of MySQL"), "{read}");
    }
}
