//! What every sample looks like: lines, and pictures of its trees in three widths, with and
//! without colours. `UPDATE=1 cargo nextest run views` writes tests/data/views anew.
//!
//! A snapshot has the lines once, because no width changes them, which is checked; pictures for
//! each width; and of both the beginning with its colours, which must be all that they add.

use std::{fmt::Write, fs, path::Path};

use distlog::{
    record::Lines,
    render::{LineOptions, LineView, Palette, Style, TreeOptions, TreeView, write_foreign},
    tree,
};

use super::without_colors;
use crate::support::{program, root, samples};

const WIDTHS: [usize; 3] = [60, 100, 140];
/// Lines of a snapshot's part: what repeats itself need not be looked at.
const SHOWN: usize = 60;
/// Lines with colours.
const COLORED: usize = 8;

fn style(width: usize, colored: bool) -> Style {
    Style {
        width,
        palette: if colored {
            Palette::colored()
        } else {
            Palette::default()
        },
        ..Style::default()
    }
}

/// What dl-fmt makes of the lines.
fn shown(input: &[u8], style: &Style) -> String {
    let mut lines = LineView::new(style.clone(), &LineOptions::default());
    let mut trees = TreeView::new(
        style.clone(),
        TreeOptions::default(),
        &LineOptions::default(),
    );
    let mut out = Vec::new();
    for line in Lines::new(input) {
        match lines.show(line, &mut out) {
            Ok(true) => {}
            Ok(false) => trees.show(&tree::read(line).expect("a tree"), &mut out),
            Err(_) => write_foreign(line, style, &mut out),
        }
    }
    String::from_utf8(out).expect("views are text")
}

fn head(text: &str, most: usize) -> String {
    let mut lines = text.lines();
    let mut out = String::new();
    for line in lines.by_ref().take(most) {
        let _ = writeln!(out, "{}", line.replace('\x1b', "^["));
    }
    match lines.count() {
        0 => {}
        more => {
            let _ = writeln!(out, "[{more} lines more]");
        }
    }
    out
}

/// The snapshot of a sample; nothing if no record is in it.
fn snapshot(path: &Path) -> Option<String> {
    let input = fs::read(path).expect("a sample");
    let trees = program("dl-tree").stdin(&input).run();
    assert_eq!(trees.status, 0, "{}: {}", path.display(), trees.stderr);
    let mut out = String::new();
    let mut colors = String::new();
    for (what, input) in [("lines", &input), ("trees", &trees.stdout)] {
        let views = WIDTHS.map(|width| shown(input, &style(width, false)));
        for (width, plain) in WIDTHS.iter().zip(&views) {
            let colored = shown(input, &style(*width, true));
            let stripped = without_colors(colored.as_bytes());
            assert_eq!(
                String::from_utf8_lossy(&stripped),
                *plain,
                "{}",
                path.display()
            );
        }
        if views[0].is_empty() {
            continue;
        }
        if what == "lines" {
            assert!(
                views.iter().all(|view| *view == views[0]),
                "{}",
                path.display()
            );
            let _ = write!(out, "--- lines\n{}", head(&views[0], SHOWN));
        } else {
            for (width, view) in WIDTHS.iter().zip(&views) {
                let _ = write!(out, "--- trees in {width} columns\n{}", head(view, SHOWN));
            }
        }
        let colored = shown(input, &style(100, true));
        let _ = write!(colors, "--- {what} in colours\n{}", head(&colored, COLORED));
    }
    (!out.is_empty()).then_some(out + &colors)
}

#[test]
fn every_sample_looks_as_it_did() {
    let folder = root().join("tests/data/views");
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut paths = samples();
    paths.push(root().join("tests/data/shop.ndjson"));
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "ndjson")
    });
    for path in paths {
        let Some(is) = snapshot(&path) else {
            continue;
        };
        count += 1;
        let name = path.file_stem().expect("a name").to_string_lossy();
        let file = folder.join(format!("{name}.txt"));
        if update {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&file, &is).expect("the folder is writable");
            continue;
        }
        let was = fs::read_to_string(&file).unwrap_or_default();
        if was != is {
            let at = was.lines().zip(is.lines()).position(|(was, is)| was != is);
            let at = at.unwrap_or_else(|| was.lines().count().min(is.lines().count()));
            let line = |text: &str| text.lines().nth(at).unwrap_or_default().to_owned();
            wrong.push(format!(
                "{}:{}\n- {}\n+ {}",
                file.display(),
                at + 1,
                line(&was),
                line(&is)
            ));
        }
    }
    assert!(count > 40, "only {count} samples have records");
    assert!(
        wrong.is_empty(),
        "UPDATE=1 writes them anew\n{}",
        wrong.join("\n")
    );
}
