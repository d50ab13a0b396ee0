//! Slips in files of rules: each with its hint or its warning.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them so"
)]

use expect_test::expect;

use super::tests::check;

#[test]
fn slips_have_hints() {
    let rule = |what: &str| format!("rules:\n- name: a\n  {what}");
    check(&rule("to: -"), &expect![[r#"a:[0] default:[0] ["-"]"#]]);
    check(
        &rule("to: drop\ndefault: -\n"),
        &expect![[r#"a:[] drop default:[0] ["-"]"#]],
    );
    check(
        &rule("to: drop\n  redact: *token*"),
        &expect![[r#"
        4:11: alias references unknown anchor
        put a text that begins with '*' in quotes"#]],
    );
    check(
        &rule("to: drop\n  when: \"foo bar\" == .x"),
        &expect![[r#"
            4:19: invalid trailing content after double-quoted scalar
            put all of a text that begins with a quote in quotes of the other kind"#]],
    );
    check(
        "rules:\n\t- name: a",
        &expect![[r#"
        2:2: tabs disallowed within this context (block indentation)
        indent with blanks"#]],
    );
    check(
        "rules:",
        &expect![[r#"
        1:6: 'rules' has nothing behind it
        write 'rules: []' for none"#]],
    );
    check(
        &rule("to: folder/"),
        &expect!["3:7: rule 'a': folder/: that is a folder"],
    );
    check(
        "destinations: {a: bdest, bdest: x.nd}\nrules: []",
        &expect![[r#"
            1:19: 'bdest' is a name, and no place
            write ./bdest for a file of that name"#]],
    );
    check(
        "destinations: {a: {to: bdest}}\nrules: []",
        &expect![[r#"
            1:24: 'bdest' is a name, and no place
            write ./bdest for a file of that name"#]],
    );
    check(
        "destinations: {a: folder/}\nrules: []",
        &expect!["1:19: folder/: that is a folder"],
    );
    check(
        &rule("to: drop\n  redact: {what: x, with: hash}"),
        &expect![[r#"
            4:27: rule 'a': redact: with: hash: there is no key
            name the file that has it: key: FILE"#]],
    );
    check(
        &rule("to: drop\n  redact: {what: x, with: hash, key: key}"),
        &expect![[r#"a:[] drop default:[0] ["-"]"#]],
    );
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    check(
        "destinations: {a: x.log, b: y.log}\nrules:\n- {name: all, to: b}\n- {name: never, to: drop}",
        &expect![[r#"
            all:[0] never:[] drop default:[1] ["y.log", "-"]
            4:3: rule 'never': never reached: rule 'all' takes all
            1:19: destination 'a' is not used"#]],
    );
    check(
        "rules:\n- {name: x, to: drop, continue: true}\n- {name: y, to: drop}",
        &expect![[r#"
            x:[] drop y:[] drop default:[0] ["-"]
            2:3: rule 'x': drops nothing: 'continue' has the records go on"#]],
    );
}
