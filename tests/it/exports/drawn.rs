//! Graphs, drawn by Graphviz.

use std::process::{Command, Stdio};

use distlog::render::export::Dot;
use proptest::prelude::*;

use super::{document, made, made::Line};
use crate::{
    support::{Dir, Kill, wait_for_end},
    tries::tries,
};

/// What `dot` makes of a graph, as SVG.
fn draw(graph: &[u8]) -> String {
    let dir = Dir::new();
    let file = dir.file("graph.dot", graph);
    let words = dir.path("words");
    let stderr = std::fs::File::create(&words).expect("a file");
    let mut command = Command::new("dot");
    command
        .arg("-Tsvg")
        .arg("-o")
        .arg(dir.path("graph.svg"))
        .arg(file);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr);
    let mut child = Kill(
        command
            .spawn()
            .expect("graphviz is installed (scripts/test)"),
    );
    let status = wait_for_end(&mut child);
    let words = std::fs::read_to_string(words).expect("what it said");
    // Without fonts it says so, and draws all the same.
    let complaint = words
        .lines()
        .find(|line| line.contains("rror") || line.contains("syntax"));
    assert_eq!(
        (status, complaint),
        (0, None),
        "{words}\n{}",
        String::from_utf8_lossy(graph)
    );
    std::fs::read_to_string(dir.path("graph.svg")).expect("a picture")
}

proptest! {
    #![proptest_config(tries(12))]

    #[test]
    fn every_scope_is_in_the_picture(lines in prop::collection::vec(made::tree(), 0..4)) {
        let svg = draw(&document(&mut Dot::default(), &lines));
        let nodes = |line: &Line| distlog::tree::read(&line.0).expect("a tree").nodes.len();
        let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
        prop_assert_eq!(count("node"), lines.iter().map(nodes).sum::<usize>());
        prop_assert_eq!(count("edge"), lines.iter().map(|line| nodes(line) - 1).sum::<usize>());
        prop_assert_eq!(count("cluster"), lines.len());
        let document = characters(&svg);
        prop_assert!(document.is_ok(), "{:?}", document);
    }
}

/// Whether the picture is well-formed XML as far as its characters go.
fn characters(svg: &str) -> Result<(), char> {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    svg.chars().find(|&c| !is_allowed(c)).map_or(Ok(()), Err)
}

#[test]
fn names_stand_in_the_picture_as_they_are() {
    let name = r#"a \"b\" \\n \\N <i> &amp; {x|y}"#;
    let tree = format!(
        r#"{{"dl":{{"kind":"tree"}},"tree":"t","root":{{"name":"{name}","records":[],"children":[]}}}}"#
    );
    let svg = draw(&document(&mut Dot::default(), &[Line(tree.into_bytes())]));
    let shown = r"a &quot;b&quot; \n \N &lt;i&gt; &amp;amp; {x|y}";
    assert!(svg.contains(&format!(">{shown}</text>")), "{svg}");
}
