//! What is read of MariaDB's and MySQL's logs of slow queries.

use expect_test::expect;

use crate::{
    decode::format::{Settings, tests::decode},
    record::Zone,
};

#[test]
fn entries_of_mariadb() {
    let sample = include_bytes!("../../../tests/data/samples/mariadb-slow.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"message":"mariadbd, Version: 10.11.19-MariaDB-0+deb12u1-log (Debian 12). started with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime\t\t    Id Command\tArgument"}
        {"logged":"2026-11-30 20:41:08","user":"root","client":"localhost","thread":3,"qc_hit":"No","duration":0.000176,"lock_time":0.000000,"rows_sent":0,"rows_examined":0,"rows_affected":1,"bytes_sent":11,"time":"2026-11-30T20:41:08Z","message":"create database shop;"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.001770,"lock_time":0.000111,"rows_sent":0,"rows_examined":0,"rows_affected":0,"bytes_sent":11,"time":"2026-11-30T20:41:08Z","message":"create table orders (n int primary key, state varchar(20), v int);"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.000541,"lock_time":0.000299,"rows_sent":0,"rows_examined":0,"rows_affected":3,"bytes_sent":50,"time":"2026-11-30T20:41:08Z","message":"insert into orders values (1,'open',10),(2,'paid',20),(3,'open',30);"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.000249,"lock_time":0.000050,"rows_sent":2,"rows_examined":7,"rows_affected":0,"bytes_sent":134,"time":"2026-11-30T20:41:08Z","message":"select state, count(*)\nfrom orders\n  where v > 5\n\ngroup by state\norder by 2 desc;"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.050153,"lock_time":0.000000,"rows_sent":1,"rows_examined":0,"rows_affected":0,"bytes_sent":68,"time":"2026-11-30T20:41:08Z","message":"select sleep(0.05);"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.000578,"lock_time":0.000100,"rows_sent":0,"rows_examined":3,"rows_affected":2,"bytes_sent":52,"time":"2026-11-30T20:41:08Z","message":"update orders set v = v + 1 where state = 'open';"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.000062,"lock_time":0.000000,"rows_sent":0,"rows_examined":0,"rows_affected":0,"bytes_sent":44,"time":"2026-11-30T20:41:08Z","message":"select * from none;"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":4,"db":"shop","qc_hit":"No","duration":0.000193,"lock_time":0.000049,"rows_sent":2,"rows_examined":10,"rows_affected":0,"bytes_sent":122,"pages_accessed":2,"pages_read":0,"pages_prefetched":0,"pages_updated":0,"old_rows_read":0,"pages_read_time":0.0000,"engine_time":0.0063,"tmp_tables":1,"tmp_disk_tables":0,"tmp_table_sizes":2097120,"full_scan":"Yes","full_join":"Yes","tmp_table":"Yes","tmp_table_on_disk":"No","filesort":"Yes","filesort_on_disk":"No","merge_passes":0,"priority_queue":"Yes","explain":"id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n1\tSIMPLE\to\tALL\tNULL\tNULL\tNULL\tNULL\t3\t3.00\t100.00\t100.00\tUsing temporary; Using filesort\n1\tSIMPLE\tp\tALL\tNULL\tNULL\tNULL\tNULL\t3\t3.00\t100.00\t55.56\tUsing where; Using join buffer (flat, BNL join)","time":"2026-11-30T20:41:08Z","message":"select o.n, p.v from orders o join orders p on p.state = o.state order by p.v limit 2;"}
        {"logged":"2026-11-30 20:41:09","user":"root","client":"localhost","thread":5,"db":"shop","qc_hit":"No","duration":0.000098,"lock_time":0.000000,"rows_sent":1,"rows_examined":0,"rows_affected":0,"bytes_sent":80,"time":"2026-11-30T20:41:09Z","message":"select now();"}
        {"user":"ada","client":"127.0.0.1","client_host":"localhost","thread":8,"db":"shop","qc_hit":"No","duration":0.000007,"lock_time":0.000000,"rows_sent":1,"rows_examined":0,"rows_affected":0,"bytes_sent":58,"time":"2026-11-30T20:41:20Z","message":"/* who asks: 7\n   in two lines */ select 1;"}
        {"user":"root","client":"localhost","thread":10,"db":"shop","qc_hit":"No","duration":0.000110,"lock_time":0.000000,"rows_sent":0,"rows_examined":0,"rows_affected":0,"bytes_sent":30,"time":"2026-11-30T20:41:21Z","message":"prepare s from 'select * from orders where n = ?';"}
    "#]].assert_eq(&check("mysql-slow"));
    assert_eq!(check("auto"), check("mysql-slow"));
}

/// In the forms of its manual and of Percona's: none of these lines is of a server that ran here.
#[test]
fn entries_of_mysql() {
    let lines = "/usr/sbin/mysqld, Version: 8.4.0 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time                 Id Command    Argument
# Time: 2026-11-20T12:00:00.400424Z
# User@Host: ada[ada] @ localhost []  Id:    12
# Query_time: 0.000237  Lock_time: 0.000004 Rows_sent: 0  Rows_examined: 0
SET timestamp=1795176000;
select * from t;
# Time: 2026-11-20T13:00:01.400424+01:00
# User@Host: root[ada] @ db.example [10.0.0.9]  Id:    12
# Query_time: 1.000244  Lock_time: 0.000003 Rows_sent: 0  Rows_examined: 0 Thread_id: 12 Errno: 0 Killed: 0 Bytes_received: 22 Read_rnd_next: 1 Start: 2026-11-20T12:00:00.474744Z End: 2026-11-20T12:00:01.474988Z Schema: my shop Rows_affected: 0
use shop;
SET last_insert_id=3,insert_id=4,timestamp=1795176000;
insert into t
  values (';
# Query_time: 7
');
# Time: 2026-11-20T12:00:02.400424Z
# User@Host: [SQL_REPLICA] @  []
# Schema:   Last_errno: 0  Killed: 0
# No InnoDB statistics available for this query
SET timestamp=1795176002;
# administrator command: Quit;
# User@Host: ada[ada] @  [10.0.0.9]
no time;
";
    let check = |format| decode(format, &Settings::default(), lines.as_bytes());
    expect![[r#"
        {"message":"/usr/sbin/mysqld, Version: 8.4.0 (MySQL Community Server - GPL). started with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime                 Id Command    Argument"}
        {"time":"2026-11-20T12:00:00.400424Z","user":"ada","client":"localhost","thread":12,"duration":0.000237,"lock_time":0.000004,"rows_sent":0,"rows_examined":0,"set_timestamp":1795176000,"message":"select * from t;"}
        {"time":"2026-11-20T13:00:01.400424+01:00","user":"ada","account":"root","client":"10.0.0.9","client_host":"db.example","thread":12,"duration":1.000244,"lock_time":0.000003,"rows_sent":0,"rows_examined":0,"errno":0,"killed":0,"bytes_received":22,"read_rnd_next":1,"start":"2026-11-20T12:00:00.474744Z","end":"2026-11-20T12:00:01.474988Z","db":"my shop","rows_affected":0,"last_insert_id":3,"insert_id":4,"set_timestamp":1795176000,"message":"insert into t\n  values (';\n# Query_time: 7\n');"}
        {"time":"2026-11-20T12:00:02.400424Z","user":"SQL_REPLICA","last_errno":0,"killed":0,"comment":"No InnoDB statistics available for this query","set_timestamp":1795176002,"message":"administrator command: Quit;"}
        {"user":"ada","client":"10.0.0.9","message":"no time;"}
    "#]].assert_eq(&check("mysql-slow"));
    assert_eq!(check("auto"), check("mysql-slow"));
}

#[test]
fn a_time_of_the_wall_is_beside_that_of_the_statement() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = "# Time: 261120  3:00:00
# User@Host: ada[ada] @ localhost []
SET timestamp=1795140000;
select 1;
# Time: 261120  3:00:01
";
    expect![[r#"
        {"logged":"2026-11-20T02:00:00Z","user":"ada","client":"localhost","time":"2026-11-20T02:00:00Z","message":"select 1;"}
        {"logged":"2026-11-20T02:00:01Z"}
    "#]].assert_eq(&decode("mysql-slow", &settings, lines.as_bytes()));
}

#[test]
fn a_statement_ends_where_another_entry_begins() {
    let lines = "# User@Host: ada[ada] @ localhost []
SET timestamp=1795140000;
select 'cut off
# User@Host: ada[ada] @ localhost []
# explain: a
# explain: b
SET timestamp=1795140001;
create procedure p()
begin
  select 1;

  select 2;
end;
2026-11-20  3:00:01 0 [Note] of another log
";
    expect![[r#"
        {"user":"ada","client":"localhost","time":"2026-11-20T02:00:00Z","message":"select 'cut off"}
        {"user":"ada","client":"localhost","explain":"a\nb","time":"2026-11-20T02:00:01Z","message":"create procedure p()\nbegin\n  select 1;\n  select 2;\nend;"}
        {"time":"2026-11-20 03:00:01","level":"info","label":"Note","thread":0,"message":"of another log"}
    "#]].assert_eq(&decode("auto", &Settings::default(), lines.as_bytes()));
}

#[test]
fn entries_in_a_container() {
    let lines = "db-1  | # Time: 2026-11-20T12:00:00.400424Z
db-1  | # User@Host: ada[ada] @ localhost []  Id:    12
db-1  | SET timestamp=1795176000;
db-1  | select *
db-1  | from t;
db-1  | not in its form
";
    expect![[r#"
        {"time":"2026-11-20T12:00:00.400424Z","service":"db-1","user":"ada","client":"localhost","thread":12,"set_timestamp":1795176000,"message":"select *\nfrom t;"}
        {"service":"db-1","message":"not in its form"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "# Time: 12:00:00",
        "# Time: 261131 12:00:00",
        "# Time: 2026-11-20",
        "# User@Host: ada",
        "# User@Host: ada[ada] @ localhost",
        "# Query_time: 1",
        "2026-11-20 /usr/sbin/mysqld, Version: 8.4.0 (GPL). started with:",
        ", Version: 8.4.0 (GPL). started with:",
        "a b, Version: 8.4.0 (GPL). started with:",
        "select 1;",
    ] {
        let read = decode("mysql-slow", &Settings::default(), line.as_bytes());
        assert!(
            read.starts_with("rejected (no log of slow queries"),
            "{read}"
        );
    }
}
