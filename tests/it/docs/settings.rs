//! dl-config(5): every setting and every meaning of colours is told, and the example is one.

use std::fs;

use distlog::render::Palette;

use super::{example, manual};
use crate::programs::Sandbox;

#[test]
fn every_setting_is_in_the_manual() {
    let shown = Sandbox::new().run("dl-fmt --show-config");
    let shown = String::from_utf8_lossy(&shown.stdout);
    let names: Vec<_> = shown
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once(" ="))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 10, "{shown}");
    let manual = manual("dl-config.5");
    let terms: Vec<_> = manual
        .lines()
        .filter_map(|line| line.strip_prefix(".It Cm "))
        .flat_map(|terms| terms.split(" , "))
        .collect();
    for name in names.iter().chain(&Palette::MEANINGS) {
        assert!(terms.contains(name), "{name}");
    }
    for theme in Palette::THEMES {
        assert!(manual.contains(theme), "{theme}");
    }
}

#[test]
fn the_example_is_a_file_of_settings() {
    let manual = manual("dl-config.5");
    let (_, file) = example(&manual, "config.toml");
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("config.toml"), file).expect("a file");
    let ran = sandbox.run("DISTLOG_CONFIG=config.toml dl-fmt --show-config");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let shown = String::from_utf8_lossy(&ran.stdout);
    let set = file.lines().filter(|line| line.contains(" = ")).count();
    // Those of the theme stand there without their places.
    assert_eq!(
        shown.matches("# config.toml:").count(),
        set - 3 + 1,
        "{shown}"
    );
}
