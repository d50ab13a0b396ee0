//! Documents of streams: the first element at once, and the end whatever happens.

use crate::support::{program, root};

/// The trees of the shop.
fn shop() -> Vec<u8> {
    program("dl-tree")
        .arg(root().join("tests/data/shop.ndjson"))
        .run()
        .stdout
}

#[test]
fn what_has_come_is_written_at_once() {
    let trees = shop();
    let mut trees = trees.split_inclusive(|&byte| byte == b'\n');
    let (first, second) = (
        trees.next().expect("a tree"),
        trees.next().expect("another"),
    );
    for view in [
        "chrome",
        "jaeger",
        "zipkin",
        "speedscope",
        "dot",
        "otlp",
        "folded",
    ] {
        let mut running = program("dl-fmt").args(&["--to", view]).start();
        running.write(first);
        // The head, or the first that there is of the tree, while more may come.
        let mut begun = running.line();
        running.write(second);
        // Before an element there is a comma and the end of a line.
        begun += &running.line();
        running.signal(rustix::process::Signal::TERM);
        let ran = running.end();
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{view}");
        let out = [begun.as_bytes(), &ran.stdout].concat();
        let judge: super::Judge = match view {
            "chrome" => super::judges::chrome,
            "jaeger" => super::judges::jaeger,
            "zipkin" => super::judges::zipkin,
            "speedscope" => super::judges::speedscope,
            "otlp" => super::judges::otlp,
            "folded" => super::judges::folded,
            _ => super::judges::lines,
        };
        assert_eq!(judge(&out), Ok(()), "{view}");
    }
}

#[test]
fn the_output_does_not_depend_on_workers() {
    let trees = shop().repeat(8);
    for view in [
        "chrome",
        "otlp",
        "jaeger",
        "zipkin",
        "folded",
        "speedscope",
        "dot",
        "eliot",
        "gelf",
    ] {
        let out = |jobs: &str| {
            program("dl-fmt")
                .args(&["--to", view, "--jobs", jobs])
                .stdin(&trees)
                .output()
        };
        assert!(out("1") == out("4"), "{view}");
    }
}

#[test]
fn an_input_that_breaks_off_still_is_a_document() {
    let trees = [shop(), b"no record\n".to_vec(), shop()].concat();
    for (view, judge) in [
        ("jaeger", super::judges::jaeger as super::Judge),
        ("chrome", super::judges::chrome),
    ] {
        let ran = program("dl-fmt")
            .args(&["--to", view, "--foreign", "fail"])
            .stdin(&trees)
            .run();
        assert_eq!(ran.status, 2);
        assert_eq!(judge(&ran.stdout), Ok(()), "{view}");
        let whole = program("dl-fmt").args(&["--to", view]).stdin(&trees).run();
        assert!(whole.stdout.len() > ran.stdout.len());
    }
}
