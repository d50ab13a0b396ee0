//! What is read of RabbitMQ's log, and which lines of it are one message.

use expect_test::expect;

use crate::{
    decode::format::{
        Settings,
        tests::{PASSED_OVER, decode, decode_slowly},
    },
    record::Zone,
};

#[test]
fn entries_of_rabbitmq() {
    let sample = include_bytes!("../../../tests/data/samples/rabbitmq.txt");
    let check = |format| decode(format, &Settings::default(), sample);
    expect![[r#"
        {"time":"2026-11-30 16:56:17.946510+00:00","level":"info","process":"<0.223.0>","message":" Starting RabbitMQ 3.10.8 on Erlang 25.2.3 [jit]"}
        {"time":"2026-11-30 16:56:25.223604+00:00","level":"info","process":"<0.669.0>","message":"started TCP listener on [::]:5673"}
        {"time":"2026-11-30 16:56:25.414859+00:00","level":"info","process":"<0.651.0>","message":"Server startup complete; 0 plugins started."}
        {"time":"2026-11-30 16:57:26.273167+00:00","level":"info","process":"<0.672.0>","message":"accepting AMQP connection <0.672.0> (127.0.0.1:37412 -> 127.0.0.1:5673)"}
        {"time":"2026-11-30 16:57:26.278944+00:00","level":"info","process":"<0.672.0>","message":"connection <0.672.0> (127.0.0.1:37412 -> 127.0.0.1:5673) has a client-provided name: shop-worker"}
        {"time":"2026-11-30 16:57:26.286705+00:00","level":"info","process":"<0.672.0>","message":"connection <0.672.0> (127.0.0.1:37412 -> 127.0.0.1:5673 - shop-worker): user 'guest' authenticated and granted access to vhost '/'"}
        {"time":"2026-11-30 16:57:26.305752+00:00","level":"error","process":"<0.682.0>","message":"Channel error on connection <0.672.0> (127.0.0.1:37412 -> 127.0.0.1:5673, vhost: '/', user: 'guest'), channel 1:\noperation queue.declare caused a channel exception precondition_failed: inequivalent arg 'durable' for queue 'orders' in vhost '/': received 'false' but current is 'true'"}
        {"time":"2026-11-30 16:57:26.362673+00:00","level":"info","process":"<0.716.0>","message":"accepting AMQP connection <0.716.0> (127.0.0.1:37424 -> 127.0.0.1:5673)"}
        {"time":"2026-11-30 16:57:26.364540+00:00","level":"error","process":"<0.716.0>","message":"Error on AMQP connection <0.716.0> (127.0.0.1:37424 -> 127.0.0.1:5673, state: starting):\nPLAIN login refused: user 'guest' - invalid credentials"}
        {"time":"2026-11-30 16:57:26.369133+00:00","level":"info","process":"<0.716.0>","message":"closing AMQP connection <0.716.0> (127.0.0.1:37424 -> 127.0.0.1:5673)"}
        {"time":"2026-11-30 16:57:26.403228+00:00","level":"error","process":"<0.729.0>","message":"closing AMQP connection <0.729.0> (127.0.0.1:37448 -> 127.0.0.1:5673):\n{bad_header,<<\"GET / HT\">>}"}
        {"time":"2026-11-30 16:57:26.708153+00:00","level":"warning","process":"<0.734.0>","message":"closing AMQP connection <0.734.0> (127.0.0.1:37460 -> 127.0.0.1:5673):\nclient unexpectedly closed TCP connection"}
        {"time":"2026-11-30 16:57:32.761461+00:00","level":"error","process":"<0.739.0>","message":"closing AMQP connection <0.739.0> (127.0.0.1:37476 -> 127.0.0.1:5673):\nmissed heartbeats from client, timeout: 2s"}
        {"time":"2026-11-30 16:58:35.751937+00:00","level":"error","process":"<0.786.0>","message":"Error in process <0.786.0> on node rabbit@localhost with exit value:\n{boom,[{erl_eval,do_apply,7,[{file,\"erl_eval.erl\"},{line,742}]}]}"}
        {"time":"2026-11-30 16:58:35.752085+00:00","level":"error","process":"<0.787.0>","message":"  crasher:\n    initial call: erl_eval:'-expr/6-fun-2-'/0\n    pid: <0.787.0>\n    registered_name: []\n    exception error: boom2\n    ancestors: [<0.785.0>]\n  neighbours:"}
        {"time":"2026-11-30 17:00:36.734908+00:00","level":"info","process":"<0.288.0>","message":"Memory high watermark set to 24 MiB (25276502 bytes) of 24105 MiB (25276502016 bytes) total"}
        {"time":"2026-11-30 17:00:36.735351+00:00","level":"info","process":"<0.288.0>","message":"vm_memory_high_watermark set. Memory used:121577472 allowed:25276502"}
        {"time":"2026-11-30 17:01:47.366270+00:00","level":"debug","process":"<0.223.0>","message":"Change boot state to `stopping`"}
        {"time":"2026-11-30 17:01:47.439723+00:00","level":"notice","process":"<0.44.0>","message":"Application rabbit exited with reason: stopped"}
    "#]].assert_eq(&check("rabbitmq"));
    assert_eq!(check("auto"), check("rabbitmq"));
}

#[test]
fn what_else_entries_tell() {
    let settings = Settings {
        zone: Zone::read("Europe/Berlin"),
        ..Settings::default()
    };
    let lines = "2026-11-20T12:00:00.123456+00:00 [warn] <0.1.0> with a T
2026-11-20 12:00:00.123456+00:00 [error] <0.1.0>
2026-11-20 12:00:00.123456+00:00 [error] <0.1.0> first
2026-11-20 12:00:00.123456+00:00 [error] <0.1.0>  second
2026-11-20 12:00:00.123456+00:00 [error] <0.2.0> of another process
2026-11-20 12:00:00.123457+00:00 [error] <0.2.0> of another time
2026-11-20 12:00:00.123457+00:00 [warning] <0.2.0> of another level
2026-11-20 12:00:00.123 [info] <0.2.0> before 3.9
 with another line
2026-11-20 12:00:00.123 [info] <0.2.0> within a millisecond
";
    let check = |format| decode(format, &settings, lines.as_bytes());
    expect![[r#"
        {"time":"2026-11-20T12:00:00.123456+00:00","level":"warn","process":"<0.1.0>","message":"with a T"}
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.1.0>","message":"first\n second"}
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.2.0>","message":"of another process"}
        {"time":"2026-11-20 12:00:00.123457+00:00","level":"error","process":"<0.2.0>","message":"of another time"}
        {"time":"2026-11-20 12:00:00.123457+00:00","level":"warning","process":"<0.2.0>","message":"of another level"}
        {"time":"2026-11-20T11:00:00.123Z","level":"info","process":"<0.2.0>","message":"before 3.9\n with another line"}
        {"time":"2026-11-20T11:00:00.123Z","level":"info","process":"<0.2.0>","message":"within a millisecond"}
    "#]].assert_eq(&check("rabbitmq"));
    assert_eq!(check("auto"), check("rabbitmq"));
}

#[test]
fn lines_that_come_one_by_one_are_records() {
    let lines = "2026-11-20 12:00:00.123456+00:00 [error] <0.1.0> first
2026-11-20 12:00:00.123456+00:00 [error] <0.1.0> second
";
    expect![[r#"
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.1.0>","message":"first"}
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.1.0>","message":"second"}
    "#]].assert_eq(&decode_slowly(
        "rabbitmq",
        &Settings::default(),
        lines.as_bytes(),
    ));
    let lines = lines.replace("first\n", &format!("first\n{PASSED_OVER}\n"));
    expect![[r#"
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.1.0>","message":"first","dl":{"recv":{"partial":true}}}
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.1.0>","message":"second"}
    "#]].assert_eq(&decode("rabbitmq", &Settings::default(), lines.as_bytes()));
}

#[test]
fn rabbitmq_in_a_container() {
    let lines = "mq-1   | 2026-11-20 12:00:00.123456+00:00 [error] <0.1.0> Error on AMQP connection <0.1.0>:
web-1  | up
mq-1   | 2026-11-20 12:00:00.123456+00:00 [error] <0.1.0> login refused
mq-1   |   ##  ##      RabbitMQ 3.10.8
mq-1   | 2026-11-20 12:00:00.123457+00:00 [info] <0.1.0> closing
";
    expect![[r#"
        {"service":"web-1","message":"up"}
        {"time":"2026-11-20 12:00:00.123456+00:00","level":"error","process":"<0.1.0>","message":"Error on AMQP connection <0.1.0>:\nlogin refused","service":"mq-1"}
        {"service":"mq-1","message":"  ##  ##      RabbitMQ 3.10.8"}
        {"time":"2026-11-20 12:00:00.123457+00:00","level":"info","process":"<0.1.0>","message":"closing","service":"mq-1"}
    "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
}

#[test]
fn what_is_no_entry_is_rejected() {
    for line in [
        "oops",
        "2026-11-20 12:00:00.123456+00:00 [info] up",
        "2026-11-20 12:00:00.123456+00:00 [info] <0.1> up",
        "2026-11-20 12:00:00.123456+00:00 [info] <0.1.0>up",
        "2026-11-20 12:00:00.123456+00:00 [x] <0.1.0> up",
        "2026-11-20 12:00:00.123456+00:00 x [info] <0.1.0> up",
        "2026-11-31 12:00:00.123456+00:00 [info] <0.1.0> up",
    ] {
        let read = decode("rabbitmq", &Settings::default(), line.as_bytes());
        assert!(read.starts_with("rejected (no log of RabbitMQ"), "{read}");
    }
}
