//! The page of `dl-fmt --to html`: whatever a record says, it is text in the page, and the
//! same text. What a browser makes of the page is tested in tests/browser.

use std::sync::OnceLock;

use distlog::{
    record::{Cursor, Refused, unescape},
    render::{HtmlHeads, HtmlPage, HtmlPieces},
    tree::{self, Tree},
};
use proptest::prelude::*;

use crate::{
    fmt::{hostile, record_of},
    support::{program, samples},
    tries::tries,
};

/// A page of nothing.
static EMPTY: OnceLock<String> = OnceLock::new();

const BEGIN: &str = "<script type=\"application/json\" class=\"data\">\n";
const END: &str = "</script>\n";

/// The blocks of data of a page.
fn blocks(page: &str) -> Vec<&str> {
    let cut = |rest: &'_ str| rest.find(END).map(|end| (end, end + END.len()));
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find(BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let (end, next) = cut(rest).expect("a block ends");
        blocks.push(&rest[..end]);
        rest = &rest[next..];
    }
    blocks
}

/// What HTML, or who looks for lines, could take for something else.
fn is_markup(c: char) -> bool {
    c != '\n' && (c < ' ' || matches!(c, '<' | '>' | '&' | '\u{7f}' | '\u{2028}' | '\u{2029}'))
}

/// Values, each with the keys that lead to it.
type Said = Vec<(String, String)>;

/// All that a record says: each value as it reads, with the keys that lead to it.
fn said(line: &[u8]) -> Said {
    fn value(
        path: &str,
        cursor: Cursor<'_, '_>,
        out: &mut Vec<(String, String)>,
    ) -> Result<(), Refused> {
        if cursor.is_object() {
            return cursor
                .members(|key, cursor| value(&format!("{path}.{}", unescape(key)), cursor, out));
        }
        out.push((path.to_owned(), unescape(cursor.value()?.raw)));
        Ok(())
    }
    let mut out = Vec::new();
    Cursor::line(line, |key, cursor| value(&unescape(key), cursor, &mut out)).expect("a record");
    out
}

/// Everything that a tree tells, with its records apart.
fn told(line: &[u8]) -> Option<(String, Vec<Said>)> {
    let tree = tree::read(line).ok()?;
    let records = tree.records.iter().map(|record| said(record)).collect();
    let bare = Tree {
        records: Vec::new(),
        ..tree
    };
    Some((format!("{bare:?}"), records))
}

/// A page of some lines.
fn page(lines: &[Vec<u8>]) -> (String, usize) {
    let mut heads = HtmlHeads::default();
    let mut pieces = HtmlPieces::default();
    let mut page = HtmlPage::default();
    let mut out = Vec::new();
    page.begin("errors", &mut out);
    let mut added = 0;
    for line in lines {
        pieces.clear();
        added += usize::from(heads.add(line, &mut pieces).is_ok());
        page.add(&pieces, &mut out);
    }
    page.finish(&mut out);
    (String::from_utf8(out).expect("UTF-8"), added)
}

proptest! {
    #![proptest_config(tries(150))]

    #[test]
    fn no_record_becomes_markup_and_none_is_changed(lines in prop::collection::vec(markup(), 1..4)) {
        let (page, added) = page(&lines);
        let mut shown = blocks(&page).into_iter().flat_map(str::lines);
        let mut read = 0;
        for line in &lines {
            let tree = told(line);
            let is_tree = line.starts_with(br#"{"dl":{"kind":"tree"}"#);
            if is_tree && tree.is_none() {
                continue;
            }
            read += 1;
            let head = shown.next().unwrap_or_else(|| panic!("a head of {}", line.escape_ascii()));
            let head: serde_json::Value = serde_json::from_str(head).expect("JSON of ours");
            prop_assert_eq!(&head[0], if is_tree { "t" } else { "r" });
            if let Some((_, records)) = &tree {
                let notes: serde_json::Value = serde_json::from_str(shown.next().expect("notes")).expect("JSON of ours");
                prop_assert_eq!(notes[1].as_array().map(Vec::len), Some(records.len()));
            }
            let body = shown.next().expect("a line");
            if tree.is_some() {
                prop_assert_eq!(told(body.as_bytes()), tree);
            } else {
                prop_assert_eq!(said(body.as_bytes()), said(line));
            }
        }
        prop_assert_eq!(shown.next(), None);
        prop_assert_eq!(read, added);
        for block in blocks(&page) {
            prop_assert_eq!(block.chars().find(|&c| is_markup(c)), None);
        }
        // No tag has come in beside those of the page and its blocks.
        let empty = EMPTY.get_or_init(|| self::page(&[]).0);
        let tags = |page: &str| page.matches('<').count();
        prop_assert_eq!(tags(&page), tags(empty) + 2 * blocks(&page).len());
    }
}

/// Records with markup in their strings, beside what commands a terminal.
fn markup() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "</script>",
        "<script>",
        "<!--",
        "-->",
        "]]>",
        "&lt;",
        "&",
        "<",
        ">",
        "\\\\<",
        "\\u003c",
        "\u{2028}",
        "\u{2029}",
        "<img src=x onerror=alert(1)>",
        "\\u2028",
        "{{script}}",
        "é",
        "__proto__",
        "\\/script",
    ];
    let piece = prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec());
    let pieces = prop::collection::vec(prop_oneof![3 => piece, 1 => hostile()], 0..4);
    record_of(pieces.prop_map(|pieces| pieces.concat()))
}

#[test]
fn all_samples_are_on_the_page() {
    let samples = samples();
    // Lines that are no records are rejected there, which is said.
    let input = program("dl-tree")
        .args(&["--loose", "pass"])
        .files(&samples)
        .run()
        .stdout;
    let page = program("dl-fmt")
        .args(&["--to", "html", "--stats"])
        .stdin(&input)
        .run();
    let text = String::from_utf8(page.stdout).expect("UTF-8");
    let heads = |kind: &str| {
        blocks(&text)
            .iter()
            .flat_map(|block| block.lines())
            .filter(|line| line.starts_with(kind))
            .count()
    };
    let (trees, records) = (heads("[\"t\""), heads("[\"r\""));
    assert!(trees > 40 && records > 200, "{trees} {records}");
    let totals = format!("id=\"totals\">[{trees},{records}]</script>\n</body>\n</html>\n");
    assert!(text.ends_with(&totals), "{}", &text[text.len() - 200..]);
    let written = format!("{} written", trees + records);
    assert!(page.stderr.contains(&written), "{written}: {}", page.stderr);
    for block in blocks(&text) {
        assert_eq!(block.chars().find(|&c| is_markup(c)), None);
    }
}

#[test]
fn the_same_input_makes_the_same_page() {
    let input = program("dl-tree").files(&samples()).run().stdout;
    let page = |jobs: &str| {
        program("dl-fmt")
            .args(&["--to", "html", "-j", jobs])
            .stdin(&input)
            .output()
    };
    assert!(
        page("1") == page("2"),
        "the page depends on the number of workers"
    );
}
