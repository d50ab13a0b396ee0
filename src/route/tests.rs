//! Files of rules that are wrong, each with its message.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them so"
)]

use std::fmt::Write;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::Rules;
use crate::record::Instant;

pub(super) fn parse(text: &str) -> Result<Rules, super::RuleError> {
    let read = |name: &str| match name {
        "key" => Ok(vec![b'k'; 32]),
        "short" => Ok(b"abc".to_vec()),
        other => Err(format!("{other}: no such file")),
    };
    let usable = |to: &crate::endpoint::Endpoint| match to.to_string().as_str() {
        "folder/" => Err("folder/: that is a folder".to_owned()),
        _ => Ok(()),
    };
    Rules::parse(text, Instant(0), &read, &usable)
}

/// What is said about a file of rules: the message, and the hint under it.
pub(super) fn check(text: &str, expect: &Expect) {
    let said = match parse(text) {
        Err(error) => match error.suggestion() {
            Some(hint) => format!("{error}\n{hint}"),
            None => error.to_string(),
        },
        Ok(rules) => {
            let names = rules.rules.iter().map(|rule| {
                let drop = if rule.to.is_empty() { " drop" } else { "" };
                format!("{}:{:?}{drop}", rule.name, rule.to)
            });
            let names = names.collect::<Vec<_>>().join(" ");
            let places: Vec<_> = rules
                .destinations
                .iter()
                .map(|to| format!("{}", to.endpoint))
                .collect();
            let warnings: Vec<_> = rules.warnings.iter().map(ToString::to_string).collect();
            let warnings = warnings.join("\n");
            format!("{names} default:{:?} {places:?}\n{warnings}", rules.default)
                .trim_end()
                .to_owned()
        }
    };
    let lines: Vec<_> = said.lines().map(str::trim_end).collect();
    expect.assert_eq(&lines.join("\n"));
}

#[test]
fn yaml_that_is_none() {
    check(
        "",
        &expect![[r#"
        1:1: the file is empty
        a file of rules begins with 'rules:'"#]],
    );
    check(
        "# nothing\n",
        &expect![[r#"
        1:1: the file is empty
        a file of rules begins with 'rules:'"#]],
    );
    check("rules: [", &expect!["1:8: unclosed bracket '['"]);
    check(
        "rules:\n  - name: a\n   to: -\n",
        &expect!["3:4: while parsing a block collection, did not find expected '-' indicator"],
    );
    check(
        "rules:\n  - name: a\n    when: message == a: b\n",
        &expect![[r#"
            3:23: mapping values are not allowed in this context
            put a text with ': ' in it in quotes"#]],
    );
    check(
        "rules: []\n---\nrules: []\n",
        &expect!["3:1: a second document begins here"],
    );
    check(
        "rules: &a [*a]",
        &expect!["1:12: recursive references require weak recursion types"],
    );
    check(
        "rules:\n  - <<: {name: a}\n    to: drop\n",
        &expect!["2:5: YAML merge keys are not allowed by configured policy"],
    );
    check(
        "just words",
        &expect!["1:1: expected a mapping with 'rules', found a text"],
    );
    check(
        "- name: a\n  to: drop\n",
        &expect!["1:1: expected a mapping with 'rules', found a list"],
    );
}

#[test]
fn keys_and_types() {
    check(
        "rule: []",
        &expect![[r#"
        1:1: unknown key 'rule'
        did you mean 'rules'?"#]],
    );
    check("default: drop", &expect!["1:1: 'rules' is missing"]);
    check(
        "rules: {}",
        &expect!["1:8: expected a list of rules, found a mapping"],
    );
    check(
        "rules: []\ndefault: []",
        &expect!["2:10: expected a destination, found an empty list"],
    );
    check(
        "rules: [x]",
        &expect!["1:9: expected a rule, which is a mapping, found a text"],
    );
    check(
        "rules:\n- when: true\n  to: drop",
        &expect![[r#"
        2:3: the rule has no name
        begin it with '- name: …'"#]],
    );
    check(
        "rules:\n- Name: a\n  to: drop",
        &expect![[r#"
        2:3: unknown key 'Name'
        did you mean 'name'?"#]],
    );
    check(
        "rules:\n- name: 404\n  to: drop",
        &expect![[r#"
        2:9: expected a name, found a number
        put it in quotes"#]],
    );
    check(
        "rules:\n- name: a",
        &expect![[r#"
        2:3: rule 'a': 'to' is missing
        name a destination, or 'drop'"#]],
    );
    check(
        "rules:\n- {name: a, to: drop, continue: yes}",
        &expect!["2:33: rule 'a': expected true or false, found a text"],
    );
    check(
        "rules:\n- {name: a, to: drop, contine: true}",
        &expect![[r#"
        2:23: rule 'a': unknown key 'contine'
        did you mean 'continue'?"#]],
    );
    check(
        "rules:\n- {name: a, to: drop, to: x.log}",
        &expect!["2:23: 'to' stands in line 2 already"],
    );
    check(
        "rules:\n- {name: a, to: drop}\n- {name: a, to: drop}",
        &expect!["3:3: another rule is called 'a' already"],
    );
    check(
        "rules:\n- {name: 'a\n\n b', to: drop}",
        &expect!["2:10: a name has up to 60 characters on one line"],
    );
    check(
        "rules:\n- {name: a, to: drop, when: [x]}",
        &expect!["2:29: rule 'a': expected an expression, found a list"],
    );
    check(
        "rules:\n- name: a\n  to:\n  when:\n",
        &expect![[r#"
        2:3: rule 'a': 'to' is missing
        name a destination, or 'drop'"#]],
    );
}

#[test]
fn expressions() {
    check(
        "rules:\n- name: a\n  when: level => error\n  to: drop",
        &expect![[r#"
            3:15: rule 'a': when: column 7: no operator '=>'
                level => error
                      ^^ did you mean '>='?"#]],
    );
    check(
        "rules:\n- name: a\n  when: 'a = 1'\n  to: drop",
        &expect![[r#"
            3:12: rule 'a': when: column 3: no operator '='
                a = 1
                  ^ did you mean '=='?"#]],
    );
    check(
        "rules:\n- name: a\n  when: >\n    a == 1 and\n    b = 2\n  to: drop",
        &expect![[r#"
            4:5: rule 'a': when: column 14: no operator '='
                a == 1 and b = 2
                             ^ did you mean '=='?"#]],
    );
    check(
        "rules:\n- name: a\n  when: |\n    a == 1 and\n    b = 2\n  to: drop",
        &expect![[r#"
            4:5: rule 'a': when: line 2, column 3: no operator '='
                b = 2
                  ^ did you mean '=='?"#]],
    );
    check(
        "rules:\n- name: a\n  when: \"a == \\\"x\\\" or b = 2\"\n  to: drop",
        &expect![[r#"
            3:9: rule 'a': when: column 15: no operator '='
                a == "x" or b = 2
                              ^ did you mean '=='?"#]],
    );
    check(
        "rules:\n- name: a\n  when: ''\n  to: drop",
        &expect![[r#"
            3:10: rule 'a': when: column 1: the expression is empty
    
                ^ 'true' selects every record"#]],
    );
    check(
        "rules:\n- {name: a, when: true, to: drop}",
        &expect![[r#"a:[] drop default:[0] ["-"]"#]],
    );
}

#[test]
fn destinations() {
    check(
        "rules:\n- {name: a, to: out}",
        &expect![[r#"
        2:17: rule 'a': no destination 'out'
        write ./out for a file of that name"#]],
    );
    check(
        "destinations: {out: o.log}\nrules:\n- {name: a, to: uot}",
        &expect![[r#"
            3:17: rule 'a': no destination 'uot'
            did you mean 'out'?"#]],
    );
    check(
        "rules:\n- {name: a, to: [drop, x.log]}",
        &expect!["2:18: rule 'a': 'drop' stands alone"],
    );
    check(
        "rules:\n- {name: a, to: [x.log, x.log]}",
        &expect!["2:25: rule 'a': 'x.log' stands here twice"],
    );
    check(
        "rules:\n- {name: a, to: ''}",
        &expect!["2:17: rule 'a': : the path is empty"],
    );
    check(
        "rules:\n- {name: a, to: 'exec:'}",
        &expect!["2:17: rule 'a': exec:: the command is missing"],
    );
    check(
        "rules:\n- {name: a, to: 'tcpp://x'}",
        &expect![
            "2:17: rule 'a': tcpp://x: unknown scheme (known are -, a path, file:PATH, sqlite:PATH, parquet:FOLDER, postgres://HOST/DATABASE, clickhouse://HOST/DATABASE, clickhouse+tls://HOST/DATABASE, nats://HOST/STREAM, nats+tls://HOST/STREAM, tcp://HOST:PORT, ipc://PATH, pub+tcp://HOST:PORT, pub+ipc://PATH, exec:COMMAND; for dl-recv sub+tcp, sub+ipc, ndjson+tcp, ndjson+tls, ndjson+unix, pylog+tcp, pylog+tls, pylog+udp, pylog+http, pylog+https, syslog+tcp, syslog+tls, syslog+udp, gelf+tcp, gelf+tls, gelf+udp, otlp+http, otlp+https)"
        ],
    );
    check(
        "rules:\n- {name: a, to: {x: y}}",
        &expect!["2:17: rule 'a': expected a destination, found a mapping"],
    );
    check(
        "destinations: {drop: o.log}\nrules: []",
        &expect![[r#"
        1:22: 'drop' cannot be the name of a destination
        a name has letters, digits, '_' and '-', and is not 'drop'"#]],
    );
    check(
        "destinations: {a: {topic: x}}\nrules: []",
        &expect!["1:19: 'to' is missing"],
    );
    check(
        "destinations: {a: {to: x.log, topic: x}}\nrules: []",
        &expect!["1:38: only ZeroMQ messages have a topic"],
    );
    check(
        "destinations: {a: {to: x.log, tpoic: x}}\nrules: []",
        &expect![[r#"
            1:31: unknown key 'tpoic'
            did you mean 'topic'?"#]],
    );
    check(
        "destinations: {a: x.log, b: 'exec:cat -n', unused: u.log}\nrules:\n- {name: one, to: [a, '-']}\n- {name: two, to: [x.log, b, ./a]}\n- {name: three, to: drop}\ndefault: [a, tcp://h:1]",
        &expect![[r#"
            one:[0, 1] two:[0, 2, 3] three:[] drop default:[0, 4] ["x.log", "-", "exec:cat -n", "./a", "tcp://h:1"]
            4:3: rule 'two': never reached: rule 'one' takes all
            5:3: rule 'three': never reached: rule 'one' takes all
            1:52: destination 'unused' is not used"#]],
    );
    check("rules: []", &expect![[r#" default:[0] ["-"]"#]]);
    check("rules: []\ndefault: drop", &expect![" default:[] []"]);
}

#[test]
fn cleaning() {
    let rule = |what: &str| format!("rules:\n- name: a\n  to: drop\n  {what}");
    check(
        &rule("sample: 1/0"),
        &expect![[r#"
        4:11: rule 'a': sample: no share of the whole: '1/0'
        write 1/100, 0.01 or 1%"#]],
    );
    check(
        &rule("sample: 1/100 by"),
        &expect![[r#"
        4:11: rule 'a': sample: no share of the whole: '1/100 by'
        write 1/100, 0.01 or 1%"#]],
    );
    check(
        &rule("sample: [1]"),
        &expect![
            "4:11: rule 'a': expected a share such as 1/100, or '1/100 by tree', found a list"
        ],
    );
    check(
        &rule("throttle: fast"),
        &expect![[r#"
            4:13: rule 'a': throttle: no rate: 'fast'
            write a number of records and a unit of time: 100/s, 600/m, 1000/h or 9/d"#]],
    );
    check(
        &rule("throttle: 5"),
        &expect![[r#"
            4:13: rule 'a': throttle: no rate: '5'
            write a number of records and a unit of time: 100/s, 600/m, 1000/h or 9/d"#]],
    );
    check(
        &rule("redact: [1]"),
        &expect![[r#"
        4:12: rule 'a': expected the name of a field or a pattern, found a number
        put it in quotes"#]],
    );
    check(
        &rule("redact: []"),
        &expect!["4:11: rule 'a': expected what is to be redacted, found an empty list"],
    );
    check(
        &rule("redact: {with: x}"),
        &expect!["4:11: rule 'a': redact: 'what' is missing"],
    );
    check(
        &rule("redact: {what: a, with: x, key: key}"),
        &expect!["4:35: rule 'a': redact: 'with' and 'key' exclude each other"],
    );
    check(
        &rule("redact: {what: a, key: none}"),
        &expect!["4:26: rule 'a': redact: none: no such file"],
    );
    check(
        &rule("redact: {what: a, key: short}"),
        &expect![[r#"
        4:26: rule 'a': redact: a key of 3 bytes is too short, 16 are the least
        make one with: head -c 32 /dev/urandom | base64 > FILE"#]],
    );
    check(
        &rule(
            "redact: {what: [a, email], key: key}\n  sample: 0.5 by .user\n  throttle: 10/m by logger",
        ),
        &expect![[r#"a:[] drop default:[0] ["-"]"#]],
    );
}

#[test]
fn many_fields_are_refused_before_a_reader_is_full() {
    let mut text = String::from("rules:\n");
    for rule in 0..80 {
        let any: Vec<_> = (0..900).map(|n| format!(".f{rule}x{n} == 1")).collect();
        let any = any.join(" or ");
        let _ = writeln!(text, "- {{name: r{rule}, to: drop, when: '{any}'}}");
    }
    check(
        &text,
        &expect!["1:1: all expressions together are longer than 65536 bytes"],
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(rules|default|destinations|name|to|when|-|:|\\[|\\]|\\{|\\}|[ \n'\"&*!|>a1.]){0,40}") {
        let _ = parse(&text);
    }
}
