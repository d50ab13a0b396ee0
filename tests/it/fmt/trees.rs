//! Pictures of trees: whatever shares a line or is too deep, nothing is lost.

use std::fmt::Write;

use distlog::{
    render::{LineOptions, RecordsShown, Style, TreeOptions, TreeView},
    tree,
};
use proptest::prelude::*;

use crate::{
    support::{newlines, program},
    tries::tries,
};

/// A scope: its name, how it ended, whether it has a warning, and what is below it.
#[derive(Clone, Debug)]
struct Scope {
    name: u8,
    failed: bool,
    warns: bool,
    below: Vec<Scope>,
}

fn scope() -> impl Strategy<Value = Scope> {
    // Few names, and few failures, so that there are runs.
    let leaf = (
        0_u8..2,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.05),
    );
    let one = |(name, failed, warns), below| Scope {
        name,
        failed,
        warns,
        below,
    };
    leaf.clone()
        .prop_map(move |what| one(what, Vec::new()))
        .prop_recursive(3, 60, 12, move |inner| {
            let below = prop_oneof![
                prop::collection::vec(inner.clone(), 0..8),
                (inner, 1_usize..12).prop_map(|(same, times)| vec![same; times]),
            ];
            (leaf.clone(), below).prop_map(move |(what, below)| one(what, below))
        })
}

impl Scope {
    fn write(&self, out: &mut String) {
        let status = if self.failed { "failed" } else { "succeeded" };
        let record = r#"{"level":"warning","message":"careful"}"#;
        let _ = write!(
            out,
            r#"{{"node":"n","name":"n{}","status":"{status}","duration":0.5,"records":[{}],"children":["#,
            self.name,
            if self.warns { record } else { "" }
        );
        for (at, scope) in self.below.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            scope.write(out);
        }
        out.push_str("]}");
    }

    /// How many scopes there are, how many failed and how many warn.
    fn count(&self) -> [usize; 3] {
        let own = [1, usize::from(self.failed), usize::from(self.warns)];
        self.below.iter().map(Scope::count).fold(own, |sum, more| {
            [sum[0] + more[0], sum[1] + more[1], sum[2] + more[2]]
        })
    }
}

fn shown(scope: &Scope, options: TreeOptions) -> String {
    let mut line = String::from(r#"{"dl":{"kind":"tree"},"tree":"t","duration":9,"root":"#);
    scope.write(&mut line);
    line.push('}');
    let tree = tree::read(line.as_bytes()).expect("a tree");
    let style = Style {
        ascii: true,
        ..Style::default()
    };
    let mut out = Vec::new();
    TreeView::new(style, options, &LineOptions::default()).show(&tree, &mut out);
    String::from_utf8(out).expect("a text")
}

/// The number behind `before` on a line.
fn number(line: &str, before: &str) -> Option<usize> {
    let (_, rest) = line.split_once(before)?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// How many scopes the lines stand for, how many failed and how many warn.
fn told(picture: &str) -> [usize; 3] {
    let mut sum = [0; 3];
    for line in picture.lines().skip(1).filter(|line| !line.is_empty()) {
        if let Some(left) = number(line, "... ") {
            sum[0] += left;
            sum[1] += line.rsplit_once(", ").map_or(0, |(_, rest)| {
                number(rest, "").expect("a number of failed scopes")
            });
        } else if line.contains("careful") {
            sum[2] += 1;
        } else {
            let below = number(line, "  with ").unwrap_or(0);
            sum[0] += number(line, " x ").unwrap_or(1) * (1 + below);
            sum[1] += usize::from(line.contains("x n"));
        }
    }
    sum
}

proptest! {
    #![proptest_config(tries(300))]

    #[test]
    fn no_scope_is_lost_and_no_failure_hidden(
        scope in scope(),
        depth in prop::option::of(0_usize..4),
        unfolded in any::<bool>(),
    ) {
        let records = RecordsShown::Errors;
        let options = TreeOptions { records, depth, unfolded };
        let picture = shown(&scope, options);
        let [scopes, failed, warn] = scope.count();
        let found = told(&picture);
        prop_assert_eq!([found[0], found[1]], [scopes, failed], "{}", &picture);
        // What is too deep takes its records along.
        prop_assert!(found[2] == warn || depth.is_some(), "{}", &picture);
    }
}

#[test]
fn loops_of_loops_share_a_line() {
    let leaf = Scope {
        name: 1,
        failed: false,
        warns: false,
        below: Vec::new(),
    };
    let inner = Scope {
        name: 0,
        below: vec![leaf.clone(); 2],
        ..leaf.clone()
    };
    let root = Scope {
        below: vec![inner; 4],
        ..leaf
    };
    let picture = shown(&root, TreeOptions::default());
    assert!(picture.contains("`- + n0 x 4"), "{picture}");
    assert!(
        picture.contains("500ms-500ms each  with 2 scopes"),
        "{picture}"
    );
    assert_eq!(picture.lines().count(), 4, "{picture}");
}

#[test]
fn trees_of_any_depth_are_trees_for_all_programs() {
    const LEVELS: usize = 3_000;
    let records = (0..LEVELS).fold(String::new(), |mut all, level| {
        let above = level.checked_sub(1);
        let above = above.map_or("null".to_owned(), |above| format!(r#""s{above}""#));
        let time = 1_795_177_294 + level;
        let _ = writeln!(
            all,
            r#"{{"id":"s{level}","above":{above},"time":{time},"message":"m"}}"#
        );
        all
    });
    let ids = ["--id", "id", "--parent", "above"];
    let made = |args: &[&str], input: &[u8]| {
        let ran = program("dl-tree").args(args).stdin(input).run();
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{args:?}");
        ran.stdout
    };
    let tree = made(&ids, records.as_bytes());
    assert_eq!(newlines(&tree), 1);
    let flat = made(&["--flatten"], &tree);
    assert_eq!(newlines(&flat), LEVELS);
    assert!(flat == made(&[&ids[..], &["--flatten"]].concat(), records.as_bytes()));
    let last = format!("node == s{}", LEVELS - 1);
    let selected = made(&["--select", &last], &tree);
    assert!(selected.len() > tree.len() / 2 && newlines(&selected) == 1);
    assert_eq!(made(&["--select", "node == none"], &tree), b"");
    let picture = program("dl-fmt").stdin(&tree).output();
    let picture = String::from_utf8(picture).expect("text");
    for level in [0, 98, 99, 100, 101, LEVELS - 1] {
        let end = format!(" s{level} ");
        let line = picture.lines().find(|line| line.contains(&end));
        let line = line.unwrap_or_else(|| panic!("{end} is missing"));
        let deepest = 400;
        assert!(line.chars().count() < deepest, "{line}");
        assert_eq!(line.starts_with("..."), level > 100, "{line}");
    }
}
