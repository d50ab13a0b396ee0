//! What a record says stays words: no view lets a control character of it through.

mod lines;
mod pager;
mod trees;
mod views;

use distlog::{
    record::Lines,
    render::{
        Columns, Format, LineOptions, LineView, Palette, RecordsShown, Style, Table, TreeOptions,
        TreeView,
    },
    tree,
};
use proptest::prelude::*;

use crate::{
    support::{newlines, program, samples},
    tries::tries,
};

/// Every view, over records and over their trees.
const VIEWS: [&[&str]; 4] = [
    &["--records", "all"],
    &["--records", "all", "--ascii", "--width", "40"],
    &["--to", "table"],
    &["--to", "table", "--ascii", "--width", "40"],
];

/// Rows of one's own, which have no place for what is no record.
const COLUMNS: &[&str] = &["--columns", "tree,message,raw=.message,.context"];

/// A string as it may stand between quotes of JSON: hostile, escaped, or not even text.
pub(crate) fn hostile() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"\x1b[2J",
        b"\x1b]0;owned\x07",
        b"\\u001b[31m",
        b"\\u009b31m",
        b"\xC2\x9B2J",
        b"\x9b",
        b"\x07",
        b"\x08\x08",
        b"\\b",
        b"\\r",
        b"\r",
        b"\\n",
        b"\\n\\u001b[A",
        b"\\u0000",
        b"\x00",
        b"\x7f",
        b"\\u007f",
        b"\xE2\x80\xAE",
        b"\\u202e",
        b"\\u2066",
        b"\\u200f",
        b"\\u061c",
        b"\\u2028",
        b"\xFF\xFE",
        b"\xF0\x9F",
        b"\\udce9",
        b"\\ud83d\\ude42",
        b"\x0b\x0c",
        b"\\u0085",
        b"\xC2\x85",
        b"plain",
        b" ",
        b"\\\"",
        b"\\\\",
        b"\\t",
        b"\t",
        b"=",
        b"/",
        b"\xC3\xA9",
    ];
    let piece = prop_oneof![4 => prop::sample::select(PIECES).prop_map(<[u8]>::to_vec), 1 => prop::collection::vec(any::<u8>(), 0..4)];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| {
        let mut bytes = pieces.concat();
        // What would end the line or the string does not belong here.
        bytes.retain(|&b| b != b'\n');
        let mut safe = Vec::new();
        let mut rest = &bytes[..];
        while let [byte, tail @ ..] = rest {
            let escape = match (byte, tail.first()) {
                (b'\\', Some(b'"' | b'\\' | b'n' | b'r' | b't' | b'b')) => 2,
                (b'\\', Some(b'u'))
                    if tail.len() > 4 && tail[1..5].iter().all(u8::is_ascii_hexdigit) =>
                {
                    6
                }
                (b'\\' | b'"', _) => 0,
                _ => 1,
            };
            safe.extend_from_slice(&rest[..escape]);
            rest = &rest[escape.max(1)..];
        }
        safe
    })
}

/// Records of several producers, with a hostile string wherever one can stand.
fn record() -> impl Strategy<Value = Vec<u8>> {
    record_of(hostile())
}

/// Records of several producers, with such a string wherever one can stand.
pub(crate) fn record_of(string: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    const SHAPES: &[&str] = &[
        r#"{"level":"§","time":"§","logger":"§","message":"§","§":"§","o":{"§":["§"]},"n":1}"#,
        r#"{"task_uuid":"§","task_level":[1],"timestamp":1795177294.5,"action_type":"§","action_status":"started","§":"§"}"#,
        r#"{"task_uuid":"§","task_level":[2],"timestamp":1795177294.6,"action_type":"§","action_status":"failed","exception":"§","reason":"§","pid":"§"}"#,
        r#"{"task_uuid":"x","task_level":[3,4,2],"timestamp":"§","message_type":"§","host":"§","service":"§","traceback":"§"}"#,
        r#"{"name":"§","levelno":40,"levelname":"§","message":"§","created":1795177294.5,"hostname":"§","service":"§","process":"§","exc_text":"§","context":{"key":"0@§/1/§","§":"§"},"dl":{"event":"§","status":"§"}}"#,
        r#"{"name":"a","levelno":40,"message":"FAILED §","created":1795177294.5,"context":{"key":"0@§"},"funcName":"__exit__","exc_text":"§"}"#,
        r#"{"dl":{"kind":"tree"},"tree":"§","scheme":"§","status":"failed","start":"§","records":1,"processes":["§","§"],"errors":1,"exception":"§","root":{"node":"§","name":"§","status":"failed","flags":["§"],"process":"§","exception":"§","records":[{"message":"§","level":"error"}],"children":[{"node":"/§","records":["§"],"children":[],"process":"§"}]}}"#,
        r#"{"dl":{"kind":"tree"},"tree":"§","root":"§"}"#,
        r#"{"level":30,"time":1795177294500,"pid":1,"hostname":"§","msg":"§","err":{"stack":"§"}}"#,
        r#"{"§":"§"}"#,
    ];
    (
        prop::sample::select(SHAPES),
        prop::collection::vec(string, 20),
    )
        .prop_map(|(shape, strings)| {
            let mut out = Vec::new();
            for (at, part) in shape.split('§').enumerate() {
                if at > 0 {
                    out.extend_from_slice(&strings[at % strings.len()]);
                }
                out.extend_from_slice(part.as_bytes());
            }
            out
        })
}

/// Characters that could command a terminal or turn text around; a newline is ours.
fn is_hostile(c: char) -> bool {
    c != '\n' && c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is wrong with the output that was made of `what`, if anything is.
pub(crate) fn harm(out: &[u8], what: &[u8]) -> Result<(), String> {
    let text =
        std::str::from_utf8(out).map_err(|error| format!("{error} in {}", out.escape_ascii()))?;
    match text.char_indices().find(|&(_, c)| is_hostile(c)) {
        None => Ok(()),
        Some((at, bad)) => {
            let near = &out[at.saturating_sub(60)..out.len().min(at + 20)];
            Err(format!(
                "{bad:?} near {}\ncomes from {}",
                near.escape_ascii(),
                what.escape_ascii()
            ))
        }
    }
}

/// The same for JSON, where what is hostile stands as an escape, and marks of direction are text.
pub(crate) fn harm_of_json(out: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(out).map_err(|error| error.to_string())?;
    match text.chars().find(|&c| c != '\n' && c.is_control()) {
        None => Ok(()),
        Some(bad) => Err(format!("{bad:?} in {text}")),
    }
}

#[track_caller]
fn check_harmless(out: &[u8], what: &[u8]) {
    if let Err(harm) = harm(out, what) {
        panic!("{harm}");
    }
}

/// Takes out the colours that a view has put in, and only those.
pub(crate) fn without_colors(out: &[u8]) -> Vec<u8> {
    let colors = regex::bytes::Regex::new("\x1b\\[[0-9;]{1,16}m").expect("a pattern");
    colors.replace_all(out, &b""[..]).into_owned()
}

/// What is wrong with rows of one record.
fn verified(format: Format, out: &[u8]) -> Result<(), String> {
    if format == Format::Csv {
        let rows: Vec<_> = csv::Reader::from_reader(out).into_records().collect();
        return match rows.as_slice() {
            [Ok(row)] if row.len() == 4 => Ok(()),
            other => Err(format!("{other:?}")),
        };
    }
    let lines = if format == Format::Json { 1 } else { 3 };
    let bad = |&byte: &u8| byte < 0x20 && byte != b'\n';
    if out.iter().any(bad) || newlines(out) != lines {
        return Err(String::from_utf8_lossy(out).into_owned());
    }
    Ok(())
}

fn styles() -> [Style; 2] {
    [Palette::default(), Palette::colored()].map(|palette| Style {
        palette,
        width: 60,
        ..Style::default()
    })
}

proptest! {
    #![proptest_config(tries(400))]

    #[test]
    fn no_view_lets_a_control_character_through(line in record()) {
        for style in styles() {
            let colored = style.palette.dim != Palette::default().dim;
            let clean = |out: &[u8]| if colored { without_colors(out) } else { out.to_vec() };
            let mut out = Vec::new();
            let is_record = LineView::new(style.clone(), &LineOptions::default()).show(&line[..], &mut out).expect("a record");
            prop_assert_eq!(harm(&clean(&out), &line), Ok(()));
            prop_assert_eq!(is_record, out.ends_with(b"\n"));
            let chosen = Columns::parse("message,raw=.message,.context,tree").expect("four columns");
            for columns in [None, Some(&chosen)] {
                for format in [Format::Markdown, Format::Json, Format::Csv] {
                    let mut rows = Table::new(style.clone(), format, columns);
                    let mut out = Vec::new();
                    if rows.record(&line, &mut out).expect("a record") {
                        rows.finish(&mut out);
                        prop_assert_eq!(verified(format, &out), Ok(()));
                    }
                }
            }
            let mut table = Table::new(style.clone(), Format::Table, Some(&chosen));
            let mut out = Vec::new();
            table.record(&line, &mut out).expect("a record");
            table.finish(&mut out);
            prop_assert_eq!(harm(&clean(&out), &line), Ok(()));
            let mut table = Table::new(style.clone(), Format::Table, None);
            let mut out = Vec::new();
            let is_record = table.record(&line, &mut out).expect("a record");
            // What says that it is a tree and is none is left to the program.
            if let Ok(tree) = tree::read(&line) {
                table.tree(&tree, &mut out);
                let mut out = Vec::new();
                let all = TreeOptions { records: RecordsShown::All, ..TreeOptions::default() };
                TreeView::new(style.clone(), all, &LineOptions::default()).show(&tree, &mut out);
                prop_assert_eq!(harm(&clean(&out), &line), Ok(()));
                prop_assert!(out.ends_with(b"\n\n"));
            }
            table.finish(&mut out);
            prop_assert_eq!(harm(&clean(&out), &line), Ok(()));
            prop_assert!(Lines::new(&out).count() >= 2 || !is_record);
        }
    }
}

proptest! {
    #![proptest_config(tries(10))]

    #[test]
    fn no_program_lets_a_control_character_through(lines in prop::collection::vec(record(), 1..12)) {
        let input = lines.join(&b'\n');
        let trees = program("dl-tree").args(&["--loose", "pass"]).stdin(&input).output();
        for view in VIEWS.into_iter().chain([COLUMNS]) {
            for input in [&input, &trees] {
                let out = program("dl-fmt").args(view).args(&["--color", "never", "--foreign", "wrap"]).stdin(input).output();
                prop_assert_eq!(harm(&out, input), Ok(()));
                let (shown, given) = (Lines::new(&out).count(), Lines::new(input).count());
                prop_assert!(shown >= given, "{} lines for {} records", shown, given);
                let colored = program("dl-fmt").args(view).args(&["--color", "always", "--foreign", "wrap"]).stdin(input).output();
                let plain = without_colors(&colored);
                prop_assert!(plain == out, "{}\n{}", String::from_utf8_lossy(&plain), String::from_utf8_lossy(&out));
            }
        }
    }
}

/// The names in ids become names of nodes: these went to the terminal as they were.
#[test]
fn ids_are_no_way_around() {
    let check = |record: &str, view: &[&str]| {
        let tree = program("dl-tree").stdin(record).output();
        let out = program("dl-fmt").args(view).stdin(&tree).output();
        check_harmless(&out, record.as_bytes());
    };
    for view in VIEWS {
        check(
            r#"{"levelno":20,"created":1795177294.5,"context":{"key":"1@aaaa/\u001b[2J/\u009b1m"}}"#,
            view,
        );
        check(
            r#"{"levelno":20,"created":1795177294.5,"context":{"key":"1@\u001b[2J"}}"#,
            view,
        );
        check(
            r#"{"task_uuid":"\u001b[2J\u202e","task_level":[1],"timestamp":1795177294.5}"#,
            view,
        );
    }
}

#[test]
fn foreign_lines_are_harmless_on_a_terminal() {
    // `script` gives the program a terminal for its standard output.
    let hostile = "mud \x1b[2J \x1b]0;owned\x07\n{\"message\":\"\x1b[2Jm\"}\n";
    let dir = crate::support::Dir::new();
    let file = dir.file("hostile", hostile);
    let command = format!(
        "{} --color never --no-pager {}",
        env!("CARGO_BIN_EXE_dl-fmt"),
        file.display()
    );
    let output = std::process::Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("DISTLOG_CONFIG", "")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("script runs");
    let out = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    check_harmless(out.as_bytes(), hostile.as_bytes());
    assert!(
        out.starts_with("mud \\x1b[2J \\x1b]0;owned\\x07\n"),
        "{out}"
    );
    assert!(output.status.success());
}

#[test]
fn colours_are_where_they_are_asked_for() {
    let record = "{\"level\":\"error\",\"message\":\"m\"}\n";
    let is_colored = |args: &[&str], env: &[(&str, &str)]| {
        let fmt = env
            .iter()
            .fold(program("dl-fmt").args(args), |fmt, (name, value)| {
                fmt.env(name, value)
            });
        fmt.stdin(record).output().contains(&0x1B)
    };
    assert!(!is_colored(&[], &[]));
    assert!(!is_colored(
        &["--color", "never"],
        &[("CLICOLOR_FORCE", "1")]
    ));
    assert!(is_colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(is_colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_colored(
        &[],
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
    ));
    assert!(!is_colored(&[], &[("CLICOLOR_FORCE", "0")]));
}

#[test]
fn no_sample_sends_an_escape() {
    let samples = samples();
    for view in VIEWS {
        let out = program("dl-fmt")
            .args(view)
            .args(&["--color", "never", "--foreign", "wrap"])
            .files(&samples)
            .output();
        check_harmless(&out, b"the samples");
    }
}

#[test]
fn every_foreign_line_is_in_every_view() {
    let input = "mud one\n{\"message\":\"record\"}\nmud two\n{\"dl\":{\"kind\":\"tree\"},\"tree\":\"no tree\",\"root\":5}\n";
    for view in VIEWS {
        let ran = program("dl-fmt")
            .args(view)
            .arg("--stats")
            .stdin(input)
            .run();
        let out = String::from_utf8_lossy(&ran.stdout);
        for word in ["mud one", "record", "mud two", "kind"] {
            let squeezed: String = out.split_whitespace().collect();
            assert!(
                squeezed.contains(&word.replace(' ', "")),
                "{view:?}: {word} in\n{out}"
            );
        }
        assert_eq!(
            ran.stderr,
            "dl-fmt: 4 read, 4 written, 0 filtered, 0 rejected\n"
        );
    }
}
